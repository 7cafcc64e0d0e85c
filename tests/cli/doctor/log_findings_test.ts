import assert from "node:assert/strict";
import { fault, unknown, well } from "../../../src/cli/doctor/finding.ts";
import { logFindings } from "../../../src/cli/doctor/log_findings.ts";
import { MemoryLog } from "../../support/memory_log.ts";

Deno.test("logFindings writes one line per fault, with the pipelines that suffer, and none for what is well", () => {
  const log = new MemoryLog();
  logFindings([
    well("config", "1 file"),
    fault("host root", "'/host' is empty", ["a", "b"], ["one way", "another way"]),
    fault("checkpoint", "'/c' lies in memory", [], ["a disk"]),
    unknown("rights", "not known"),
  ], log);
  assert.deepEqual(log.lines, [
    {
      level: "error",
      message: "Host root is missing or wrong",
      fields: { found: "'/host' is empty", pipelines: "a, b", remedy: "one way; another way" },
    },
    {
      level: "warn",
      message: "Checkpoint folder is missing or wrong",
      fields: { found: "'/c' lies in memory", pipelines: undefined, remedy: "a disk" },
    },
    {
      level: "debug",
      message: "A check could not be made at the start",
      fields: { check: "rights", found: "not known", pipelines: undefined, remedy: undefined },
    },
  ]);
});
