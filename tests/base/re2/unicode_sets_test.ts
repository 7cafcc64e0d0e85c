import assert from "node:assert/strict";
import { ANY, contains } from "../../../src/base/re2/char_set.ts";
import { foldCase, unicodeSet } from "../../../src/base/re2/unicode_sets.ts";

Deno.test("unicodeSet has the members of a category or script", () => {
  const greek = unicodeSet("Greek")!;
  assert.deepEqual(["α", "Ω", "a"].map((char) => contains(greek, char.codePointAt(0)!)), [true, true, false]);
  const digits = unicodeSet("Nd")!;
  assert.ok(contains(digits, 0x30) && contains(digits, 0x0660) && !contains(digits, 0x2160));
  assert.equal(unicodeSet("Any"), ANY);
  assert.equal(unicodeSet("Klingon"), undefined);
});

Deno.test("foldCase adds simple foldings, those beyond ASCII too, and nothing else", () => {
  assert.deepEqual(foldCase([0x31, 0x31]), [0x31, 0x31]);
  // The Kelvin sign and the long s belong to k and s, as in RE2.
  const folded = foldCase([0x6b, 0x6b, 0x73, 0x73]);
  for (const char of ["k", "K", "\u212a", "s", "S", "\u017f"]) {
    assert.ok(contains(folded, char.codePointAt(0)!), char);
  }
  assert.equal(contains(folded, "j".codePointAt(0)!), false);
  // ß has no simple folding to ss.
  assert.equal(contains(foldCase([0xdf, 0xdf]), 0x73), false);
});
