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

/**
 * First position from `i` on that {@linkcode specialBytes} would mark, `end` when there is none before it. Looks at
 * nothing from `end` on.
 */
export function plainEnd(view: DataView, i: number, end: number): number {
  let special = 0;
  for (const wide = end - 16; i <= wide; i += 16) {
    if ((special = specialBytes(view.getInt32(i, true))) !== 0) return i + lowestLane(special);
    if ((special = specialBytes(view.getInt32(i + 4, true))) !== 0) return i + 4 + lowestLane(special);
    if ((special = specialBytes(view.getInt32(i + 8, true))) !== 0) return i + 8 + lowestLane(special);
    if ((special = specialBytes(view.getInt32(i + 12, true))) !== 0) return i + 12 + lowestLane(special);
  }
  for (const whole = end - 4; i <= whole; i += 4) {
    if ((special = specialBytes(view.getInt32(i, true))) !== 0) return i + lowestLane(special);
  }
  for (; i < end; i++) {
    const byte = view.getUint8(i);
    if (byte < 0x20 || byte === 0x22 || byte === 0x5c) return i;
  }
  return end;
}

function lowestLane(special: number): number {
  return (31 - Math.clz32(special & -special)) >> 3;
}
