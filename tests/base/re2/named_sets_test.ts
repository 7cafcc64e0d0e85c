import assert from "node:assert/strict";
import { contains } from "../../../src/base/re2/char_set.ts";
import { NOT_WORD, perlSet, posixSet } from "../../../src/base/re2/named_sets.ts";

/** The ASCII characters of a set as text. */
function ascii(set: readonly number[]): string {
  return Array.from({ length: 128 }, (_, code) => code).filter((code) => contains(set, code))
    .map((code) => String.fromCharCode(code)).join("");
}

Deno.test("perlSet has RE2's members: ASCII only, and no vertical tab among the spaces", () => {
  assert.equal(ascii(perlSet("d")!.set), "0123456789");
  assert.equal(ascii(perlSet("s")!.set), "\t\n\f\r ");
  assert.match(ascii(perlSet("w")!.set), /^\d{10}[A-Z]{26}_[a-z]{26}$/);
  assert.equal(contains(perlSet("s")!.set, 0xa0), false);
  assert.deepEqual([perlSet("D")!.negated, perlSet("d")!.negated], [true, false]);
  assert.equal(perlSet("x"), undefined);
});

Deno.test("posixSet has the classes of C's locale, with a sign, and no others", () => {
  for (
    const [name, pattern] of Object.entries({
      alnum: /^\w$/,
      punct: /^[!-\/:-@[-`{-~]$/,
      xdigit: /^[0-9A-Fa-f]$/,
      space: /^[\t\n\v\f\r ]$/,
    })
  ) {
    const expected = ascii([0, 127]).split("").filter((char) =>
      pattern.test(char) && !(name === "alnum" && char === "_")
    );
    assert.equal(ascii(posixSet(name)!.set), expected.join(""), name);
  }
  assert.equal(posixSet("^alpha")!.negated, true);
  assert.equal(posixSet("letters"), undefined);
  assert.equal(posixSet("toString"), undefined);
});

Deno.test("NOT_WORD is what word boundaries take for outside", () => {
  assert.ok(contains(NOT_WORD, 0xe9) && contains(NOT_WORD, 0x20) && !contains(NOT_WORD, 0x5f));
});
