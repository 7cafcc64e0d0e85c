import assert from "node:assert/strict";
import { checkLimits } from "../../../src/cli/doctor/check_limits.ts";
import { TestMachine } from "./test_machine.ts";

function found(flags: TestMachine["flags"], rssMb: number) {
  const on = new TestMachine();
  on.flags = flags;
  on.rssBytes = rssMb * 1024 * 1024;
  const { state, found, remedy } = checkLimits(on.machine());
  return [state, found, remedy.join("; ")];
}

Deno.test("checkLimits compares the limit of memory with what the process needs at rest", () => {
  assert.deepEqual(found({}, 100), ["ok", "no limit of CPU, no limit of memory", ""]);
  assert.deepEqual(found({ cpuLimitCores: "1", memLimitMb: "512" }, 100), [
    "ok",
    "CPU 1, memory 512 MB",
    "",
  ]);
  assert.deepEqual(found({ memLimitMb: "100" }, 88), [
    "warning",
    "100 MB of memory is too little: the process needs 88.0 MiB at rest",
    "--memory-limit 110 or more (mem_usage_limit)",
  ]);
});
