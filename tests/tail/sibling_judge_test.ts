import assert from "node:assert/strict";
import type { SavedLane } from "../../src/core/checkpoint.ts";
import type { FollowSpec } from "../../src/core/tailing.ts";
import { Beginnings } from "../../src/tail/beginnings.ts";
import { SavedIndex } from "../../src/tail/saved_index.ts";
import { savedRow } from "../../src/tail/saver.ts";
import { SiblingJudge } from "../../src/tail/sibling_judge.ts";
import type { TailShared } from "../../src/tail/tail_shared.ts";
import { LINES, TestOutput } from "../support/tail_world.ts";
import { hostView } from "../support/virtual_host.ts";
import { LOG, ReaderBed } from "./reader_bed.ts";

const TEXT = "a line that is long enough to tell\n";

function setUp(rows: (bed: ReaderBed) => SavedLane[] = () => []) {
  const bed = new ReaderBed();
  bed.files.reuseInodes = false;
  bed.files.write(LOG, TEXT);
  const shared = {
    files: bed.files,
    saved: new SavedIndex(rows(bed)),
    withFile: (reader: ReturnType<ReaderBed["acquire"]>, use: never) => reader.withFile(use),
  } as unknown as TailShared;
  const spec = {
    pipeline: "p",
    input: "i",
    origin: "host",
    view: hostView("/"),
    framing: LINES,
  } as unknown as FollowSpec;
  const judge = new SiblingJudge(spec, LOG, shared, new Beginnings(spec, LOG, shared));
  const older = (isNews = true) => {
    const info = bed.files.lstat(LOG);
    const found = [...judge.older(info, judge.siblings(), () => false, () => isNews)];
    return found.map(({ sibling, isCopy }) => [sibling.path, isCopy]);
  };
  return { bed, judge, older };
}

/** The row of a lane that has read the log to its end. */
function readRow(bed: ReaderBed): SavedLane[] {
  const reader = bed.read(LOG, [new TestOutput()]);
  bed.turns(reader);
  return [savedRow(reader.lanes[0], 0)!];
}

Deno.test("SiblingJudge opens what was read before under its new name, however old it is", () => {
  const { bed, older } = setUp(readRow);
  bed.files.rename(LOG, `${LOG}.1`);
  bed.files.write(LOG, "new\n");
  assert.deepEqual(older(false), [[`${LOG}.1`, false]]);
});

Deno.test("SiblingJudge opens news in order of age, and leaves old files and copies of the log", () => {
  const { bed, older } = setUp();
  bed.files.write(`${LOG}.2`, "older\n");
  bed.files.write(`${LOG}.1`, "younger\n");
  bed.files.copy(LOG, `${LOG}.3`);
  assert.deepEqual(older(), [[`${LOG}.2`, false], [`${LOG}.1`, false]]);
  assert.deepEqual(older(false), []);
});

Deno.test("SiblingJudge takes a file for the copy of one that is gone, and for none while that is there", () => {
  const { bed, older } = setUp(readRow);
  bed.files.write(`${LOG}.1`, `${TEXT}more\n`);
  assert.deepEqual(older(), [[`${LOG}.1`, false]], "it begins as the log does, but goes on differently");
  bed.files.truncate(LOG);
  assert.deepEqual(older(), [[`${LOG}.1`, true]]);
});

Deno.test("SiblingJudge knows a copy of what is open, finished or not", () => {
  const { bed, judge } = setUp();
  const generations = [{ reader: bed.acquire(), lanes: [], path: LOG, current: true }];
  bed.files.write(`${LOG}.1`, TEXT.slice(0, 20));
  bed.files.write(`${LOG}.2`, `${TEXT}more\n`);
  const isCopy = judge.siblings().map((sibling) => judge.isCopyOfOpen(sibling, generations));
  assert.deepEqual(isCopy, [false, true]);
});

Deno.test("SiblingJudge takes for news what was not there at the last look, or was written since", () => {
  const { bed, judge } = setUp();
  bed.files.write(`${LOG}.1`, "one\n");
  judge.remember(judge.siblings());
  bed.clock.advance(1_000);
  bed.files.write(`${LOG}.2`, "two\n");
  assert.deepEqual(judge.siblings().map((sibling) => judge.saw(sibling)), [false, true]);
  bed.files.append(`${LOG}.1`, "more\n");
  assert.deepEqual(judge.siblings().map((sibling) => judge.saw(sibling)), [false, false]);
});
