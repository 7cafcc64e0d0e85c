import assert from "node:assert/strict";
import { parseRe2 } from "../../../src/base/re2/parse.ts";
import { printRe2 } from "../../../src/base/re2/print_re2.ts";

/** The pattern again, read and written. */
const again = (pattern: string) => printRe2(parseRe2(pattern).root);

Deno.test("printRe2 writes classes by code point and leaves no flag and no name", () => {
  assert.equal(again("(?i)(?P<n>k)"), "([\\x{4b}-\\x{4b}\\x{6b}-\\x{6b}\\x{212a}-\\x{212a}])");
  assert.equal(again("(?s)."), "[\\x{0}-\\x{10ffff}]");
  assert.equal(again("[^\\x{0}-\\x{10FFFF}]"), "[^\\x{0}-\\x{10FFFF}]");
});

Deno.test("printRe2 keeps counts, laziness and places", () => {
  const a = "(?:[\\x{61}-\\x{61}])";
  assert.equal(again("a*"), `${a}*`);
  assert.equal(again("a+?"), `${a}+?`);
  assert.equal(again("a?"), `${a}?`);
  assert.equal(again("a{2,}"), `${a}{2,}`);
  assert.equal(again("a{2,5}?"), `${a}{2,5}?`);
  assert.equal(again("\\A(?m)^\\b$\\z"), "\\A(?m:^)\\b(?m:$)\\z");
});

Deno.test("printRe2 writes what means the same when it is read again", () => {
  for (const pattern of ["", "a|b|", "(a(?:b|c)*)?d", "[[:alpha:]\\d]+", "x{0}", "(?U)a*b", "\\Q.*\\E"]) {
    assert.equal(again(again(pattern)), again(pattern), pattern);
  }
});
