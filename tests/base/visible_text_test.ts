import assert from "node:assert/strict";
import { visibleJson, visibleLine, visibleText } from "../../src/base/visible_text.ts";

const HOSTILE = "a\x1b[2J\x9b31m\x7f\r\0\tb\nc\u2028é";

Deno.test("visibleText shows what steers a terminal and keeps tabs and newlines", () => {
  assert.equal(visibleText(HOSTILE), "a\\x1b[2J\\x9b31m\\x7f\\x0d\\x00\tb\nc\\u2028é");
});

Deno.test("visibleLine is one line", () => {
  assert.equal(visibleLine("a\n\x1bb"), "a\\n\\x1bb");
});

Deno.test("visibleJson is the same JSON without control characters", () => {
  const json = visibleJson(JSON.stringify({ [HOSTILE]: HOSTILE }));
  assert.doesNotMatch(json, /[\0-\x1f\x7f-\x9f\u2028\u2029]/);
  assert.deepEqual(JSON.parse(json), { [HOSTILE]: HOSTILE });
});
