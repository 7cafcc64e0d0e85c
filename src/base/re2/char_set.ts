/**
 * A set of code points as sorted, disjoint, non-touching inclusive ranges: `[lo, hi, lo, hi, …]`.
 * Sets are never changed after they are made.
 */
export type CharSet = readonly number[];

export const CODE_POINT_MAX = 0x10ffff;

export const ANY: CharSet = [0, CODE_POINT_MAX];

/** Sorts and merges ranges in any order into a proper set. */
export function normalizeRanges(ranges: readonly number[]): CharSet {
  const pairs: [number, number][] = [];
  for (let i = 0; i < ranges.length; i += 2) pairs.push([ranges[i], ranges[i + 1]]);
  pairs.sort((a, b) => a[0] - b[0]);
  const out: number[] = [];
  for (const [lo, hi] of pairs) {
    const last = out.length - 1;
    if (last > 0 && lo <= out[last] + 1) {
      if (hi > out[last]) out[last] = hi;
    } else out.push(lo, hi);
  }
  return out;
}

/** All code points which are not in the set. */
export function negate(set: CharSet): CharSet {
  const out: number[] = [];
  let next = 0;
  for (let i = 0; i < set.length; i += 2) {
    if (next < set[i]) out.push(next, set[i] - 1);
    next = set[i + 1] + 1;
  }
  if (next <= CODE_POINT_MAX) out.push(next, CODE_POINT_MAX);
  return out;
}

/** Code points of either set. */
export function union(a: CharSet, b: CharSet): CharSet {
  return normalizeRanges([...a, ...b]);
}

/** Code points of both sets. */
export function intersect(a: CharSet, b: CharSet): CharSet {
  const out: number[] = [];
  let i = 0, j = 0;
  while (i < a.length && j < b.length) {
    const lo = Math.max(a[i], b[j]), hi = Math.min(a[i + 1], b[j + 1]);
    if (lo <= hi) out.push(lo, hi);
    if (a[i + 1] < b[j + 1]) i += 2;
    else j += 2;
  }
  return out;
}

/** Code points of `a` which are not in `b`. */
export function subtract(a: CharSet, b: CharSet): CharSet {
  return intersect(a, negate(b));
}

/** Tells whether the code point is in the set. */
export function contains(set: CharSet, codePoint: number): boolean {
  let lo = 0, hi = set.length / 2 - 1;
  while (lo <= hi) {
    const mid = (lo + hi) >> 1;
    if (codePoint < set[2 * mid]) hi = mid - 1;
    else if (codePoint > set[2 * mid + 1]) lo = mid + 1;
    else return true;
  }
  return false;
}
