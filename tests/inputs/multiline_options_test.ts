import assert from "node:assert/strict";
import { compileMultiline } from "../../src/inputs/multiline_options.ts";
import { testReport } from "../support/plugin_context.ts";

const NONE = {
  Mode: "custom" as const,
  StartPattern: "",
  ContinuePattern: "",
  EndPattern: "",
  UnmatchedContentTreatment: "single_line" as const,
  MaxWholeFileBytes: 2048,
};

Deno.test("compileMultiline gives single lines without a pattern, or with ContinuePattern alone", async () => {
  const report = testReport();
  assert.equal(await compileMultiline(NONE, report), null);
  assert.deepEqual(report.problems, []);
  assert.equal(await compileMultiline({ ...NONE, ContinuePattern: "a" }, report), null);
  assert.deepEqual(report.problems, ["warn Multiline.ContinuePattern MULTILINE_ONLY_CONTINUE"]);
});

Deno.test("compileMultiline anchors patterns and ignores ContinuePattern beside the two others", async () => {
  const report = testReport();
  const made = await compileMultiline(
    { ...NONE, StartPattern: "a|ab", ContinuePattern: "c", EndPattern: "e" },
    report,
  );
  assert.ok(made?.mode === "custom");
  assert.ok(made.start?.test("ab") && !made.start.test("abc"));
  assert.equal(made.next, null);
  assert.deepEqual(report.problems, ["warn Multiline.ContinuePattern MULTILINE_THREE_PATTERNS"]);
});

Deno.test("compileMultiline takes the other modes", async () => {
  const report = testReport();
  assert.deepEqual(await compileMultiline({ ...NONE, Mode: "JSON" }, report), {
    mode: "json",
    unmatched: "single_line",
  });
  assert.deepEqual(await compileMultiline({ ...NONE, Mode: "whole_file" }, report), {
    mode: "whole_file",
    bytesMax: 2048,
  });
});
