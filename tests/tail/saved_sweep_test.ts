import assert from "node:assert/strict";
import { SavedIndex } from "../../src/tail/saved_index.ts";
import { GONE_AFTER_MS, ROWS_PER_SOURCE_MAX, SavedSweep } from "../../src/tail/saved_sweep.ts";
import { savedRow, Saver } from "../../src/tail/saver.ts";
import { MapStore, TestOutput } from "../support/tail_world.ts";
import { LOG, ReaderBed } from "./reader_bed.ts";

/** A saved lane that read 4 of 10 bytes, whose file nobody has open. */
function setUp() {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const reader = bed.read(LOG, [new TestOutput()]);
  bed.turns(reader);
  bed.files.append(LOG, "three\n");
  reader.noteDisk(10, 0);
  const [lane] = reader.lanes;
  const row = savedRow(lane, 1)!;
  lane.close();
  bed.readers.release(reader, {} as Parameters<typeof bed.readers.release>[1]);
  const store = new MapStore(() => bed.clock.wallMs());
  store.save([row], []);
  const index = new SavedIndex([row]);
  const saver = new Saver(store, bed.clock, bed.log, bed.metrics, index);
  const sweep = new SavedSweep(index, bed.files, bed.clock, bed.readers, saver, bed.losses);
  const runFor = (ms: number) => {
    for (let i = 0; i < ms; i += 1_000) {
      sweep.run();
      bed.clock.advance(1_000);
    }
  };
  return { bed, row, store, index, saver, runFor };
}

Deno.test("SavedSweep keeps the row of a file that is there, renamed ones included", () => {
  const { bed, index, runFor } = setUp();
  bed.files.rename(LOG, `${LOG}.1`);
  bed.files.write(LOG, "new\n");
  runFor(2 * GONE_AFTER_MS);
  assert.equal(index.size, 1);
  assert.equal(bed.losses.bytesLost, 0);
});

Deno.test("SavedSweep forgets a file that is gone for long, and books what was not read of it", () => {
  const { bed, store, index, runFor } = setUp();
  bed.files.unlink(LOG);
  runFor(GONE_AFTER_MS - 5_000);
  assert.equal(index.size, 1, "not yet");
  runFor(10_000);
  assert.deepEqual([index.size, store.rows.size], [0, 0]);
  assert.equal(bed.metrics.value("denotail_lost_bytes_total reason=vanished"), 6);
  assert.equal(bed.log.lines.at(-1)?.fields?.container, "host");
});

Deno.test("SavedSweep counts anew when the file was back meanwhile", () => {
  const { bed, index, runFor } = setUp();
  bed.files.rename(LOG, "/elsewhere");
  runFor(GONE_AFTER_MS - 5_000);
  bed.files.rename("/elsewhere", LOG);
  runFor(5_000);
  bed.files.rename(LOG, "/elsewhere");
  runFor(GONE_AFTER_MS - 5_000);
  assert.equal(index.size, 1);
});

Deno.test("SavedSweep keeps the newest rows of a source with too many", () => {
  const { row, index, runFor } = setUp();
  for (let i = 0; i < ROWS_PER_SOURCE_MAX; i++) {
    index.note({ ...row, key: { ...row.key, flusher: `g${i}` }, savedMs: 10 + i });
  }
  runFor(3_000);
  const rows = index.ofSource(row.key);
  assert.equal(rows.length, ROWS_PER_SOURCE_MAX);
  assert.ok(rows.every(({ savedMs }) => savedMs >= 10), "the oldest went");
});
