import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { PermanentError, RetriableError } from "../../src/core/errors.ts";
import { openStore } from "../../src/checkpoint/open_store.ts";
import { DiskCheckpointFolder } from "../../src/host/checkpoint_folder.ts";
import { startChild } from "../support/child.ts";
import { savedLane } from "../support/lanes.ts";
import { runInMounts } from "../support/in_mounts.ts";
import { MemoryLog } from "../support/memory_log.ts";
import { bedTest, need } from "../support/system.ts";

const T0 = 1_700_000_000_000;
const STORE = "checkpoint.sqlite";

async function inFolder(job: (path: string) => void | Promise<void>): Promise<void> {
  const path = Deno.makeTempDirSync({ prefix: "denotail-checkpoint-" });
  try {
    await job(path);
  } finally {
    Deno.removeSync(path, { recursive: true });
  }
}

function open(path: string, log = new MemoryLog(), nowMs = T0) {
  return openStore(new DiskCheckpointFolder(path), nowMs, log);
}

Deno.test("DiskCheckpointFolder makes a store that only its owner may read", () =>
  inFolder((path) => {
    const store = open(path);
    for (const name of [STORE, `${STORE}-wal`]) {
      assert.equal(Deno.statSync(`${path}/${name}`).mode! & 0o777, 0o600, name);
    }
    store.close();
  }));

Deno.test("DiskCheckpointFolder keeps lanes when the store is closed and opened again", () =>
  inFolder((path) => {
    const store = open(path);
    assert.equal(store.birth.kind, "first");
    const lanes = Array.from({ length: 1000 }, (_, i) => savedLane(i, i));
    store.save(lanes, []);
    store.firstSeenMs("nginx");
    store.close();
    const again = open(path, new MemoryLog(), T0 + 1);
    assert.deepEqual(again.birth, { kind: "known", bornMs: T0 });
    assert.equal(again.firstSeenMs("nginx"), T0);
    assert.deepEqual(again.load(), lanes);
    again.close();
  }));

Deno.test("DiskCheckpointFolder sets a file aside when it is foreign, newer or no database", () =>
  inFolder((path) => {
    const makers: [RegExp, () => void][] = [
      [/not a database/, () => Deno.writeTextFileSync(`${path}/${STORE}`, "hello world ".repeat(1000))],
      [/not a file/, () => Deno.mkdirSync(`${path}/${STORE}`)],
      [/another program/, () => {
        const other = new DatabaseSync(`${path}/${STORE}`);
        other.exec("CREATE TABLE theirs (a)");
        other.close();
      }],
      [/schema '99', written by a newer version/, () => {
        open(path).close();
        const newer = new DatabaseSync(`${path}/${STORE}`);
        newer.exec("PRAGMA user_version = 99");
        newer.close();
      }],
    ];
    makers.forEach(([reason, make], i) => {
      for (const { name } of Deno.readDirSync(path)) Deno.removeSync(`${path}/${name}`, { recursive: true });
      make();
      const log = new MemoryLog();
      const store = open(path, log, T0 + i);
      assert.equal(store.birth.kind, "lost");
      assert.equal(log.lines.length, 1, JSON.stringify(log.lines));
      assert.match(String(log.lines[0].fields.reason), reason);
      assert.ok(Deno.lstatSync(String(log.lines[0].fields.renamedTo)));
      store.close();
    });
  }));

Deno.test("DiskCheckpointFolder says the remedy when the folder is missing or is none", () =>
  inFolder((path) => {
    Deno.writeTextFileSync(`${path}/file`, "");
    for (const wrong of [`${path}/none`, `${path}/file`]) {
      const folder = new DiskCheckpointFolder(wrong);
      for (const call of [() => folder.open(), () => folder.tryLock()]) {
        assert.throws(call, (error) => {
          assert.ok(error instanceof PermanentError);
          assert.match(error.message, /--checkpoint=memory/);
          return true;
        });
      }
    }
  }));

Deno.test("DiskCheckpointFolder throws a RetriableError and keeps the old state when a transaction fails in its middle", () =>
  inFolder((path) => {
    const folder = new DiskCheckpointFolder(path);
    const opened = folder.open();
    assert.ok("database" in opened);
    const { database } = opened;
    database.write([{ id: 1, body: "old", sum: 0 }], []);
    const refused = { id: 2, body: null as unknown as string, sum: 0 };
    assert.throws(() => database.write([{ id: 1, body: "new", sum: 0 }, refused], []), RetriableError);
    assert.equal(database.readAll()[0].body, "old");
    database.write([{ id: 1, body: "newer", sum: 0 }], [7]);
    assert.equal(database.readAll()[0].body, "newer");
    database.close();
  }));

Deno.test("DiskCheckpointFolder.tryLock is refused when another process holds the folder, and free after its kill", () =>
  inFolder(async (path) => {
    const program = new URL("../support/hold_lock.ts", import.meta.url).href;
    const holder = startChild(["run", "-A", "--no-prompt", "--no-check", program, path]);
    try {
      await holder.saw("held");
      const folder = new DiskCheckpointFolder(path);
      assert.equal(folder.tryLock(), false);
      assert.deepEqual([folder.probe(), folder.probe()], Array(2).fill({ fault: null, held: true }));
      assert.equal(folder.readHolder(), "the holder\n");
      holder.kill("SIGKILL");
      await holder.ended();
      assert.equal(folder.tryLock(), true);
      folder.unlock();
    } finally {
      holder.kill("SIGKILL");
      await holder.ended();
    }
  }));

Deno.test("DiskCheckpointFolder.tryLock works when somebody wrote into the lock file", () =>
  inFolder((path) => {
    Deno.writeTextFileSync(`${path}/checkpoint.lock`, "garbage ".repeat(500));
    const folder = new DiskCheckpointFolder(path);
    assert.ok(folder.tryLock() || folder.tryLock());
    folder.unlock();
  }));

bedTest(await need("namespace"))(
  "DiskCheckpointFolder keeps the old state when the disk is full, and says the remedy when it is read-only",
  async () => {
    const scratch = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "denotail-disk-" }));
    try {
      for (const name of ["small", "readonly"]) Deno.mkdirSync(`${scratch}/${name}`);
      const setup = 'mount -t tmpfs -o size=400k tmpfs "$T/small"; mount -t tmpfs -o ro tmpfs "$T/readonly"';
      const flags = ["--allow-read=$T", "--allow-write=$T"];
      const seen = await runInMounts<Record<string, unknown>>(scratch, setup, flags, "probe_checkpoint.ts");
      assert.match(String(seen.full), /No space left/);
      assert.match(String(seen.refused), /RetriableError: Resume points were not saved/);
      assert.deepEqual(seen.probed, { fault: "cannot be written (No space left on device)", held: false });
      assert.equal(seen.left, 0);
      assert.equal(seen.again, "");
      assert.deepEqual(seen.points, [...Array(40).fill(1), ...Array(10).fill(3)]);
      assert.deepEqual(seen.birth, { bornMs: 1, kind: "known" });
      assert.match(String(seen.lockOnReadOnly), /PermanentError: .*--checkpoint=memory/);
      assert.match(String(seen.openOnReadOnly), /PermanentError: .*--checkpoint=memory/);
    } finally {
      Deno.removeSync(scratch, { recursive: true });
    }
  },
);

Deno.test("DiskCheckpointFolder probe finds a good folder and leaves nothing in it", () =>
  inFolder((path) => {
    assert.deepEqual(new DiskCheckpointFolder(path).probe(), { fault: null, held: false });
    assert.deepEqual([...Deno.readDirSync(path)], []);
  }));

Deno.test("DiskCheckpointFolder probe says what is wrong with a folder", () =>
  inFolder((path) => {
    const faultOf = (at: string) => new DiskCheckpointFolder(at).probe().fault;
    assert.equal(faultOf(`${path}/missing`), "does not exist");
    Deno.writeTextFileSync(`${path}/file`, "");
    assert.equal(faultOf(`${path}/file`), "is not a folder");
    assert.equal(faultOf("/proc"), "cannot be written (No such file or directory)");
  }));
