import assert from "node:assert/strict";
import { asPicomatch, starMatch } from "../../src/base/fnmatch.ts";

Deno.test("asPicomatch spells negated sets for picomatch and leaves other sets", () => {
  assert.equal(asPicomatch("a[!0-9]*[!.]"), "a[^0-9]*[^.]");
  assert.equal(asPicomatch("a[0-9]!b[^x]"), "a[0-9]!b[^x]");
  assert.equal(asPicomatch("a[]!(]b[!]|]"), "a[]!(]b[^]|]");
});

Deno.test("asPicomatch lets parentheses and bars mean themselves", () => {
  assert.equal(asPicomatch("app(1)*|x"), String.raw`app\(1\)*\|x`);
  // Behind a set picomatch takes it for "once or more".
  assert.equal(asPicomatch("a[0-9]+.log"), String.raw`a[0-9]\+.log`);
});

Deno.test("starMatch finds pieces between stars, those at both ends in their places", () => {
  const compile = (piece: string) => (text: string) => text === piece;
  const test = starMatch("a*b[*]*c*d", (piece) => compile(piece.replace("[*]", "*")));
  for (const name of ["ab*cd", "axxb*xxcxxd", "abb*ccd"]) assert.ok(test(name), name);
  for (const name of ["", "a", "ab*c", "b*cd", "ab*d", "xab*cd", "ab*cdx", "abcd"]) {
    assert.ok(!test(name), name);
  }
  assert.ok(!starMatch("ab*ba", compile)("aba"), "no character counts twice");
});
