/** Four bytes of a JSON string at once, in a number as `DataView.getInt32(…, true)` gives it. */
const HIGH_BITS = 0x80808080 | 0;
const ONES = 0x01010101;
const TWOS = 0x02020202;
const BEHIND_BLANK = 0x21212121;
const BACKSLASHES = 0x5c5c5c5c;

/**
 * Marks bytes below 0x20, quotes and backslashes: 0 if there are none, else the high bit of their lanes. The lowest
 * mark is exact; a borrow may set marks above it that mean nothing.
 *
 * With its second bit flipped a quote (0x22) becomes 0x20, a blank 0x22, and control characters stay below 0x20: so
 * one comparison with 0x21 finds both.
 */
export function specialBytes(word: number): number {
  const flipped = word ^ TWOS, backslashes = word ^ BACKSLASHES;
  return ((flipped - BEHIND_BLANK) & ~flipped | (backslashes - ONES) & ~backslashes) & HIGH_BITS;
}
