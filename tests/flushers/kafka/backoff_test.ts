import assert from "node:assert/strict";
import fc from "fast-check";
import { backoffMs } from "../../../src/flushers/kafka/backoff.ts";

Deno.test("backoffMs doubles from the first pause to the longest when failures go on", () => {
  const longest = (failures: number) => backoffMs(failures, 100, 60_000, () => 1);
  assert.deepEqual([1, 2, 3, 4].map(longest), [100, 200, 400, 800]);
  assert.deepEqual([10, 11, 1_000_000].map(longest), [51_200, 60_000, 60_000]);
});

Deno.test("backoffMs stays in the upper half of its pause whatever the dice say", () => {
  fc.assert(fc.property(fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), (failures, dice) => {
    const whole = backoffMs(failures, 100, 60_000, () => 1);
    const ms = backoffMs(failures, 100, 60_000, () => dice);
    assert.ok(ms >= whole / 2 && ms <= whole);
  }));
});
