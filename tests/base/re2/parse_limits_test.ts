import assert from "node:assert/strict";
import { parseRe2 } from "../../../src/base/re2/parse.ts";
import { isRepeatValid, REPEAT_MAX } from "../../../src/base/re2/parse_limits.ts";

const root = (pattern: string) => parseRe2(pattern).root;

Deno.test("isRepeatValid multiplies nested counts, and lets stars and options pass", () => {
  assert.equal(isRepeatValid(root("a{1000}"), REPEAT_MAX), true);
  assert.equal(isRepeatValid(root("a{1000}"), REPEAT_MAX - 1), false);
  assert.equal(isRepeatValid(root("(a{10}){10}"), 100), true);
  assert.equal(isRepeatValid(root("(a{10}){10}"), 99), false);
  assert.equal(isRepeatValid(root("((a*)+)?"), 0), true);
});

Deno.test("parseRe2 refuses counts whose product is above the limit", () => {
  assert.throws(() => root("a{1001}"), /invalid repeat count/);
  assert.throws(() => root("(a{100}){11}"), /invalid repeat count/);
  assert.ok(root("(a{100}){10}"));
});

Deno.test("parseRe2 refuses what nests deeper than 1000 levels", () => {
  assert.ok(root("(".repeat(990) + ")".repeat(990)));
  assert.throws(() => root("(".repeat(1001) + ")".repeat(1001)), /expression nests too deeply/);
});
