import assert from "node:assert/strict";
import { hostView } from "../../src/core/host_view.ts";
import { reopener } from "../../src/tail/reader_table.ts";
import type { FileReader } from "../../src/tail/file_reader.ts";
import { TestOutput } from "../support/tail_world.ts";
import { LOG, ReaderBed, someSource } from "./reader_bed.ts";

Deno.test("ReaderTable has one reader per file, under whatever name", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const reader = bed.acquire();
  bed.files.hardLink(LOG, "/var/log/other.log");
  assert.equal(bed.acquire("/var/log/other.log"), reader);
  bed.files.write("/var/log/new.log", "x");
  assert.notEqual(bed.acquire("/var/log/new.log"), reader);
  assert.deepEqual([bed.readers.size, bed.files.openCount], [2, 2]);
});

Deno.test("ReaderTable closes a file when its last source is done with it", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const reader = bed.acquire();
  const users = ["f", "g"].map((flusher) => ({
    source: someSource(),
    lane: bed.lane(undefined, undefined, 0, flusher),
  }));
  for (const { source, lane } of users) bed.readers.attach(reader, source, [lane]);
  users[0].lane.close();
  assert.equal(bed.readers.release(reader, users[0].source), false);
  assert.deepEqual(bed.readers.ownersOf(reader), [users[1].source]);
  assert.equal(bed.files.openCount, 1);
  users[1].lane.close();
  assert.equal(bed.readers.release(reader, users[1].source), true);
  assert.deepEqual([bed.readers.size, bed.files.openCount], [0, 0]);
});

Deno.test("ReaderTable saves only the newest lane of an identity", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const reader = bed.acquire();
  const [before, other, after] = [bed.lane(), bed.lane(undefined, undefined, 0, "g"), bed.lane()];
  for (const lane of [before, other, after]) bed.readers.attach(reader, someSource(), [lane]);
  assert.deepEqual([before.abandoned, other.abandoned, after.abandoned], [true, false, false]);
});

Deno.test("ReaderTable says why a file is refused, and leaves nothing open", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  bed.files.denied.add(LOG);
  assert.equal(bed.tryAcquire(), null);
  bed.files.denied.clear();
  bed.files.failing.add(LOG);
  assert.equal(bed.tryAcquire(), null, "its beginning cannot be read");
  assert.deepEqual(bed.refusals, ["denied", "failed"]);
  assert.deepEqual([bed.readers.size, bed.files.openCount], [0, 0]);
});

Deno.test("ReaderTable gives a new reader for a file that was truncated and written anew", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\ntwo\n");
  const output = new TestOutput();
  const before = bed.read(LOG, [output]);
  bed.turns(before);
  assert.equal(bed.tryAcquire(LOG, () => assert.fail("nothing changed")), before);
  bed.files.write(LOG, "three and four\n");
  const changed: FileReader[] = [];
  const after = bed.tryAcquire(LOG, (reader) => {
    changed.push(reader);
    bed.readers.succeed(reader);
  });
  assert.deepEqual(changed, [before]);
  assert.ok(after !== null && after !== before);
  assert.deepEqual([bed.readers.size, bed.files.openCount], [1, 1]);
});

Deno.test("ReaderTable finds the successor's file by its identity when it may not stay open", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const before = bed.acquire();
  before.file?.close();
  before.file = null;
  before.reopen = reopener(bed.files, hostView("/"), LOG, before);
  bed.files.write(LOG, "two\n");
  bed.files.rename(LOG, `${LOG}.1`);
  const next = bed.readers.succeed(before);
  assert.deepEqual([next?.info.sizeBytes, next?.reader.head.length], [4, 4]);
  assert.deepEqual([next?.reader.file, before.reopen, bed.files.openCount], [null, null, 0]);
  bed.files.unlink(`${LOG}.1`);
  assert.equal(bed.readers.succeed(next!.reader), null);
});

Deno.test("reopener follows a file through renames", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const open = reopener(bed.files, hostView("/"), LOG, bed.files.lstat(LOG)!);
  bed.files.rename(LOG, `${LOG}.1`);
  bed.files.write(LOG, "other\n");
  const file = open();
  assert.equal(file?.hostPath, `${LOG}.1`);
  file.close();
  bed.files.unlink(`${LOG}.1`);
  assert.equal(open(), null);
  assert.equal(bed.files.openCount, 0);
});
