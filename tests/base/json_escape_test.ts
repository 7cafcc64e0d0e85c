import assert from "node:assert/strict";
import fc from "fast-check";
import {
  copyBytes,
  copyRepaired,
  escapedBytesMax,
  escapedTextMax,
  escapeJson,
  escapeJsonRepaired,
  escapeJsonText,
  JSON_ESCAPE_GROWTH,
} from "../../src/base/json_escape.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text with what matters here: quotes, backslashes, control characters, all lengths of UTF-8. */
const text = fc.string({
  unit: fc.constantFrom(...'ab "\\/\n\t\0\x1f\x7f', "é", "中", "\ufeff", "\u2028", "😀", "\ud800", "\udc00"),
  maxLength: 60,
});
/** Bytes that are often nearly UTF-8. */
const bytes = fc.array(
  fc.oneof(
    fc.constantFrom(
      0x22,
      0x5c,
      0x0a,
      0x61,
      0x80,
      0xbf,
      0xc1,
      0xc3,
      0xe0,
      0xa0,
      0xed,
      0xef,
      0xbb,
      0xf0,
      0x90,
      0xf4,
      0xff,
    ),
    fc.nat(255),
  ),
  { maxLength: 40 },
).map((list) => Uint8Array.from(list));

type Writer = (bytes: Uint8Array, begin: number, end: number, out: Uint8Array, at: number) => number;

/** Runs a writer on a part of a larger array and checks that it keeps to its room. */
function written(write: Writer, value: Uint8Array, before: number, at: number, max: number): Uint8Array {
  const source = new Uint8Array(before + value.length + 7).fill(0x22);
  source.set(value, before);
  const out = new Uint8Array(at + max + 8).fill(0xaa);
  const end = write(source, before, before + value.length, out, at);
  assert.ok(end <= at + max, "wrote more than the bound");
  assert.ok(out.subarray(0, at).every((byte) => byte === 0xaa), "wrote in front");
  assert.ok(out.subarray(end).every((byte) => byte === 0xaa), "wrote behind");
  return out.slice(at, end);
}

function jsonInside(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

Deno.test("escapeJson writes what JSON.stringify writes when the bytes are UTF-8", () => {
  fc.assert(fc.property(text, fc.nat(9), fc.nat(9), (any, before, at) => {
    const value = any.toWellFormed();
    const utf8 = encoder.encode(value);
    const max = utf8.length * JSON_ESCAPE_GROWTH;
    assert.equal(decoder.decode(written(escapeJson, utf8, before, at, max)), jsonInside(value));
  }));
});

Deno.test("escapeJson writes every byte value as JSON.stringify does", () => {
  for (let byte = 0; byte < 0x80; byte++) {
    for (const around of ["", "abc", "abcd", "abcdefg"]) {
      const value = around + String.fromCharCode(byte) + around;
      const utf8 = encoder.encode(value);
      assert.equal(decoder.decode(written(escapeJson, utf8, 1, 3, utf8.length * 6)), jsonInside(value));
    }
  }
});

Deno.test("escapeJsonRepaired replaces broken UTF-8 as TextDecoder does", () => {
  fc.assert(
    fc.property(bytes, fc.nat(9), fc.nat(9), (value, before, at) => {
      const expected = jsonInside(decoder.decode(value));
      const max = escapedBytesMax(value, 0, value.length);
      assert.equal(decoder.decode(written(escapeJsonRepaired, value, before, at, max)), expected);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("escapeJsonRepaired agrees with TextDecoder on all pairs behind a lead byte", () => {
  const out = new Uint8Array(64);
  for (let lead = 0xc0; lead < 0x100; lead++) {
    for (let second = 0; second < 0x100; second++) {
      const value = Uint8Array.of(lead, second, 0x80, 0x80, 0x61);
      const end = escapeJsonRepaired(value, 0, 5, out, 0);
      const expected = jsonInside(decoder.decode(value));
      assert.equal(decoder.decode(out.subarray(0, end)), expected, `${lead} ${second}`);
    }
  }
});

Deno.test("copyRepaired changes nothing but broken UTF-8", () => {
  fc.assert(fc.property(bytes, (value) => {
    const max = value.length * 3;
    assert.equal(decoder.decode(written(copyRepaired, value, 2, 3, max)), decoder.decode(value));
  }));
});

Deno.test("escapeJsonText writes what JSON.stringify writes, lone surrogates as U+FFFD", () => {
  fc.assert(fc.property(text, (value) => {
    const out = new Uint8Array(escapedTextMax(value) + 3);
    const end = escapeJsonText(value, out, 3);
    assert.equal(decoder.decode(out.subarray(3, end)), jsonInside(value.toWellFormed()));
  }));
});

Deno.test("copyBytes copies UTF-8 of any length from any place", () => {
  // The most that UTF-8 has of high bits, at all places of eight bytes.
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 150 }), fc.nat(9), fc.nat(9), (text, before, at) => {
      const value = encoder.encode(before < 3 ? text : `${text}\u{10ffff}\x7f${text.slice(0, 9)}`);
      assert.deepEqual(written(copyBytes, value, before, at, value.length), value);
    }),
  );
  const whole = Uint8Array.from({ length: 200 }, (_, i) => i);
  const out = new Uint8Array(201);
  assert.equal(copyBytes(whole, 0, 200, out, 1), 201);
  assert.deepEqual(out.subarray(1), whole);
});
