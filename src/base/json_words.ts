/** Four bytes of a JSON string at once, in a number as `DataView.getInt32(…, true)` gives it. */
const HIGH_BITS = 0x80808080 | 0;
const ONES = 0x01010101;
const SPACES = 0x20202020;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;

/**
 * Marks bytes below 0x20, quotes and backslashes: 0 if there are none, else the high bit of their lanes. The lowest
 * mark is exact; a borrow may set marks above it that mean nothing.
 */
export function specialBytes(word: number): number {
  const quotes = word ^ QUOTES, backslashes = word ^ BACKSLASHES;
  return ((word - SPACES) & ~word | (quotes - ONES) & ~quotes | (backslashes - ONES) & ~backslashes) &
    HIGH_BITS;
}
