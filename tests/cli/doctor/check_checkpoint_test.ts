import assert from "node:assert/strict";
import { checkCheckpoint, type CheckpointProbe } from "../../../src/cli/doctor/check_checkpoint.ts";
import { mount, TestMachine } from "./test_machine.ts";

const GOOD: CheckpointProbe = { fault: null, held: false };

function found(probe: CheckpointProbe, change: (on: TestMachine) => void = () => {}) {
  const on = new TestMachine();
  change(on);
  const { state, found, pipelines } = checkCheckpoint(on.machine(), probe);
  return [state, found, pipelines.join(" ")];
}

Deno.test("checkCheckpoint is content with a folder on a disk, held or not", () => {
  assert.deepEqual(found(GOOD), ["ok", "'/checkpoint' can be written", ""]);
  assert.deepEqual(found({ ...GOOD, held: true }), [
    "ok",
    "'/checkpoint' can be written; an agent holds it now",
    "",
  ]);
  const unread = found(GOOD, (on) => on.files.unlink("/logtail_host/proc"));
  assert.deepEqual(unread, ["ok", "'/checkpoint' can be written", ""], "nothing is guessed");
  const memory = found(GOOD, (on) => on.flags = { ...on.flags, checkpoint: "memory" });
  assert.deepEqual(memory, ["ok", "nothing is saved, as '--checkpoint=memory' asks", ""]);
});

Deno.test("checkCheckpoint says what keeps the agent from saving, which keeps all from running", () => {
  assert.deepEqual(found({ fault: "cannot be written (Read-only file system)", held: false }), [
    "wrong",
    "'/checkpoint' cannot be written (Read-only file system)",
    "out inside host",
  ]);
});

Deno.test("checkCheckpoint warns of a folder that is forgotten", () => {
  const inMemory = found(GOOD, (on) => on.mounts(mount("/"), mount("/checkpoint", "tmpfs")));
  assert.deepEqual(inMemory, [
    "warning",
    "'/checkpoint' lies in memory (tmpfs): progress is forgotten when the machine or the container goes",
    "",
  ]);
  const unmounted = (inContainer: boolean) =>
    found(GOOD, (on) => (on.mounts(mount("/", "overlay", "")), on.inContainer = inContainer));
  assert.deepEqual(unmounted(true), [
    "warning",
    "'/checkpoint' lies in the container's own file system: progress is forgotten when the container goes",
    "",
  ]);
  assert.equal(unmounted(false)[0], "ok", "a machine may have such a root");
});
