/**
 * Where a UTF-8 text may be cut: the largest offset `<= at` in `[begin, at]` that does not lie inside a character.
 *
 *   … 61 | e4 b8 ad | 62 …      at = behind b8 gives the offset of e4
 *
 * Bytes that are not UTF-8 are no reason to go back far: after three continuation bytes `at` itself is the answer.
 * `bytes[at]` need not exist.
 */
export function utf8Cut(bytes: Uint8Array, begin: number, at: number): number {
  let lead = at - 1;
  const lowest = Math.max(begin, at - 4);
  while (lead >= lowest && (bytes[lead] & 0xc0) === 0x80) lead--;
  if (lead < lowest) return at;
  return lead + utf8Length(bytes[lead]) > at && bytes[lead] >= 0xc2 ? lead : at;
}

/** Bytes of the character that begins with this byte; 1 for a byte that begins none. */
export function utf8Length(lead: number): number {
  if (lead < 0xc2) return 1;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 1;
}
