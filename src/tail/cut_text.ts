import { utf8Cut } from "../base/utf8.ts";

/** Field of each piece of a split record: `1`, `2`, … and `n/n` on the last. */
export const SPLIT_KEY = "_split_";
/** Field (value `true`) of a record of which only the head was sent. */
export const TRUNCATED_KEY = "_truncated_";

/**
 * Where the text `bytes[begin, end)` is cut so that the first part has at most `bytesMax` bytes (at least one
 * character): not inside a UTF-8 character, and not inside or between the escapes of one character when the text is
 * JSON-escaped (`\u00e9`, `\ud83d\ude00`).
 */
export function cutText(
  bytes: Uint8Array,
  begin: number,
  end: number,
  bytesMax: number,
  escaped: boolean,
): number {
  if (end - begin <= bytesMax) return end;
  const cut = escaped
    ? escapedCut(bytes, begin, end, begin + bytesMax)
    : utf8Cut(bytes, begin, begin + bytesMax);
  if (cut > begin) return cut;
  // One character is longer than the limit.
  if (escaped) return Math.min(end, begin + unitLength(bytes, begin));
  let next = begin + 1;
  while (next < end && (bytes[next] & 0xc0) === 0x80) next++;
  return next;
}

/** Escapes can only be told apart from the front (`\\\\n` is two characters or one and a half): a walk, but rare. */
function escapedCut(bytes: Uint8Array, begin: number, end: number, limit: number): number {
  let at = begin;
  let cut = begin;
  while (at < end) {
    const next = at + unitLength(bytes, at);
    if (next > limit) break;
    at = next;
    cut = next;
  }
  return cut;
}

/** Bytes of the character at `at` as JSON writes it. */
function unitLength(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== 0x5c) {
    let length = 1;
    if (bytes[at] >= 0xc2) { while (length < 4 && (bytes[at + length] & 0xc0) === 0x80) length++; }
    return length;
  }
  if (bytes[at + 1] !== 0x75) return 2;
  const high = (bytes[at + 2] | 0x20) === 0x64 && /[89ab]/i.test(String.fromCharCode(bytes[at + 3]));
  return high && bytes[at + 6] === 0x5c && bytes[at + 7] === 0x75 ? 12 : 6;
}
