import assert from "node:assert/strict";
import fc from "fast-check";
import { jsonNestedEnd, jsonStringEnd, jsonWordEnd, skipJsonSpace } from "../../src/base/json_scan.ts";

const encoder = new TextEncoder();

function stringEnd(inside: string): number {
  const bytes = encoder.encode(inside);
  return jsonStringEnd(bytes, 0, bytes.length);
}

function nestedEnd(text: string): number {
  const bytes = encoder.encode(text);
  return jsonNestedEnd(bytes, 0, bytes.length);
}

Deno.test("jsonStringEnd finds the closing quote of whatever JSON.stringify wrote", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string(), (value, behind) => {
    const inside = JSON.stringify(value.toWellFormed()).slice(1, -1);
    assert.equal(stringEnd(`${inside}"${behind}`), encoder.encode(inside).length);
  }));
});

Deno.test("jsonStringEnd refuses a string when JSON.parse does", () => {
  const unit = fc.constantFrom(
    "\\",
    '"',
    "u",
    "d83d",
    "de00",
    "00e9",
    "n",
    "x",
    "\t",
    "\x01",
    "é",
    "\ud800",
    "a",
  );
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 8 }), (raw) => {
      const inside = raw.toWellFormed();
      const end = stringEnd(`${inside}"`);
      if (end < 0 || end !== encoder.encode(inside).length) return;
      assert.doesNotThrow(() => JSON.parse(`"${inside}"`), inside);
    }),
    { numRuns: 3000 },
  );
  for (
    const odd of [
      "\\x",
      "\\u12g4",
      "\\u12",
      "\\ud83d",
      "\\ud83dx",
      "\\ud83d\\n",
      "\\ude00",
      "\\ud83d\\u0041",
      "\t",
      "\\",
    ]
  ) {
    assert.equal(stringEnd(`${odd}"`), -1, odd);
  }
  assert.equal(stringEnd('\\ud83d\\ude00"'), 12);
  assert.equal(stringEnd("not closed"), -1);
});

Deno.test("jsonNestedEnd finds the end of any JSON object or array", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
    const text = JSON.stringify([value], null, 1);
    assert.equal(nestedEnd(`${text}]}tail`), encoder.encode(text).length);
  }));
});

Deno.test("jsonNestedEnd refuses when brackets do not pair up or are too many", () => {
  for (const odd of ["[1}", "{]", "[[1]", '["]', '["\\x"]', "["]) assert.equal(nestedEnd(odd), -1, odd);
  assert.equal(nestedEnd("[".repeat(31) + "]".repeat(31)), 62);
  assert.equal(nestedEnd("[".repeat(32) + "]".repeat(32)), -1);
  assert.equal(nestedEnd("{".repeat(31) + "}".repeat(30) + "]"), -1);
});

Deno.test("jsonWordEnd stops at space, comma and closing brackets", () => {
  const end = (text: string) => jsonWordEnd(encoder.encode(text), 0, text.length);
  for (const behind of [" ", ",", "}", "]", "\n", "\t", "\r"]) assert.equal(end(`1.5e3${behind}`), 5);
  assert.equal(end("12\x0b3,"), -1);
  assert.equal(end("1\\n2,"), -1);
  for (const odd of ["12", '1"2,', "1{2,", "1[2,"]) assert.equal(end(odd), -1, odd);
});

Deno.test("skipJsonSpace stops at the first other byte and at the end", () => {
  const bytes = encoder.encode(" \n\r\t\x0b x");
  assert.equal(skipJsonSpace(bytes, 0, bytes.length), 4);
  assert.equal(skipJsonSpace(bytes, 0, 3), 3);
});
