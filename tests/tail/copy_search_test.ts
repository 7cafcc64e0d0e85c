import assert from "node:assert/strict";
import type { FollowSpec } from "../../src/core/tailing.ts";
import { findCopy } from "../../src/tail/copy_search.ts";
import type { FileReader } from "../../src/tail/file_reader.ts";
import { type Generation, Generations } from "../../src/tail/generations.ts";
import { SavedIndex } from "../../src/tail/saved_index.ts";
import { savedRow } from "../../src/tail/saver.ts";
import type { SourcePath } from "../../src/tail/source_path.ts";
import { TestOutput } from "../support/tail_world.ts";
import { hostView } from "../support/virtual_host.ts";
import { LOG, ReaderBed } from "./reader_bed.ts";

const BANNER = "---- every file of this program begins so ----\n";

/** A log that was read to its end and truncated since then. */
function setUp(text = `${BANNER}one\n`) {
  const bed = new ReaderBed();
  bed.files.reuseInodes = false;
  const readFile = (path: string): FileReader => {
    const reader = bed.read(path, [new TestOutput()]);
    bed.turns(reader);
    return reader;
  };
  bed.files.write(LOG, text);
  const reader = readFile(LOG);
  const line = new Generations({ endLane: () => true, dropped: () => {} });
  const add = (of: FileReader) =>
    line.add({ reader: of, lanes: of.lanes, path: LOG, current: false } satisfies Generation, undefined);
  add(reader);
  const seen = new Set<string>();
  const doubtful = new Set<string>();
  const proven: string[] = [];
  const spec = { view: hostView("/"), pipeline: "p", input: "i", origin: "host" } as unknown as FollowSpec;
  const owner = {
    spec,
    path: LOG,
    generations: line,
    saw: ({ path }: { path: string }) => seen.has(path),
    mayBeCopy: ({ path }: { path: string }, bytes: number) => bytes >= (doubtful.has(path) ? 1024 : 32),
    prove: ({ path }: { path: string }) => proven.push(path),
  } as unknown as SourcePath;
  const saved = new SavedIndex([]);
  const find = () => {
    const found = findCopy(reader, [owner], { files: bed.files, readers: bed.readers, saved });
    if (found === null) return null;
    return "reader" in found ? found.reader : found.file.hostPath;
  };
  return { bed, reader, readFile, add, seen, doubtful, proven, saved, find };
}

Deno.test("findCopy finds the file that holds what was read, and opens no other", () => {
  const { bed, find } = setUp();
  bed.files.copy(LOG, `${LOG}.2`);
  bed.files.write(`${LOG}.1`, `${BANNER}two\n`);
  assert.equal(find(), `${LOG}.2`);
  assert.equal(bed.files.openCount, 2);
});

Deno.test("findCopy takes the oldest of those that appeared, before those that were there", () => {
  const { bed, seen, find } = setUp(BANNER);
  for (const name of [3, 2, 1]) bed.files.write(`${LOG}.${name}`, `${BANNER}${name}\n`);
  seen.add(`${LOG}.3`);
  assert.equal(find(), `${LOG}.2`);
  seen.add(`${LOG}.2`).add(`${LOG}.1`);
  assert.equal(find(), `${LOG}.1`, "the youngest of those that were there");
});

Deno.test("findCopy takes no file that was read before, or that is the copy of another generation", () => {
  const { bed, readFile, saved, add, find } = setUp(BANNER);
  bed.files.write(`${LOG}.1`, `${BANNER}one\n`);
  const other = readFile(`${LOG}.1`);
  saved.note(savedRow(other.lanes[0], 0)!);
  bed.readers.forget(other);
  assert.equal(find(), null, "it was read further");
  saved.forget(other.lanes[0].key());
  bed.files.copy(`${LOG}.1`, `${LOG}.2`);
  bed.files.unlink(`${LOG}.1`);
  assert.equal(find(), `${LOG}.2`);
  add(other);
  assert.equal(find(), null, "the other one knows more of it");
});

Deno.test("findCopy gives the reader that another target has on the copy, unless it is an older generation", () => {
  const { bed, readFile, add, find } = setUp(BANNER);
  bed.files.copy(LOG, `${LOG}.1`);
  const copy = readFile(`${LOG}.1`);
  assert.equal(find(), copy);
  add(copy);
  assert.equal(find(), copy, "a younger generation found it by itself");
});

Deno.test("findCopy takes no file whose name says that it is younger than what came after those bytes", () => {
  for (const [later, younger, older] of [[".2", ".1", ".3"], [".20261129-2", ".20261129-3", ".20261129-1"]]) {
    for (const isOwn of [true, false]) {
      const { bed, readFile, add, find } = setUp(BANNER);
      // Truncated and rotated, or a younger generation.
      if (isOwn) bed.files.rename(LOG, `${LOG}${later}`);
      bed.files.write(`${LOG}${later}`, "new\n");
      if (!isOwn) add(readFile(`${LOG}${later}`));
      bed.files.write(`${LOG}${younger}`, `${BANNER}younger\n`);
      assert.equal(find(), null);
      bed.files.write(`${LOG}${older}`, `${BANNER}older\n`);
      assert.equal(find(), `${LOG}${older}`);
    }
  }
});

Deno.test("findCopy finds nothing for a file of which too little is known", () => {
  const { bed, find } = setUp("short\n");
  bed.files.copy(LOG, `${LOG}.1`);
  assert.equal(find(), null);
});

Deno.test("findCopy wants more of a file whose name is a usual one, and tells the source what it found", () => {
  const { bed, doubtful, proven, find } = setUp();
  bed.files.copy(LOG, `${LOG}.1`);
  doubtful.add(`${LOG}.1`);
  assert.equal(find(), null);
  doubtful.clear();
  assert.equal(find(), `${LOG}.1`);
  assert.deepEqual(proven, [`${LOG}.1`]);
});
