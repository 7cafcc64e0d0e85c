import assert from "node:assert/strict";
import { viewOf } from "../../src/base/byte_views.ts";

Deno.test("viewOf sees exactly the bytes of the array, not those around it", () => {
  const whole = Uint8Array.of(1, 2, 3, 4, 5, 6);
  const part = whole.subarray(2, 4);
  const view = viewOf(part);
  assert.deepEqual([view.byteLength, view.getUint16(0)], [2, 0x0304]);
  assert.throws(() => view.getUint8(2), RangeError);
});

Deno.test("viewOf gives the same view for the same array, however many others are asked for in between", () => {
  const arrays = Array.from({ length: 10 }, (_, i) => Uint8Array.of(i, i));
  const views = arrays.map(viewOf);
  for (const step of [1, 3, 7]) {
    for (let i = 0; i < 40; i++) {
      const at = (i * step) % arrays.length;
      assert.equal(viewOf(arrays[at]), views[at]);
      assert.equal(viewOf(arrays[at]).getUint8(0), at);
    }
  }
});
