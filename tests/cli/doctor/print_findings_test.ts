import assert from "node:assert/strict";
import { fault, unknown, well } from "../../../src/cli/doctor/finding.ts";
import { printFindings } from "../../../src/cli/doctor/print_findings.ts";

Deno.test("printFindings prints a table in the order of checks, with sufferers and remedies below their row", () => {
  const text = printFindings([
    unknown("rights", "not known"),
    fault("host root", "'/host' is empty", ["a", "b"], ["one way", "another way"]),
    well("config", "1 file"),
    fault("checkpoint", "'/c' lies in memory", [], ["a disk"]),
  ]);
  assert.equal(
    text,
    `check        state    found
config       ok       1 file
host root    wrong    '/host' is empty
                      pipelines: a, b
                      one way
                      another way
rights       unknown  not known
checkpoint   warning  '/c' lies in memory
                      a disk

1 wrong, 1 warning, 1 unknown
`,
  );
  assert.match(printFindings([well("config", "1 file")]), /\n\nall is well\n$/);
});
