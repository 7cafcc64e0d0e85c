import assert from "node:assert/strict";
import { fault, unknown, well } from "../../../src/cli/doctor/finding.ts";
import { printFindings } from "../../../src/cli/doctor/print_findings.ts";
import { runCommand } from "../../../src/cli/run_command.ts";
import { TEST_PLUGINS } from "../../config/test_plugins.ts";
import { TestWorld } from "../test_world.ts";

const doctor = (world: TestWorld) =>
  runCommand(["doctor", "--config-dir=/conf", "--host-root=/h"], "1.2.3", TEST_PLUGINS, world);

Deno.test("doctor prints the table and exits 0 unless something is wrong", async () => {
  const world = new TestWorld();
  world.findings = [well("config", "1 file"), fault("limits", "little", [], []), unknown("rights", "?")];
  assert.equal(await doctor(world), 0);
  assert.equal(world.out, printFindings(world.findings));
  assert.deepEqual([world.asked?.configDir, world.asked?.hostRoot], ["/conf", "/h"]);
  world.findings = [fault("host root", "none", ["a"], [])];
  assert.equal(await doctor(world), 78);
});

Deno.test("doctor ends with 1 and a sentence when it cannot look", async () => {
  const world = new TestWorld();
  world.examine = () => Promise.reject(new Error("no way"));
  assert.equal(await doctor(world), 1);
  assert.equal(world.err, "denotail: no way\n");
});
