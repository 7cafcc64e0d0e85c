import assert from "node:assert/strict";
import fc from "fast-check";
import { unescapeJsonBytes } from "../../src/base/json_unescape.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function unescape(inside: string): string | null {
  const bytes = encoder.encode(`#${inside}"#`);
  const out = new Uint8Array(bytes.length);
  const end = unescapeJsonBytes(bytes, 1, bytes.length - 2, out, 1);
  if (end < 0) return null;
  assert.ok(end - 1 <= bytes.length - 3, "longer than what came in");
  return decoder.decode(out.subarray(1, end));
}

Deno.test("unescapeJsonBytes gives back what JSON.stringify escaped", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (any) => {
    const value = any.toWellFormed();
    assert.equal(unescape(JSON.stringify(value).slice(1, -1)), value);
    const units = Array.from(
      { length: value.length },
      (_, i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, "0")}`,
    );
    assert.equal(unescape(units.join("")), value);
  }));
});

Deno.test("unescapeJsonBytes refuses unknown escapes and lone surrogates", () => {
  for (
    const odd of [
      "\\",
      "a\\x",
      "\\u12",
      "\\u12g4",
      "\\ud83d",
      "\\ud83d\\n",
      "\\ud83d\\u0041",
      "\\ude00\\ude00",
    ]
  ) {
    assert.equal(unescape(odd), null, odd);
  }
  assert.equal(unescape('raw\ttab \\/ \\" \\\\'), 'raw\ttab / " \\');
});
