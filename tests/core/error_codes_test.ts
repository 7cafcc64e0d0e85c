import assert from "node:assert/strict";
import { ERROR_CODES } from "../../src/core/error_codes.ts";
import { sourceFiles } from "../support/source_files.ts";

/** Codes of all `new …Error("CODE", …)`; those of runtimes are made of their reason. */
function codesOfSources(): Set<string> {
  const codes = new Set<string>();
  for (const { text } of sourceFiles()) {
    for (const [, code] of text.matchAll(/new (?:Agent|Retriable|Permanent)Error\(\s*"(\w+)"/g)) {
      codes.add(code);
    }
    const reasons = /export type RuntimeFailure =([^;]+);/.exec(text)?.[1] ?? "";
    for (const [, reason] of reasons.matchAll(/"(\w+)"/g)) codes.add(`RUNTIME_${reason.toUpperCase()}`);
  }
  return codes;
}

Deno.test("ERROR_CODES has every code of the sources and no other", () => {
  const codes = codesOfSources();
  assert.ok(codes.has("RUNTIME_AWAY") && codes.has("CHECKPOINT_HELD"), "the sources are searched");
  assert.deepEqual(Object.keys(ERROR_CODES).sort(), [...codes].sort());
});

Deno.test("ERROR_CODES says in sentences what each means and what to do", () => {
  for (const [code, { meaning, remedy }] of Object.entries(ERROR_CODES)) {
    assert.match(meaning, /^[A-Z`].*\.$/, code);
    assert.match(remedy, /^[A-Z`].*\.$/, code);
  }
});
