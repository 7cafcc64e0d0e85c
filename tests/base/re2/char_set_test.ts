import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ANY,
  CODE_POINT_MAX,
  contains,
  intersect,
  negate,
  normalizeRanges,
  subtract,
  union,
} from "../../../src/base/re2/char_set.ts";

/** Small sets, so that ranges meet; with the ends of the code space now and then. */
const point = fc.oneof(fc.nat(40), fc.constantFrom(0, CODE_POINT_MAX, CODE_POINT_MAX - 1));
const set = fc.array(fc.tuple(point, fc.nat(5)), { maxLength: 6 }).map((pairs) =>
  normalizeRanges(pairs.flatMap(([lo, more]) => [lo, Math.min(CODE_POINT_MAX, lo + more)]))
);

Deno.test("normalizeRanges sorts and merges what overlaps or touches", () => {
  assert.deepEqual(normalizeRanges([10, 12, 1, 3, 4, 6, 11, 15, 20, 20]), [1, 6, 10, 15, 20, 20]);
  assert.deepEqual(normalizeRanges([5, 9, 6, 7]), [5, 9]);
  assert.deepEqual(normalizeRanges([]), []);
});

Deno.test("set operations agree with membership, and their results are proper sets", () => {
  fc.assert(fc.property(set, set, point, (a, b, at) => {
    assert.equal(contains(negate(a), at), !contains(a, at));
    assert.equal(contains(union(a, b), at), contains(a, at) || contains(b, at));
    assert.equal(contains(intersect(a, b), at), contains(a, at) && contains(b, at));
    assert.equal(contains(subtract(a, b), at), contains(a, at) && !contains(b, at));
    for (const result of [negate(a), union(a, b), subtract(a, b)]) {
      assert.deepEqual(normalizeRanges(result), result);
    }
    assert.deepEqual(negate(negate(a)), a);
  }));
});

Deno.test("negate turns nothing into everything", () => {
  assert.deepEqual(negate([]), ANY);
  assert.deepEqual(negate(ANY), []);
});
