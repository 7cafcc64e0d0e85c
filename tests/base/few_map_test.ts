import assert from "node:assert/strict";
import fc from "fast-check";
import { FewMap } from "../../src/base/few_map.ts";

Deno.test("FewMap holds what a Map holds when any keys are set", () => {
  fc.assert(fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer())), (entries) => {
    const few = new FewMap<number, number>();
    const plain = new Map<number, number>();
    for (const [key, value] of entries) {
      few.set(key, value);
      plain.set(key, value);
      for (let each = 0; each <= 4; each++) assert.equal(few.get(each), plain.get(each));
      assert.deepEqual(few.values(), [...plain.values()]);
    }
  }));
});
