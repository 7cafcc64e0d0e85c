/**
 * Turns offsets in UTF-16 units of the text of `bytes[begin…]` into byte offsets, in place; negative ones stay. The
 * bytes must be valid UTF-8 as far as the offsets reach, and no offset may be inside a surrogate pair.
 *
 *   bytes  2   1   1   1   3       3             4        1
 *   text   é   =   1   ,   中      文            😀        .
 *   units  0   1   2   3   4       5             6  (7)   8
 *
 * Begins mostly grow from group to group, so each search goes on from the last begin.
 */
export function unitsToBytes(bytes: Uint8Array, begin: number, offsets: Int32Array): void {
  let unit = 0, at = begin;
  for (let i = 0; i < offsets.length; i += 2) {
    const first = offsets[i], last = offsets[i + 1];
    if (first < 0) continue;
    if (first < unit) unit = 0, at = begin;
    while (unit < first) {
      const step = sequenceLength(bytes[at]);
      at += step;
      unit += step === 4 ? 2 : 1;
    }
    offsets[i] = at - begin;
    let endUnit = unit, end = at;
    while (endUnit < last) {
      const step = sequenceLength(bytes[end]);
      end += step;
      endUnit += step === 4 ? 2 : 1;
    }
    offsets[i + 1] = end - begin;
  }
}

function sequenceLength(lead: number): number {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}
