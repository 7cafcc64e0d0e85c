import assert from "node:assert/strict";
import { document } from "./markdown.ts";
import { NO_EFFECT_DOCUMENT, withNoEffectTable } from "./no_effect.ts";

Deno.test("docs/differences.md lists the options without effect that the schemas have", () => {
  const { text } = document(NO_EFFECT_DOCUMENT);
  assert.equal(withNoEffectTable(text), text, "run 'deno run -A tests/docs/write_no_effect.ts'");
});
