import assert from "node:assert/strict";
import { lockFolder } from "../../src/checkpoint/lock.ts";
import { PermanentError } from "../../src/core/errors.ts";
import { MemoryCheckpointFolder } from "../support/memory_checkpoint.ts";
import { MemoryLog } from "../support/memory_log.ts";
import { VirtualClock } from "../support/virtual_host.ts";

const SELF = { pid: 42, host: "node-1" };

Deno.test("lockFolder writes down its holder when the folder is free", async () => {
  const folder = new MemoryCheckpointFolder();
  folder.holder = "left by an agent that was killed";
  await lockFolder(folder, SELF, new VirtualClock(), 30_000, new MemoryLog());
  assert.deepEqual(JSON.parse(folder.holder), { ...SELF, since: "2023-11-14T22:13:20.000Z" });
});

Deno.test("lockFolder waits when another agent leaves in time", async () => {
  const clock = new VirtualClock();
  const folder = new MemoryCheckpointFolder();
  const log = new MemoryLog();
  folder.lockedByOther = true;
  folder.holder = JSON.stringify({ pid: 7, host: "node-1", since: "2023-11-14T00:00:00.000Z" });
  const locked = lockFolder(folder, SELF, clock, 30_000, log);
  await clock.run(20_000);
  assert.deepEqual(log.messages("info"), ["waiting for another agent to leave the checkpoint folder"]);
  folder.lockedByOther = false;
  await clock.run(200);
  await locked;
  assert.match(folder.holder, /"pid":42/);
});

Deno.test("lockFolder names the holder when the time is over", async () => {
  const clock = new VirtualClock();
  const folder = new MemoryCheckpointFolder();
  folder.lockedByOther = true;
  folder.holder = JSON.stringify({ pid: 7, host: "node-1", since: "2023-11-14T00:00:00.000Z" });
  const locked = assert.rejects(lockFolder(folder, SELF, clock, 30_000, new MemoryLog()), (error) => {
    assert.ok(error instanceof PermanentError);
    assert.equal(error.code, "CHECKPOINT_HELD");
    assert.match(error.message, /pid '7' on host 'node-1', since '2023-11-14T00:00:00.000Z'.*waited 30 s/);
    return true;
  });
  await clock.run(29_900);
  assert.equal(clock.pending, 1);
  await clock.run(200);
  await locked;
});
