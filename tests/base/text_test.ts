import assert from "node:assert/strict";
import { isAscii, LATIN1_NATIVE, TextSlicer } from "../../src/base/text.ts";

Deno.test("LATIN1_NATIVE is seen when Deno is new enough", () => {
  const [major, minor] = Deno.version.deno.split(".").map(Number);
  if (major === 2 && minor < 5) assert.equal(LATIN1_NATIVE, false);
  if (major === 2 && minor === 9) assert.equal(LATIN1_NATIVE, true);
});

Deno.test("TextSlicer gives what TextDecoder gives when arrays are views", () => {
  const whole = new TextEncoder().encode("xx0123456789 héé \ud83d\ude00yy");
  const slicer = new TextSlicer();
  for (const bytes of [whole, whole.subarray(2), whole.slice(1)]) {
    for (let end = 0; end <= bytes.length; end++) {
      assert.equal(
        slicer.utf8(bytes, 1, Math.max(1, end)),
        new TextDecoder().decode(bytes.subarray(1, Math.max(1, end))),
      );
      if (isAscii(bytes, 0, end)) {
        assert.equal(slicer.ascii(bytes, 0, end), new TextDecoder().decode(bytes.subarray(0, end)));
      }
    }
  }
});
