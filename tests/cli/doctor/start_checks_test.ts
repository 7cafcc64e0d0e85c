import assert from "node:assert/strict";
import { sayNoCheckpoint, startChecks } from "../../../src/cli/doctor/start_checks.ts";
import { PermanentError } from "../../../src/core/errors.ts";
import { TEST_PLUGINS } from "../../config/test_plugins.ts";
import { FakeDiscovery } from "../../support/fake_discovery.ts";
import { MemoryLog } from "../../support/memory_log.ts";
import { mount, NO_CAPABILITIES, status, TestMachine } from "./test_machine.ts";

const LOADED = { problems: [], files: 3, pipelines: 3 };
const PIPELINE = "inputs: [{Type: test_input, Path: /x}]\nflushers: [{Type: test_flusher, Brokers: [a]}]\n";

Deno.test("startChecks says nothing when all is well, and ends listening when told", () => {
  const log = new MemoryLog();
  const discovery = new FakeDiscovery();
  const end = startChecks(new TestMachine().machine(), LOADED, discovery, log);
  assert.deepEqual(log.lines, []);
  assert.equal(discovery.listeners, 1);
  end();
  assert.equal(discovery.listeners, 0);
});

Deno.test("startChecks says one line per fault, and lists nothing but the host root", () => {
  const on = new TestMachine();
  on.mounts(mount("/logtail_host", "ext4", ""), mount("/checkpoint", "tmpfs"));
  on.files.write("/logtail_host/proc/self/status", status(1000, NO_CAPABILITIES));
  const machine = on.machine();
  on.files.calls.list = on.files.calls.stat = 0;
  const log = new MemoryLog();
  const place = { line: 1, column: 1, path: "", message: "wrong" };
  const problem = { code: "X", level: "error", file: "bad.yaml", ...place } as const;
  startChecks(machine, { problems: [problem], files: 4, pipelines: 3 }, new FakeDiscovery(), log);
  assert.deepEqual(log.lines.map(({ level, message, fields }) => [level, message, fields.pipelines]), [
    ["error", "Config folder is missing or has errors", "bad"],
    ["error", "Mounts made after the start will not be seen", "inside"],
    ["error", "Files of other users cannot be read", "out, inside"],
    ["warn", "Checkpoint folder is missing or wrong", undefined],
  ]);
  assert.equal(on.files.calls.list, 1);
  assert.ok(on.files.calls.stat <= 3);
});

Deno.test("sayNoCheckpoint names the pipelines that would have run", () => {
  const on = new TestMachine();
  on.files.write("/conf/one.yaml", PIPELINE);
  on.files.write("/conf/off.yaml", `enable: false\n${PIPELINE}`);
  on.files.write("/conf/bad.yaml", "inputs: [\n");
  const log = new MemoryLog();
  const error = new PermanentError("CHECKPOINT_FOLDER", "The checkpoint folder is missing");
  const world = { files: on.files, env: () => undefined };
  sayNoCheckpoint(on.machine().options, error, TEST_PLUGINS, world, log);
  const [{ level, message, fields }] = log.lines;
  assert.deepEqual([level, message, fields.found, fields.pipelines], [
    "error",
    "Checkpoint folder is missing or wrong",
    "The checkpoint folder is missing",
    "one",
  ]);
});
