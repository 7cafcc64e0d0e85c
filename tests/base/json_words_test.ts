import assert from "node:assert/strict";
import fc from "fast-check";
import { plainEnd, specialBytes } from "../../src/base/json_words.ts";

const isSpecial = (byte: number) => byte < 0x20 || byte === 0x22 || byte === 0x5c;

Deno.test("specialBytes finds each special byte in each lane, and none among the others", () => {
  for (let byte = 0; byte < 256; byte++) {
    for (let lane = 0; lane < 4; lane++) {
      const bytes = new DataView(new ArrayBuffer(4));
      for (let i = 0; i < 4; i++) bytes.setUint8(i, 0x61);
      bytes.setUint8(lane, byte);
      const marks = specialBytes(bytes.getInt32(0, true));
      assert.equal(marks !== 0, isSpecial(byte), `${byte} in lane ${lane}`);
      if (marks !== 0) assert.equal(31 - Math.clz32(marks & -marks), lane * 8 + 7);
    }
  }
});

Deno.test("plainEnd is the first special byte, or the end, and looks at nothing behind it", () => {
  const byte = fc.oneof(
    fc.integer({ min: 0x20, max: 0xff }),
    fc.constantFrom(0x22, 0x5c, 0x0a, 0x1f, 0x80, 0x21),
  );
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }).chain((plain) =>
        fc.tuple(fc.constant(plain), fc.array(byte, { maxLength: 60 }), fc.nat(10), fc.nat(10))
      ),
      ([noise, bytes, from, behind]) => {
        const all = Uint8Array.from([...bytes, ...noise.subarray(0, behind)]);
        const begin = Math.min(from, bytes.length);
        const found = bytes.findIndex((one, at) => at >= begin && isSpecial(one));
        assert.equal(
          plainEnd(new DataView(all.buffer), begin, bytes.length),
          found < 0 ? bytes.length : found,
        );
      },
    ),
  );
});
