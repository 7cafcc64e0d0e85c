import assert from "node:assert/strict";
import { cutUtf8 } from "../../src/inputs/cut_utf8.ts";

Deno.test("cutUtf8 cuts at bytes, never inside a character", () => {
  assert.equal(cutUtf8("abc", 3), "abc");
  assert.equal(cutUtf8("abcd", 3), "abc");
  assert.equal(cutUtf8("中文", 5), "中");
  assert.equal(cutUtf8("中文", 6), "中文");
  assert.equal(cutUtf8("a😀", 4), "a");
  assert.equal(cutUtf8("", 0), "");
});
