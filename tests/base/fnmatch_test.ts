import assert from "node:assert/strict";
import { withCaretSets } from "../../src/base/fnmatch.ts";

Deno.test("withCaretSets spells negated sets for picomatch and leaves the rest", () => {
  assert.equal(withCaretSets("a[!0-9]*[!.]"), "a[^0-9]*[^.]");
  assert.equal(withCaretSets("a[0-9]!b[^x]"), "a[0-9]!b[^x]");
});
