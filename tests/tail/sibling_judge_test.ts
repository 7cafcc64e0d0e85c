import assert from "node:assert/strict";
import type { SavedLane } from "../../src/core/checkpoint.ts";
import type { FollowSpec } from "../../src/core/tailing.ts";
import { Beginnings } from "../../src/tail/beginnings.ts";
import { readAnchor, readHead } from "../../src/tail/identity.ts";
import { SavedIndex } from "../../src/tail/saved_index.ts";
import { savedRow } from "../../src/tail/saver.ts";
import { SiblingJudge } from "../../src/tail/sibling_judge.ts";
import type { SourceOwner } from "../../src/tail/source_owner.ts";
import type { TailShared } from "../../src/tail/tail_shared.ts";
import { LINES, MapStore, TestOutput } from "../support/tail_world.ts";
import { hostView } from "../support/virtual_host.ts";
import { LOG, ReaderBed } from "./reader_bed.ts";

const TEXT = "a line that is long enough to tell\n";

const names = (siblings: readonly { path: string }[]) =>
  siblings.map(({ path }) => path.slice(LOG.length - 7));

/** `rows`: saved lanes; what is said of every sibling: the pattern finds it, follows it, leaves it out. */
function setUp(
  rows: (bed: ReaderBed) => SavedLane[] = () => [],
  given: { readonly finds?: boolean; readonly reads?: boolean; readonly excluded?: boolean } = {},
) {
  const bed = new ReaderBed();
  bed.files.reuseInodes = false;
  bed.files.write(LOG, TEXT);
  const saved = new SavedIndex(rows(bed));
  const store = new MapStore(() => bed.clock.wallMs());
  const shared = {
    files: bed.files,
    saved,
    store,
    withFile: (reader: ReturnType<ReaderBed["acquire"]>, use: never) => reader.withFile(use),
  } as unknown as TailShared;
  const spec = {
    pipeline: "p",
    input: "i",
    origin: "host",
    originCreatedMs: null,
    view: hostView("/"),
    framing: LINES,
    select: { kind: "exact", path: LOG, excluded: () => given.excluded === true },
  } as unknown as FollowSpec;
  const owner = {
    finds: () => given.finds === true,
    reads: () => given.reads === true,
  } as unknown as SourceOwner;
  const judge = new SiblingJudge(spec, LOG, shared, owner, new Beginnings(spec, LOG, shared));
  const older = () => {
    const info = bed.files.lstat(LOG);
    const found = [...judge.older(info, judge.siblings(), () => false)];
    return found.map(({ sibling, copyOf }) => [sibling.path, copyOf !== null]);
  };
  return { bed, judge, older, saved, store };
}

/** The row of a lane that has read the log to its end. */
function readRow(bed: ReaderBed): SavedLane[] {
  const reader = bed.read(LOG, [new TestOutput()]);
  bed.turns(reader);
  return [{ ...savedRow(reader.lanes[0], bed.clock.wallMs())! }];
}

Deno.test("SiblingJudge opens what was read before under its new name, whatever that is", () => {
  for (const name of [`${LOG}.1`, `${LOG}.json`, `${LOG}-audit`]) {
    const { bed, older } = setUp(readRow);
    bed.files.rename(LOG, name);
    bed.files.write(LOG, "new\n");
    assert.deepEqual(older(), [[name, false]]);
  }
});

Deno.test("SiblingJudge leaves a file to the path under which it was read", () => {
  const { bed, older, saved } = setUp(readRow);
  bed.files.write("/var/log/app-2.log", `another one, ${TEXT}`);
  const reader = bed.read("/var/log/app-2.log", [new TestOutput()]);
  bed.turns(reader);
  const row = savedRow(reader.lanes[0], 0)!;
  saved.note({ ...row, key: { ...row.key, source: "host:/var/log/app-2.log" } });
  bed.files.rename(LOG, `${LOG}.1`);
  bed.files.write(LOG, "new\n");
  assert.deepEqual(older(), [[`${LOG}.1`, false]]);
});

Deno.test("SiblingJudge goes on where a file was left under another name, if that is further", () => {
  const { bed, judge, saved } = setUp(readRow);
  const [own] = saved.ofSource({ pipeline: "p", input: "i", source: `host:${LOG}` });
  bed.files.append(LOG, "more\n");
  const [row] = readRow(bed);
  saved.note({ ...row, key: { ...row.key, source: `host:${LOG}.1` } });
  bed.files.rename(LOG, `${LOG}.1`);
  bed.files.write(LOG, "new\n");
  const [{ begin }] = [...judge.older(bed.files.lstat(LOG), judge.siblings(), () => false)];
  const opened = bed.files.open(hostView("/"), `${LOG}.1`);
  assert.ok("file" in opened);
  assert.deepEqual(own.done, [TEXT.length]);
  assert.deepEqual(begin(opened.file, "f0"), { done: [TEXT.length + 5] });
});

Deno.test("SiblingJudge takes what a rotator made meanwhile, oldest first, and no file with another ending", () => {
  const { bed, older } = setUp(readRow);
  bed.files.rename(LOG, `${LOG}.3`);
  bed.clock.advance(10);
  for (const name of [".2", ".1", ".env", ".pos", "-audit"]) bed.files.write(`${LOG}${name}`, "younger\n");
  bed.files.write("/var/log/app-2.log", "younger\n");
  bed.files.write(LOG, "new\n");
  assert.deepEqual(older(), [[`${LOG}.3`, false], [`${LOG}.2`, false], [`${LOG}.1`, false]]);
});

Deno.test("SiblingJudge takes no missed generation while the path leads to the only file that was read", () => {
  const { bed, store, older } = setUp(readRow);
  bed.clock.advance(10);
  bed.files.write(`${LOG}.1`, "another program's\n");
  assert.deepEqual(older(), []);
  store.birth = { ...store.birth, hasGaps: true };
  assert.deepEqual(
    older(),
    [[`${LOG}.1`, false]],
    "an entry is damaged, and may have been that of this file",
  );
});

Deno.test("SiblingJudge takes no missed generation that is left out, followed, or found by the pattern alone", () => {
  const rotated = (given: Parameters<typeof setUp>[1], rows?: typeof readRow) => {
    const { bed, older } = setUp(rows, given);
    bed.files.unlink(LOG);
    bed.files.write(LOG, "new\n");
    bed.files.write(`${LOG}.1`, "missed\n");
    return older().length;
  };
  assert.equal(rotated({}, readRow), 1);
  assert.equal(rotated({ excluded: true }, readRow), 0);
  assert.equal(rotated({ reads: true }, readRow), 0);
  assert.equal(rotated({ finds: true }, readRow), 1, "its own file is gone, so it was rotated");
  assert.equal(rotated({}), 1, "nothing was read yet, and nobody else would read it");
  assert.equal(rotated({ finds: true }), 0, "a source of its own");
});

Deno.test("SiblingJudge takes names in the style in which it saw its own file renamed", () => {
  const { bed, judge } = setUp();
  const generation = { reader: bed.acquire(), lanes: [], path: LOG, current: true };
  bed.files.rename(LOG, "/var/log/app-3.log");
  bed.files.write("/var/log/app-2.log", "missed\n");
  bed.files.write(`${LOG}.json`, "another\n");
  assert.deepEqual(names(judge.missed(judge.siblings(), 0, [])), []);
  assert.deepEqual(names(judge.missed(judge.siblings(), 0, [generation])), ["app-3.log", "app-2.log"]);
});

Deno.test("SiblingJudge takes names in the style of a generation that was read by such a name before a restart", () => {
  // It was missed once and opened as it was called then; another file was a source of its own by a name of this style.
  const rows = (bed: ReaderBed) => {
    bed.files.write(`${LOG}.2`, `missed: ${TEXT}`);
    const reader = bed.read(`${LOG}.2`, [new TestOutput()]);
    bed.turns(reader);
    const row = savedRow(reader.lanes[0], 0)!;
    const other = { ...row.key, source: `host:${LOG}.1`, inode: 99 };
    return [{ ...row, key: { ...row.key, source: `host:${LOG}` } }, { ...row, key: other }];
  };
  const { bed, judge, older } = setUp(rows);
  bed.files.write(`${LOG}.1`, "new\n");
  assert.deepEqual(names(judge.missed(judge.siblings(), 0, [])), ["app.log.2"]);
  assert.deepEqual(older(), [[`${LOG}.2`, false], [`${LOG}.1`, false]]);
  assert.deepEqual(names(judge.missed(judge.siblings(), 0, [])), ["app.log.2", "app.log.1"]);
});

Deno.test("SiblingJudge takes no missed generation that is older than what was read last", () => {
  const { bed, judge } = setUp();
  bed.files.write(`${LOG}.2`, "old\n");
  bed.clock.advance(1_000);
  const sinceMs = bed.clock.wallMs();
  bed.files.write(`${LOG}.1`, "young\n");
  assert.deepEqual(names(judge.missed(judge.siblings(), sinceMs, [])), ["app.log.1"]);
  // One that is still written counts by when it was made, where the file system says so.
  bed.files.append(`${LOG}.2`, "more\n");
  assert.deepEqual(names(judge.missed(judge.siblings(), sinceMs, [])), ["app.log.2", "app.log.1"]);
  bed.files.tellsBirth = true;
  assert.deepEqual(names(judge.missed(judge.siblings(), sinceMs, [])), ["app.log.1"]);
});

Deno.test("SiblingJudge takes a file for the copy of one that is gone, and for none while that is there", () => {
  const { bed, older } = setUp(readRow);
  bed.files.write("/var/log/app.log.1", `${TEXT}more\n`);
  assert.deepEqual(older(), [], "the log itself still holds what was read");
  bed.files.truncate(LOG);
  assert.deepEqual(older(), [[`${LOG}.1`, true]]);
});

Deno.test("SiblingJudge takes a file for the copy of a truncated one when its inode number is another's, if enough tells", () => {
  const isCopy = (given: { bytes?: number; ownBytes?: number; tellsBirth?: boolean; isGone?: boolean }) => {
    const { bed, older, saved } = setUp();
    bed.files.tellsBirth = given.tellsBirth ?? false;
    bed.files.append(LOG, `${"x".repeat((given.bytes ?? 1_100) - TEXT.length - 1)}\n`);
    const [row] = readRow(bed);
    saved.note(row);
    bed.files.copy(LOG, `${LOG}.1`);
    const { inode } = bed.files.lstat(`${LOG}.1`)!;
    // Of the file that had this inode number before, so many bytes were read.
    const reader = bed.acquire();
    reader.noteHead();
    const head = readHead(reader.file!, given.ownBytes ?? 0);
    const anchor = readAnchor(reader.file!, head.length);
    saved.note({ ...row, key: { ...row.key, inode }, head, anchor, done: [head.length] });
    if (given.isGone) {
      bed.files.unlink(LOG);
      bed.files.write(LOG, "new\n");
    } else bed.files.truncate(LOG);
    const found = older();
    assert.equal(found.length, 1);
    return found[0][1];
  };
  assert.equal(isCopy({}), true);
  assert.equal(isCopy({ ownBytes: 100 }), true, "a banner");
  assert.equal(isCopy({ ownBytes: 1_024 }), false, "it was read itself");
  assert.equal(isCopy({ bytes: 1_000 }), false, "many files begin alike");
  assert.equal(isCopy({ tellsBirth: true }), false, "it is known to be that very file");
  assert.equal(isCopy({ isGone: true }), false, "nothing was truncated");
});

Deno.test("SiblingJudge knows a copy of what is open, if there is enough of it for its name", () => {
  const { bed, judge } = setUp();
  bed.files.append(LOG, "x".repeat(2_000));
  const generations = [{ reader: bed.acquire(), lanes: [], path: LOG, current: true }];
  const isCopy = (path: string, bytes: number, more = "") => {
    bed.files.write(path, `${TEXT}${"x".repeat(2_000)}`.slice(0, bytes) + more);
    const sibling = judge.siblings().find((each) => each.path === path)!;
    return judge.isCopyOfOpen(sibling, generations);
  };
  assert.equal(isCopy(`${LOG}.1`, 32), true);
  assert.equal(isCopy(`${LOG}.1`, 31), false, "many files begin with the same few bytes");
  assert.equal(isCopy(`${LOG}.1`, 0), false);
  assert.equal(isCopy(`${LOG}.1`, 100, "y"), false);
  assert.equal(isCopy("/var/log/app-2.log", 1_000), false, "mostly a log of its own");
  assert.equal(isCopy("/var/log/app-2.log", 1_100), true);
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

Deno.test("SiblingJudge names the lanes whose files are nowhere", () => {
  const { bed, judge, older } = setUp(readRow);
  older();
  assert.equal(judge.gone.length, 0);
  bed.files.rename(LOG, `${LOG}.1`);
  older();
  assert.equal(judge.gone.length, 0);
  bed.files.unlink(`${LOG}.1`);
  older();
  assert.equal(judge.gone.length, 1);
});
