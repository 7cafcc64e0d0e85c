import assert from "node:assert/strict";
import { isDeterministic } from "../../../src/base/re2/deterministic.ts";
import { parseRe2 } from "../../../src/base/re2/parse.ts";

const check = (pattern: string) => isDeterministic(parseRe2(pattern).root);

Deno.test("isDeterministic lets patterns pass whose repetitions end where something else begins", () => {
  for (const pattern of ["abc", "(\\d+) ([^ ]+) x", "a*b", "\\[([^\\]]*)\\]", "(?:a|b)c", "a{3}a"]) {
    assert.equal(check(pattern), true, pattern);
  }
});

Deno.test("isDeterministic stops patterns that a backtracking engine can try in many ways", () => {
  for (const pattern of ["(a+)+b", "a*a", ".*x.*", "\\d+\\w", "(?:ab)*c", "a?a?a?a?a?a?a?b"]) {
    assert.equal(check(pattern), false, pattern);
  }
});
