import assert from "node:assert/strict";
import { alignToLine, type Contact, firstOffset } from "../../src/tail/first_contact.ts";
import { hostView, MemoryFiles } from "../support/virtual_host.ts";

/** An old file of 1000 bytes, found at the store's first start with a limit of 100 bytes. */
const OLD: Contact = {
  birth: { kind: "first", bornMs: 5_000 },
  firstRun: true,
  firstLook: true,
  createdMs: -Infinity,
  pipelineSeenMs: 5_000,
  pipelineNew: true,
  modifiedMs: 1_000,
  sizeBytes: 1_000,
  bytesBefore: () => 1_000,
  tailBytesMax: 100,
  written: false,
  fromStart: false,
};

const cases: [string, Partial<Contact>, number][] = [
  ["cuts what was there at the store's birth", {}, 900],
  ["cuts a file that is written right now, in the first look", { modifiedMs: 9_000 }, 900],
  ["reads a file whole that came after the first look", { modifiedMs: 9_000, firstLook: false }, 0],
  ["reads a file whole that was written after the birth, later on", {
    modifiedMs: 9_000,
    firstRun: false,
    birth: { kind: "known", bornMs: 5_000 },
  }, 0],
  ["keeps what came between the start and the first look", {
    modifiedMs: 9_000,
    bytesBefore: (momentMs) => momentMs === 5_000 ? 300 : 0,
  }, 200],
  ["reads a file whole that was short at the start", { modifiedMs: 9_000, bytesBefore: () => 62 }, 0],
  ["reads a young container's file whole, or a young file", { modifiedMs: 9_000, createdMs: 6_000 }, 0],
  ["cuts an old container's file", { modifiedMs: 9_000, createdMs: 4_000 }, 900],
  ["reads all from the start when asked", { fromStart: true }, 0],
  ["reads all without a limit", { tailBytesMax: null }, 0],
  ["reads a file whole that is as large as the limit", { sizeBytes: 100 }, 0],
];

for (const [claim, more, offset] of cases) {
  Deno.test(`firstOffset ${claim}`, () => assert.equal(firstOffset({ ...OLD, ...more }), offset));
}

Deno.test("firstOffset cuts for a new pipeline only when a person wrote the limit", () => {
  const later: Contact = {
    ...OLD,
    birth: { kind: "known", bornMs: 500 },
    firstRun: false,
    modifiedMs: 3_000,
  };
  assert.equal(firstOffset(later), 0);
  assert.equal(firstOffset({ ...later, written: true }), 900);
});

Deno.test("alignToLine moves to the next begin of a line, and stays at one", () => {
  const files = new MemoryFiles();
  files.write("/a.log", "one\ntwo\nthree");
  const opened = files.open(hostView("/"), "/a.log");
  assert.ok("file" in opened);
  for (const arena of [new Uint8Array(64), new Uint8Array(2)]) {
    const align = (at: number): number => alignToLine(opened.file, at, arena);
    assert.deepEqual([0, 1, 3, 4, 5, 8].map(align), [0, 4, 4, 4, 8, 8]);
    assert.equal(align(9), 13, "no line ends behind it: at the end of the file");
  }
});
