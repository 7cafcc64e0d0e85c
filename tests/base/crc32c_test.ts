import assert from "node:assert/strict";
import fc from "fast-check";
import { crc32c } from "../../src/base/crc32c.ts";

/** The definition, one bit at a time. */
function plainCrc32c(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return ~crc >>> 0;
}

Deno.test("crc32c gives the published values when fed the vectors of RFC 3720 B.4", () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  assert.equal(crc32c(new TextEncoder().encode("123456789"), 0, 9), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32), 0, 32), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(255), 0, 32), 0x62a8ab43);
  assert.equal(crc32c(ascending, 0, 32), 0x46dd794e);
  assert.equal(crc32c(ascending.toReversed(), 0, 32), 0x113fdb5c);
  assert.equal(crc32c(ascending, 5, 5), 0);
});

Deno.test("crc32c agrees with the definition when bytes and window are any", () => {
  const window = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(40), fc.nat(40));
  fc.assert(fc.property(window, ([bytes, skip, cut]) => {
    const begin = Math.min(skip, bytes.length);
    const end = Math.max(begin, bytes.length - cut);
    assert.equal(crc32c(bytes, begin, end), plainCrc32c(bytes.subarray(begin, end)));
  }));
});
