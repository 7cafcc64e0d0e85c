import assert from "node:assert/strict";
import { hostView } from "../../src/core/host_view.ts";
import { reopener } from "../../src/tail/reader_table.ts";
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
