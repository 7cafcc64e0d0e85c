import assert from "node:assert/strict";
import type { HostKit } from "../../src/cli/make_agent.ts";
import { EVENT_WRITERS } from "../../src/core/event_writer.ts";
import { hostKit } from "../../src/host/host_kit.ts";
import type { HostProcess } from "../../src/host/process.ts";

function fakeProcess(): HostProcess {
  return {
    pid: 7,
    env: (name: string) => `value of ${name}`,
    hostName: () => "node-1",
    onRejection: () => {},
  } as unknown as HostProcess;
}

const log = { debug() {}, info() {}, warn() {}, error() {}, warnOnce() {} };

Deno.test("hostKit is what an agent is put together from", () => {
  const process = fakeProcess();
  const kit: HostKit = hostKit(process);
  assert.equal(kit.env("X"), "value of X");
  assert.equal(kit.hostName(), "node-1");
  assert.equal(kit.pid, 7);
  const given = (reason: unknown) => void reason;
  kit.onRejection(given);
  assert.equal(process.onRejection, given);
});

Deno.test("hostKit gives flushers Kafka, codecs and writers by the keys they know", () => {
  const parts = hostKit(fakeProcess()).flushers(log, () => {});
  assert.deepEqual(Object.keys(parts).sort(), ["codecs", EVENT_WRITERS, "kafka"].sort());
});

Deno.test("hostKit gives files and checkpoints of the real machine", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const kit = hostKit(fakeProcess());
    const files = kit.files("/");
    assert.equal(files.stat(folder)?.kind, "folder");
    files.close();
    const checkpoint = kit.checkpointFolder(folder);
    assert.equal(checkpoint.tryLock(), true);
    checkpoint.unlock();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
