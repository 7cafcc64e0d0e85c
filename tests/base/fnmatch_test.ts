import assert from "node:assert/strict";
import { asPicomatch } from "../../src/base/fnmatch.ts";

Deno.test("asPicomatch spells negated sets for picomatch and leaves other sets", () => {
  assert.equal(asPicomatch("a[!0-9]*[!.]"), "a[^0-9]*[^.]");
  assert.equal(asPicomatch("a[0-9]!b[^x]"), "a[0-9]!b[^x]");
  assert.equal(asPicomatch("a[]!(]b[!]|]"), "a[]!(]b[^]|]");
});

Deno.test("asPicomatch lets parentheses and bars mean themselves", () => {
  assert.equal(asPicomatch("app(1)*|x"), String.raw`app\(1\)*\|x`);
});
