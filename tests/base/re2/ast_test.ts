import assert from "node:assert/strict";
import {
  childrenOf,
  countCaptures,
  countCertainCaptures,
  countEmptyWays,
  isNullable,
} from "../../../src/base/re2/ast.ts";
import { parseRe2 } from "../../../src/base/re2/parse.ts";

const root = (pattern: string) => parseRe2(pattern).root;

Deno.test("isNullable tells whether a pattern can match nothing", () => {
  for (const pattern of ["", "a*", "a?", "^", "(|a)", "a{0,3}", "(a*)(b?)"]) {
    assert.equal(isNullable(root(pattern)), true, pattern);
  }
  for (const pattern of ["a", "a+", "a*b", "(a|b)", "a{1,3}"]) {
    assert.equal(isNullable(root(pattern)), false, pattern);
  }
});

Deno.test("countCaptures counts all groups, countCertainCaptures those of every match", () => {
  assert.equal(countCaptures(root("(a)|(b(c)?)*")), 3);
  assert.equal(countCertainCaptures(root("(a)(b(c)?)")), 2);
  assert.equal(countCertainCaptures(root("(a)|(b)")), 0);
  assert.equal(countCertainCaptures(root("(a)+(b)*")), 1);
});

Deno.test("countEmptyWays multiplies the ways in which parts can be empty", () => {
  assert.equal(countEmptyWays(root("ab")), 1);
  assert.equal(countEmptyWays(root("(?:a?|b?)")), 2);
  assert.equal(countEmptyWays(root("(?:a?|b?){3}")), 8);
});

Deno.test("childrenOf gives what lies directly below", () => {
  assert.deepEqual(childrenOf(root("a")), []);
  assert.equal(childrenOf(root("(a)")).length, 1);
  assert.equal(childrenOf(root("a*b*c*")).length, 3);
});
