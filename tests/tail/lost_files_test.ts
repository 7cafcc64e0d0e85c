import assert from "node:assert/strict";
import type { FollowSpec } from "../../src/core/tailing.ts";
import type { FileReader } from "../../src/tail/file_reader.ts";
import { Generations } from "../../src/tail/generations.ts";
import { LostFiles } from "../../src/tail/lost_files.ts";
import { SavedIndex } from "../../src/tail/saved_index.ts";
import { Saver } from "../../src/tail/saver.ts";
import type { SourcePath } from "../../src/tail/source_path.ts";
import { MapStore, TestOutput } from "../support/tail_world.ts";
import { hostView } from "../support/virtual_host.ts";
import { LOG, ReaderBed } from "./reader_bed.ts";

const TEXT = "a line that is long enough to tell\n";

/** A log that was read to its end, with its source; what the source is told is remembered. */
function setUp() {
  const bed = new ReaderBed();
  bed.files.write(LOG, TEXT);
  const output = new TestOutput();
  const reader = bed.acquire();
  const generations = new Generations({ endLane: () => true, dropped: () => {} });
  const told: (number | null)[] = [];
  const source = {
    spec: { view: hostView("/"), pipeline: "p", input: "i", origin: "host" } as unknown as FollowSpec,
    path: LOG,
    generations,
    leadsTo: () => false,
    saw: () => false,
    mayBeCopy: () => true,
    prove: () => {},
    truncated: (_by: FileReader, _was: unknown, held: { sizeBytes: number } | null) =>
      void told.push(held?.sizeBytes ?? null),
  } as unknown as SourcePath;
  const lanes = [bed.lane(output)];
  generations.add({ reader, lanes, path: LOG, current: true }, undefined);
  bed.readers.attach(reader, source, lanes);
  bed.turns(reader);
  const saved = new SavedIndex([]);
  const goesOn: FileReader[] = [];
  const lost = new LostFiles({
    files: bed.files,
    readers: bed.readers,
    saved,
    saver: new Saver(new MapStore(() => 0), bed.clock, bed.log, bed.metrics, saved),
    losses: bed.losses,
    tools: bed.tools,
    goOn: (each) => void goesOn.push(each),
  }, bed.metrics);
  return { bed, output, reader, lost, told, goesOn };
}

Deno.test("LostFiles leaves a file that is what it was", () => {
  const { bed, reader, lost, told } = setUp();
  bed.files.append(LOG, "more\n");
  lost.settle(reader);
  assert.deepEqual([told, reader.lost], [[], false]);
});

Deno.test("LostFiles goes on in the copy of a truncated file, and tells what the file holds now", () => {
  const { bed, output, reader, lost, told, goesOn } = setUp();
  bed.files.append(LOG, "unread\n");
  bed.files.copy(LOG, `${LOG}.1`);
  bed.files.write(LOG, "new\n");
  lost.settle(reader);
  assert.deepEqual([told, goesOn], [[4], [reader]]);
  assert.equal(bed.turns(reader), "end");
  assert.deepEqual(output.got, [TEXT.trim(), "unread"]);
  assert.equal(bed.losses.bytesLost, 0);
});

Deno.test("LostFiles books what was seen of a truncated file and is nowhere else", () => {
  const { bed, reader, lost } = setUp();
  reader.diskBytes = TEXT.length + 7;
  bed.files.write(LOG, "new\n");
  lost.settle(reader);
  assert.deepEqual([bed.losses.bytesLost, reader.lost, reader.lanes[0].closed], [7, true, true]);
});

Deno.test("LostFiles gives up a deleted file above the limit, and counts it before", () => {
  const { bed, reader, lost } = setUp();
  bed.files.append(LOG, "unread\n");
  lost.giveUpDeleted(0);
  assert.equal(reader.lost, false, "it has a name");
  bed.files.unlink(LOG);
  lost.giveUpDeleted(TEXT.length + 7);
  assert.deepEqual([reader.lost, lost.deletedBytes], [false, TEXT.length + 7]);
  lost.giveUpDeleted(TEXT.length + 6);
  assert.deepEqual([reader.lost, bed.losses.bytesLost, lost.deletedBytes], [true, 7, 0]);
});
