import assert from "node:assert/strict";
import { Re2SyntaxError } from "../../../src/base/re2/syntax_error.ts";

Deno.test("Re2SyntaxError says what RE2 says, and the place counted from 1", () => {
  const error = new Re2SyntaxError("missing closing )", 4, "(a");
  assert.equal(error.message, "missing closing ): '(a' at character 5");
  assert.equal(error.position, 4);
  assert.equal(new Re2SyntaxError("invalid UTF-8", 0, "").message, "invalid UTF-8 at character 1");
});

Deno.test("Re2SyntaxError gives a hint for what other engines have", () => {
  const hint = (...args: ConstructorParameters<typeof Re2SyntaxError>) =>
    new Re2SyntaxError(...args).hint ?? "";
  for (const lookaround of ["(?=", "(?!", "(?<=", "(?<!"]) {
    assert.match(hint("invalid or unsupported Perl syntax", 0, lookaround), /lookahead/);
  }
  assert.match(hint("invalid or unsupported Perl syntax", 0, "(?>"), /atomic/);
  assert.match(hint("invalid escape sequence", 0, "\\1"), /back-references/);
  assert.match(hint("invalid escape sequence", 0, "\\Z"), /\\z/);
  assert.match(hint("invalid nested repetition operator", 0, "*+"), /possessive/);
  assert.equal(hint("invalid nested repetition operator", 0, "**"), "");
  assert.equal(hint("invalid named capture", 0, "(?<n"), "");
});
