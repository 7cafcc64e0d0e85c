import assert from "node:assert/strict";
import { RetriableError } from "../../src/core/errors.ts";
import { openStore } from "../../src/checkpoint/open_store.ts";
import { savedLane } from "../support/lanes.ts";
import { MemoryCheckpointFolder } from "../support/memory_checkpoint.ts";
import { MemoryLog } from "../support/memory_log.ts";

const T0 = 1_700_000_000_000;

function open(folder: MemoryCheckpointFolder, nowMs = T0) {
  return openStore(folder, nowMs, new MemoryLog());
}

Deno.test("FolderStore.save keeps the latest point of each lane when they change and go", () => {
  const folder = new MemoryCheckpointFolder();
  const store = open(folder);
  store.save([savedLane(1, 1), savedLane(2, 2)], []);
  store.save([savedLane(1, 100), savedLane(3, 3)], [savedLane(2, 0).key, savedLane(9, 0).key]);
  assert.deepEqual(open(folder).load(), [savedLane(1, 100), savedLane(3, 3)]);
});

Deno.test("FolderStore.save makes one transaction, and none when nothing changed", () => {
  const folder = new MemoryCheckpointFolder();
  const store = open(folder);
  const before = folder.writes;
  store.save([], []);
  store.save([], [savedLane(5, 0).key]);
  assert.equal(folder.writes, before);
  store.save([savedLane(1, 1), savedLane(2, 2)], []);
  assert.equal(folder.writes, before + 1);
});

Deno.test("FolderStore.save throws and keeps the old state when the disk refuses", () => {
  const folder = new MemoryCheckpointFolder();
  const store = open(folder);
  store.save([savedLane(1, 1)], []);
  folder.full = true;
  assert.throws(() => store.save([savedLane(1, 50), savedLane(2, 2)], [savedLane(1, 0).key]), RetriableError);
  assert.deepEqual(open(folder).load(), [savedLane(1, 1)]);
  folder.full = false;
  store.save([savedLane(1, 60), savedLane(2, 3)], []);
  assert.deepEqual(open(folder).load(), [savedLane(1, 60), savedLane(2, 3)]);
});

Deno.test("FolderStore.save has one row for a lane when the object that names it is another one", () => {
  const folder = new MemoryCheckpointFolder();
  const store = open(folder);
  const row = savedLane(1, 1);
  store.save([row], []);
  store.save([{ ...row, done: [2] }], [savedLane(2, 0).key]);
  store.save([], [savedLane(1, 0).key]);
  assert.deepEqual(open(folder).load(), []);
  store.save([row], []);
  store.save([savedLane(1, 9)], []);
  assert.deepEqual(open(folder).load(), [savedLane(1, 9)]);
  const late = savedLane(4, 4);
  folder.full = true;
  assert.throws(() => store.save([late], []), RetriableError);
  folder.full = false;
  store.save([savedLane(5, 5)], []);
  store.save([late], []);
  assert.deepEqual(open(folder).load(), [savedLane(1, 9), savedLane(5, 5), late]);
});

Deno.test("FolderStore.save takes the later of two rows of one lane", () => {
  const folder = new MemoryCheckpointFolder();
  open(folder).save([savedLane(1, 1), savedLane(1, 2)], []);
  assert.deepEqual(open(folder).load(), [savedLane(1, 2)]);
});

Deno.test("FolderStore.firstSeenMs stays when the pipeline is asked for again after a restart", () => {
  const folder = new MemoryCheckpointFolder();
  assert.equal(open(folder, T0).firstSeenMs("nginx"), T0);
  const later = open(folder, T0 + 5000);
  assert.equal(later.firstSeenMs("nginx"), T0);
  assert.equal(later.firstSeenMs("new"), T0 + 5000);
});

Deno.test("FolderStore.firstSeenMs is the birth of the store when what was known is lost", () => {
  const later = T0 + 86_400_000;
  for (const damage of ["deleted", "unusable", "broken row"]) {
    const folder = new MemoryCheckpointFolder();
    const store = open(folder, T0);
    store.firstSeenMs("nginx");
    store.save([savedLane(1, 1)], []);
    if (damage === "deleted") folder.rows = null;
    if (damage === "unusable") folder.unusable = "the file is damaged";
    if (damage === "broken row") {
      for (const [id, row] of folder.rows!) {
        if (row.body.includes("nginx")) folder.rows!.set(id, { ...row, sum: row.sum ^ 1 });
      }
    }
    assert.equal(open(folder, later).firstSeenMs("nginx"), T0, damage);
    assert.equal(open(folder, later + 5).firstSeenMs("nginx"), T0, `${damage}, one start later`);
    assert.equal(open(folder, later + 9).firstSeenMs("new"), later + 9, damage);
  }
});

Deno.test("FolderStore.save outlives a power cut when it is the first one after a pipeline was first seen", () => {
  const folder = new MemoryCheckpointFolder();
  const store = open(folder, T0);
  store.save([savedLane(1, 1)], []);
  const before = folder.lasting;
  store.firstSeenMs("nginx");
  store.firstSeenMs("apache");
  assert.equal(folder.lasting, before);
  folder.full = true;
  assert.throws(() => store.save([savedLane(1, 2)], []));
  folder.full = false;
  store.save([savedLane(1, 2)], []);
  assert.equal(folder.lasting, before + 1);
  store.save([savedLane(1, 3)], []);
  assert.equal(folder.lasting, before + 1);
});

Deno.test("FolderStore.firstSeenMs is stored with the next save when the disk refused it", () => {
  const folder = new MemoryCheckpointFolder();
  const store = open(folder, T0);
  folder.full = true;
  assert.equal(store.firstSeenMs("nginx"), T0);
  folder.full = false;
  store.save([savedLane(1, 1)], []);
  assert.equal(open(folder, T0 + 9).firstSeenMs("nginx"), T0);
});

Deno.test("FolderStore.setNote keeps the latest text over a restart, and the old one when the disk refuses", () => {
  const folder = new MemoryCheckpointFolder();
  const store = open(folder);
  assert.equal(store.note("n"), null);
  store.save([savedLane(1, 1)], []);
  store.setNote("n", "one");
  store.setNote("n", "two");
  folder.full = true;
  assert.throws(() => store.setNote("n", "three"), RetriableError);
  assert.equal(open(folder).note("n"), "two");
  assert.deepEqual(open(folder).load(), [savedLane(1, 1)]);
});
