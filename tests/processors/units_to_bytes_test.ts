import assert from "node:assert/strict";
import fc from "fast-check";
import { unitsToBytes } from "../../src/processors/units_to_bytes.ts";

Deno.test("unitsToBytes places any parts of any text, in any order", () => {
  const unit = fc.constantFrom("a", "é", "中", "😀");
  const parts = fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 5 });
  fc.assert(fc.property(fc.array(unit, { maxLength: 20 }), parts, fc.nat(3), (characters, wanted, before) => {
    const encoder = new TextEncoder();
    const offset = (count: number) => characters.slice(0, count).join("");
    const bytes = encoder.encode("#".repeat(before) + characters.join(""));
    const pairs = wanted.map(([one, other]) => [Math.min(one, other), Math.max(one, other)]);
    const offsets = Int32Array.from([-1, -1, ...pairs.flat().map((count) => offset(count).length)]);
    unitsToBytes(bytes, before, offsets);
    const expected = [-1, -1, ...pairs.flat().map((count) => encoder.encode(offset(count)).length)];
    assert.deepEqual([...offsets], expected);
  }));
});
