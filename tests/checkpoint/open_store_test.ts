import assert from "node:assert/strict";
import { openStore } from "../../src/checkpoint/open_store.ts";
import { MemoryStore } from "../../src/checkpoint/memory_store.ts";
import { savedLane } from "../support/lanes.ts";
import { MemoryCheckpointFolder } from "../support/memory_checkpoint.ts";
import { MemoryLog } from "../support/memory_log.ts";

const T0 = 1_700_000_000_000;
const DAY = 86_400_000;

Deno.test("openStore tells first, known and lost apart when store and marker come and go", () => {
  const log = new MemoryLog();
  const folder = new MemoryCheckpointFolder();
  assert.deepEqual(openStore(folder, T0, log).birth, { kind: "first", bornMs: T0 });
  assert.deepEqual(openStore(folder, T0 + DAY, log).birth, { kind: "known", bornMs: T0 });
  folder.marker = null;
  assert.deepEqual(openStore(folder, T0 + DAY, log).birth, { kind: "known", bornMs: T0 });
  assert.notEqual(folder.marker, null);
  folder.rows = null;
  assert.deepEqual(openStore(folder, T0 + DAY, log).birth, { kind: "lost", bornMs: T0 });
  assert.deepEqual(openStore(folder, T0 + 2 * DAY, log).birth, { kind: "known", bornMs: T0 });
  assert.deepEqual(log.lines, []);
});

Deno.test("openStore sets a store aside with one warning when it cannot be used", () => {
  const log = new MemoryLog();
  const folder = new MemoryCheckpointFolder();
  openStore(folder, T0, log).save([savedLane(1, 5)], []);
  folder.unusable = "the file is damaged";
  const store = openStore(folder, T0 + DAY, log);
  assert.deepEqual(store.birth, { kind: "lost", bornMs: T0 });
  assert.deepEqual(store.load(), []);
  assert.deepEqual(folder.setAsides, ["damaged-2023-11-15T22-13-20-000Z"]);
  assert.equal(log.lines.length, 1);
  assert.equal(log.lines[0].fields.reason, "the file is damaged");
});

Deno.test("openStore takes every file for younger when neither store nor marker can say", () => {
  const folder = new MemoryCheckpointFolder();
  folder.unusable = "the file is a database of another program";
  assert.deepEqual(openStore(folder, T0, new MemoryLog()).birth, { kind: "lost", bornMs: 0 });
});

Deno.test("openStore leaves out a row when its check sum is wrong", () => {
  const log = new MemoryLog();
  const folder = new MemoryCheckpointFolder();
  openStore(folder, T0, log).save([savedLane(1, 10), savedLane(2, 20)], []);
  const [id, row] = [...folder.rows!].find(([, row]) => row.body.includes("[20,"))!;
  folder.rows!.set(id, { ...row, body: row.body.replace("[20,", "[90,") });
  const store = openStore(folder, T0, log);
  assert.deepEqual(store.load(), [savedLane(1, 10)]);
  assert.deepEqual(store.birth, { kind: "known", bornMs: T0, hasGaps: true });
  assert.equal(log.lines.length, 1);
  assert.equal(log.lines[0].fields.entries, 1);
  assert.deepEqual(openStore(folder, T0, log).birth, { kind: "known", bornMs: T0 });
  assert.equal(log.lines.length, 1);
});

Deno.test("MemoryStore is a first start when it is made", () => {
  const store = new MemoryStore(() => T0);
  assert.deepEqual(store.birth, { kind: "first", bornMs: T0 });
  assert.equal(store.firstSeenMs("p"), T0);
  assert.deepEqual(store.load(), []);
});
