import assert from "node:assert/strict";
import fc from "fast-check";
import { isAscii, LATIN1_NATIVE, TextSlicer } from "../../src/base/text.ts";

Deno.test("isAscii agrees with a look at each byte, at any begin and end", () => {
  const bytes = fc.array(fc.oneof({ weight: 20, arbitrary: fc.integer({ min: 0, max: 127 }) }, fc.nat(255)), {
    maxLength: 20,
  });
  fc.assert(fc.property(bytes, fc.nat(20), fc.nat(20), (list, a, b) => {
    const begin = Math.min(a, b, list.length), end = Math.min(Math.max(a, b), list.length);
    assert.equal(
      isAscii(Uint8Array.from(list), begin, end),
      list.slice(begin, end).every((byte) => byte < 128),
    );
  }));
});

Deno.test("TextSlicer gives the text of a span, of several arrays in turn and of parts of one buffer", () => {
  const slicer = new TextSlicer();
  const whole = new TextEncoder().encode("abcdefgh");
  const part = whole.subarray(2);
  for (let i = 0; i < 3; i++) {
    assert.equal(slicer.ascii(whole, 1, 3), "bc");
    assert.equal(slicer.ascii(part, 1, 3), "de");
    assert.equal(slicer.ascii(part, 2, 2), "");
  }
});

Deno.test("TextSlicer.utf8 replaces what is invalid and keeps a byte order mark", () => {
  const slicer = new TextSlicer();
  const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff, 0xc3, 0xa9);
  assert.equal(slicer.utf8(bytes, 0, bytes.length), "\ufeffa\ufffdé");
  assert.equal(slicer.utf8(bytes, 5, 7), "é");
});

Deno.test("LATIN1_NATIVE is true on Deno 2.9, where it is the fast way", {
  ignore: Deno.version.deno.startsWith("2.4."),
}, () => {
  assert.equal(LATIN1_NATIVE, true);
});
