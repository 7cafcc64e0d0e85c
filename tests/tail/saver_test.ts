import assert from "node:assert/strict";
import { RetriableError } from "../../src/core/errors.ts";
import { SavedIndex } from "../../src/tail/saved_index.ts";
import { SAVE_EVERY_MS, savedRow, Saver } from "../../src/tail/saver.ts";
import { MapStore, TestOutput } from "../support/tail_world.ts";
import { LOG, ReaderBed, someSource } from "./reader_bed.ts";

/** A lane that read one line, and a saver; the disk is full when told. */
function setUp() {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const reader = bed.read(LOG, [new TestOutput()]);
  bed.turns(reader);
  const store = new MapStore(() => bed.clock.wallMs());
  const disk = { full: false, saves: 0 };
  const save = store.save.bind(store);
  store.save = (changed, removed) => {
    if (disk.full) throw new RetriableError("CHECKPOINT_SAVE_FAILED", "the disk is full");
    disk.saves++;
    save(changed, removed);
  };
  const index = new SavedIndex([]);
  const saver = new Saver(store, bed.clock, bed.log, bed.metrics, index);
  return { bed, lane: reader.lanes[0], store, disk, index, saver };
}

Deno.test("Saver writes all changes of a moment at once, with where the lane may begin again", () => {
  const { bed, lane, store, disk, index, saver } = setUp();
  for (let i = 0; i < 5; i++) saver.mark(lane);
  bed.clock.advance(SAVE_EVERY_MS - 1);
  assert.equal(disk.saves, 0);
  bed.clock.advance(1);
  assert.equal(disk.saves, 1);
  const [row] = store.rows.values();
  assert.deepEqual([row.done, row.hostPath, row.seenBytes], [[4], LOG, 4]);
  assert.deepEqual(index.ofSource(lane.key()), [row]);
  bed.clock.advance(10_000);
  assert.equal(disk.saves, 1, "nothing changed");
});

Deno.test("Saver has on disk what was settled 100 ms ago, also when lanes move all the time", () => {
  const { bed, lane, store, saver } = setUp();
  const savedMs: number[] = [];
  const save = store.save.bind(store);
  store.save = (changed, removed) => {
    savedMs.push(bed.clock.monotonicMs());
    save(changed, removed);
  };
  const fromMs = bed.clock.monotonicMs();
  for (let i = 0; i < 100; i++) {
    saver.mark(lane);
    bed.clock.advance(10);
  }
  const gaps = savedMs.map((atMs, i) => atMs - (savedMs[i - 1] ?? fromMs));
  assert.ok(gaps.length >= 9 && gaps.every((ms) => ms <= 110), gaps.join());
  assert.equal(gaps[0], 100, "a change waits no longer than this");
});

Deno.test("Saver tries again when the disk refused, and tells both once", () => {
  const { bed, lane, store, disk, saver } = setUp();
  disk.full = true;
  saver.mark(lane);
  bed.clock.advance(3_500);
  assert.equal(bed.metrics.value("denotail_checkpoint_failures_total"), 4);
  assert.match(saver.failure, /the disk is full/);
  assert.equal(bed.log.messages("error").length, 1);
  disk.full = false;
  bed.clock.advance(1_000);
  assert.deepEqual([saver.failure, store.rows.size], ["", 1]);
  assert.equal(bed.log.messages("info").length, 1);
});

Deno.test("Saver removes rows, and does not remove what is saved anew", () => {
  const { lane, store, index, saver } = setUp();
  saver.mark(lane);
  assert.equal(saver.flush(), true);
  saver.remove(lane.key());
  assert.equal(index.size, 0);
  saver.mark(lane);
  saver.flush();
  assert.equal(store.rows.size, 1);
  saver.remove(lane.key());
  saver.flush();
  assert.equal(store.rows.size, 0);
});

Deno.test("Saver saves no lane that was abandoned, and nothing after stop", () => {
  const { bed, lane, store, saver } = setUp();
  saver.mark(lane);
  lane.abandoned = true;
  bed.clock.advance(1_000);
  assert.equal(store.rows.size, 0);
  lane.abandoned = false;
  saver.mark(lane);
  saver.stop();
  assert.equal(bed.clock.pending, 0);
  lane.reader = null;
  assert.equal(savedRow(lane, 0), null);
});

Deno.test("Saver writes the later of two lanes with one identity, whichever changed last", () => {
  const { bed, lane, store, saver } = setUp();
  lane.close();
  bed.readers.forgetLane(lane);
  const next = bed.lane(new TestOutput(), undefined, 0, "f0");
  bed.readers.attach(lane.reader!, someSource(), [next]);
  saver.mark(next);
  saver.mark(lane);
  assert.equal(saver.flush(), true);
  assert.deepEqual([...store.rows.values()].map(({ done }) => done), [[0]]);
});

Deno.test("savedRow brings one row up to date, and makes another for another file", () => {
  const { bed, lane, store, index, saver } = setUp();
  saver.mark(lane);
  saver.flush();
  const row = savedRow(lane, 1);
  bed.files.append(LOG, "two\n");
  bed.turns(lane.reader!);
  assert.equal(savedRow(lane, 2), row);
  saver.mark(lane);
  saver.flush();
  assert.deepEqual(index.ofSource(lane.key()).map(({ done }) => done), [[8]]);
  assert.deepEqual([...store.rows.values()].map(({ done, anchor }) => [done, anchor.at]), [[[8], 8]]);
  lane.reader!.inode++;
  assert.notEqual(savedRow(lane, 3), row);
  saver.mark(lane);
  saver.flush();
  assert.equal(store.rows.size, 2);
});
