import assert from "node:assert/strict";
import { parseCharEscape } from "../../../src/base/re2/parse_escape.ts";
import { PatternReader } from "../../../src/base/re2/pattern_reader.ts";

/** The code point, and where the cursor stands behind it. */
function escape(pattern: string): [number, number] {
  const reader = new PatternReader(pattern);
  const code = parseCharEscape(reader);
  return [code, reader.at];
}

Deno.test("parseCharEscape reads each form, and no character more", () => {
  assert.deepEqual(escape("\\n1"), [10, 2]);
  assert.deepEqual(escape("\\v"), [11, 2]);
  assert.deepEqual(escape("\\.x"), [0x2e, 2]);
  assert.deepEqual(escape("\\x413"), [0x41, 4]);
  assert.deepEqual(escape("\\x{1F600}z"), [0x1f600, 9]);
  assert.deepEqual(escape("\\0"), [0, 2]);
  assert.deepEqual(escape("\\0789"), [7, 3]);
  assert.deepEqual(escape("\\1234"), [0o123, 4]);
});

for (
  const pattern of [
    "\\8",
    "\\1",
    "\\1x",
    "\\k",
    "\\q",
    "\\Z",
    "\\x4",
    "\\xg0",
    "\\x{}",
    "\\x{110000}",
    "\\x{41",
  ]
) {
  Deno.test(`parseCharEscape refuses ${pattern}`, () => {
    assert.throws(() => escape(pattern), /^Re2SyntaxError: invalid escape sequence: .* at character 1/);
  });
}

Deno.test("parseCharEscape refuses a backslash at the end", () => {
  assert.throws(() => escape("\\"), /trailing backslash at end of expression/);
});
