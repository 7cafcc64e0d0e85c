import assert from "node:assert/strict";
import { Findings } from "../../src/config/findings.ts";

Deno.test("Findings adds file, line as written and path, and masks secrets", () => {
  const findings = new Findings("a.yaml", ["Topic: x", "Password: hunter2"]);
  findings.warn("CONFIG_NO_EFFECT", { line: 1, column: 1 }, ["Topic"], "No effect");
  assert.equal(findings.hasErrors, false);
  findings.error("CONFIG_WRONG_TYPE", { line: 2, column: 11 }, ["Password"], "Wrong", { expected: "a text" });
  findings.error("CONFIG_EMPTY", null, [], "Empty");
  assert.equal(findings.hasErrors, true);
  assert.deepEqual(findings.list.map(({ line, source, expected }) => ({ line, source, expected })), [
    { line: 1, source: "Topic: x", expected: undefined },
    { line: 2, source: "Password: ******", expected: "a text" },
    { line: 0, source: undefined, expected: undefined },
  ]);
});
