import assert from "node:assert/strict";
import { skipMark } from "./system.ts";
import { closingLine, readSummary } from "./test_summary.ts";

Deno.test("readSummary counts what deno test says when colours, steps and ignored tests are there", () => {
  const output = "noise\n\x1b[0m\x1b[32mok\x1b[0m | 12 passed (3 steps) | 0 failed | 2 ignored (18s)\n\n";
  assert.deepEqual(readSummary(output), { passed: 12, failed: 0, ignored: 2, skips: [] });
  const failed = readSummary("FAILED | 4 passed | 2 failed (1 step) (3s)");
  assert.equal(failed?.failed, 2);
});

Deno.test("readSummary takes the last line when a test prints one of its own", () => {
  const output = "ok | 99 passed | 0 failed (1s)\nok | 1 passed | 0 failed (2s)\n";
  assert.equal(readSummary(output)?.passed, 1);
});

Deno.test("readSummary gives nothing when no module could be loaded", () => {
  assert.equal(readSummary('error: Module not found "file:///x.ts".\n'), undefined);
});

Deno.test("readSummary collects reasons when suites were skipped", () => {
  const mark = `${skipMark} ${JSON.stringify({ reason: "not root", remedy: "sudo" })}\n`;
  const summary = readSummary(`${mark}${mark}ok | 0 passed | 0 failed | 3 ignored (1s)\n`);
  assert.deepEqual(summary?.skips, [{ reason: "not root", remedy: "sudo" }]);
});

Deno.test("closingLine says passed and failed only when there is more to say", () => {
  assert.equal(closingLine({ passed: 3, failed: 0, ignored: 2, skips: [] }), "3 passed, 0 failed");
});
