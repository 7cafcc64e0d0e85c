import assert from "node:assert/strict";
import type { FollowSpec } from "../../src/core/tailing.ts";
import { Beginnings } from "../../src/tail/beginnings.ts";
import { readAnchor, readHead } from "../../src/tail/identity.ts";
import { SavedIndex } from "../../src/tail/saved_index.ts";
import { savedRow } from "../../src/tail/saver.ts";
import type { TailShared } from "../../src/tail/tail_shared.ts";
import { LINES, MapStore, RUNTIME, TestOutput } from "../support/tail_world.ts";
import { hostView } from "../support/virtual_host.ts";
import { LOG, ReaderBed } from "./reader_bed.ts";

const TEXT = "a line that is long enough to tell\n";

/** Lanes `f0` that read `TEXT` to its end and were saved; the next start asks where to begin. */
function setUp(more: Partial<FollowSpec> = {}) {
  const bed = new ReaderBed();
  bed.files.write(LOG, TEXT);
  const reader = bed.read(LOG, [new TestOutput()]);
  bed.turns(reader);
  const row = savedRow(reader.lanes[0], 0)!;
  const store = new MapStore(() => bed.clock.wallMs());
  const shared = {
    files: bed.files,
    clock: bed.clock,
    store,
    losses: bed.losses,
    arena: new Uint8Array(64),
    saved: new SavedIndex([row]),
    startedMs: bed.clock.wallMs(),
    firstRun: true,
    fromStart: false,
  } as unknown as TailShared;
  const spec = {
    pipeline: "p",
    input: "i",
    origin: "host",
    originCreatedMs: null,
    label: "host",
    view: hostView("/"),
    framing: LINES,
    firstContact: { tailBytesMax: 10, written: false },
    ...more,
  } as unknown as FollowSpec;
  const on = (path: string) => {
    const info = bed.files.lstat(path)!;
    const opened = bed.files.open(hostView("/"), path);
    assert.ok("file" in opened);
    return { path, info, file: opened.file };
  };
  return { bed, row, store, shared, spec, of: (path: string) => new Beginnings(spec, path, shared), on };
}

Deno.test("Beginnings takes the furthest of several places whose bytes the file holds", () => {
  const { row, spec, shared, on } = setUp();
  const nothing = { length: 0, hash: 0x811c9dc5 };
  const empty = { ...row, key: { ...row.key, source: "host:/var/log/other.log" }, done: [0], head: nothing };
  const saved = new SavedIndex([{ ...empty, anchor: { at: 0, ...nothing } }, row]);
  const begin = new Beginnings(spec, LOG, { ...shared, saved });
  const { info, file } = on(LOG);
  assert.deepEqual(begin.ofFile(info)(file, "f0"), { done: [TEXT.length] });
  const own = { path: LOG, info };
  assert.deepEqual(begin.from(begin.identical(own), own)(file, "f0"), { done: [TEXT.length] });
});

Deno.test("Beginnings takes the furthest also where one stream never had a line", () => {
  const { row, spec, shared, on } = setUp({ framing: RUNTIME });
  const nothing = { length: 0, hash: 0x811c9dc5 };
  const empty = { ...row, key: { ...row.key, source: "host:/var/log/other.log" }, done: [0], head: nothing };
  const read = { ...row, done: [TEXT.length, 0] };
  for (const rows of [[{ ...empty, anchor: { at: 0, ...nothing } }, read], [read, empty]]) {
    const begin = new Beginnings(spec, LOG, { ...shared, saved: new SavedIndex(rows) });
    const { info, file } = on(LOG);
    assert.deepEqual(begin.ofFile(info)(file, "f0"), { done: [TEXT.length, 0] });
  }
});

Deno.test("Beginnings goes on in the same file, also under another name", () => {
  const { bed, of, on } = setUp();
  bed.files.append(LOG, "more\n");
  bed.files.rename(LOG, `${LOG}.1`);
  const { info, file, path } = on(`${LOG}.1`);
  assert.deepEqual(of(path).ofFile(info)(file, "f0"), { done: [TEXT.length] });
  assert.deepEqual(of(path).ofFile(info)(file, "new"), { done: [0] }, "a flusher without a row");
});

Deno.test("Beginnings begins a new file at 0 whose inode number and first bytes are all that was known of another", () => {
  const { bed, row, spec, shared, on } = setUp();
  bed.files.write(LOG, "s0 and more\n");
  const { info, file } = on(LOG);
  const beginOf = (headBytes: number) => {
    const head = readHead(file, headBytes);
    const few = { ...row, head, anchor: readAnchor(file, head.length), done: [head.length] };
    return new Beginnings(spec, LOG, { ...shared, saved: new SavedIndex([few]) });
  };
  assert.deepEqual(beginOf(1).ofNews(info)(file, "f0"), { done: [0] });
  assert.deepEqual(beginOf(1).ofFile(info)(file, "f0"), { done: [1] }, "a start goes on in it");
  assert.deepEqual(
    beginOf(1).ofNews({ ...info, createdMs: -1 })(file, "f0"),
    { done: [1] },
    "it is that file",
  );
  bed.files.write(LOG, TEXT);
  assert.deepEqual(beginOf(TEXT.length).ofNews(info)(file, "f0"), { done: [TEXT.length] });
});

Deno.test("Beginnings begins a file anew whose bytes are others", () => {
  const { bed, of, on } = setUp();
  bed.files.write(LOG, TEXT.toUpperCase());
  const { info, file } = on(LOG);
  assert.deepEqual(of(LOG).ofFile(info)(file, "f0"), { done: [0] });
  assert.deepEqual(of(LOG).ofPath(info, true)(file, "f0"), { done: [0] }, "no tail limit on a known path");
  assert.equal(bed.losses.bytesLost, 0);
});

Deno.test("Beginnings applies the tail limit to a path that nobody knows, and books the rest", () => {
  const { bed, of, on } = setUp();
  bed.files.write("/b.log", "one\ntwo\nthree\nfour\n");
  const { info, file } = on("/b.log");
  assert.deepEqual(of("/b.log").ofPath(info, true)(file, "f0"), { done: [14] });
  assert.equal(bed.metrics.value("denotail_lost_bytes_total reason=first_contact"), 14);
});

Deno.test("Beginnings tells the very file from a copy of it", () => {
  const { bed, row, of, on } = setUp();
  bed.files.copy(LOG, `${LOG}.1`);
  bed.files.write(`${LOG}.2`, `other ${TEXT}`);
  const open = bed.files.openCount;
  const beginnings = of(LOG);
  const sibling = (path: string) => ({ path, info: bed.files.lstat(path)! });
  assert.deepEqual(beginnings.identical(sibling(LOG)), [row]);
  assert.deepEqual(beginnings.identical(sibling(`${LOG}.1`)), []);
  assert.deepEqual(beginnings.copied(sibling(`${LOG}.1`)), [row]);
  assert.deepEqual(beginnings.copied(sibling(LOG)), []);
  assert.deepEqual(beginnings.copied(sibling(`${LOG}.2`)), []);
  assert.equal(bed.files.openCount, open);
  const { file, info } = on(LOG);
  assert.deepEqual(beginnings.from([row], { path: LOG, info })(file, "f0"), { done: [TEXT.length] });
  bed.files.write(LOG, "young, with the inode number that was looked at");
  assert.deepEqual(
    beginnings.from([row], { path: LOG, info })(file, "f0"),
    { done: [0] },
    "another file by now",
  );
});

Deno.test("Beginnings takes all rotated files of a young container for news", () => {
  const { bed, store, of } = setUp();
  assert.equal(of(LOG).newsMs, store.birth.bornMs);
  bed.clock.advance(1_000);
  assert.equal(setUp({ originCreatedMs: bed.clock.wallMs() }).of(LOG).newsMs, -Infinity);
  assert.deepEqual(setUp({ framing: RUNTIME }).of(LOG).zeros(), { done: [0, 0] });
});
