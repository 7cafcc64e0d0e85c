import assert from "node:assert/strict";
import fc from "fast-check";
import { utf8Cut } from "../../src/base/utf8.ts";

const encoder = new TextEncoder();

Deno.test("utf8Cut never cuts inside a character", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", minLength: 1 }), fc.nat(), (text, n) => {
    const bytes = encoder.encode(text);
    const at = n % (bytes.length + 1);
    const cut = utf8Cut(bytes, 0, at);
    assert.ok(cut <= at && cut > at - 4);
    const decode = (part: Uint8Array) =>
      new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(part);
    assert.equal(decode(bytes.subarray(0, cut)) + decode(bytes.subarray(cut)), decode(bytes));
  }));
});

Deno.test("utf8Cut stays where it is when the bytes are no UTF-8", () => {
  assert.equal(utf8Cut(new Uint8Array(9).fill(0x80), 0, 7), 7);
  assert.equal(utf8Cut(new Uint8Array([0xff, 0xff, 0x41]), 0, 2), 2);
});

Deno.test("utf8Cut does not look before the begin", () => {
  assert.equal(utf8Cut(encoder.encode("中"), 1, 2), 2);
});
