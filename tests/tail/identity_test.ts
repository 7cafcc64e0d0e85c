import assert from "node:assert/strict";
import type { OpenFile } from "../../src/core/host.ts";
import {
  ANCHOR_BYTES,
  fileKey,
  HEAD_BYTES_MAX,
  headOf,
  holdsSaved,
  isPrefixOf,
  isSameFile,
  NO_HEAD,
  readAnchor,
  readHead,
} from "../../src/tail/identity.ts";
import { hostView, MemoryFiles } from "../support/virtual_host.ts";

const OLD = "0123456789".repeat(300);

/** The file as a reader has it open. */
function fileOf(content: string): OpenFile {
  const files = new MemoryFiles();
  files.write("/a.log", content);
  const opened = files.open(hostView("/"), "/a.log");
  assert.ok("file" in opened);
  return opened.file;
}

Deno.test("holdsSaved knows a file that only grew, and no other one", () => {
  const file = fileOf(OLD);
  const saved = { head: readHead(file, HEAD_BYTES_MAX), anchor: readAnchor(file, 2500) };
  assert.equal(holdsSaved(fileOf(`${OLD}more`), saved), true);
  assert.equal(holdsSaved(fileOf(OLD.slice(0, 2500)), saved), true, "cut behind the cursor");
  assert.equal(holdsSaved(fileOf(OLD.slice(0, 2499)), saved), false, "cut before the cursor");
  assert.equal(holdsSaved(fileOf(`x${OLD.slice(1)}`), saved), false, "another first byte");
  const last = 2499;
  assert.equal(holdsSaved(fileOf(`${OLD.slice(0, last)}x${OLD.slice(last + 1)}`), saved), false);
});

Deno.test("holdsSaved compares a short head at the length it was saved with", () => {
  const short = fileOf("abc\n");
  const saved = { head: readHead(short, HEAD_BYTES_MAX), anchor: readAnchor(short, 4) };
  assert.deepEqual([saved.head.length, saved.anchor.length], [4, 4]);
  assert.equal(holdsSaved(fileOf("abc\ndef\n"), saved), true);
  assert.equal(holdsSaved(fileOf("abd\ndef\n"), saved), false);
});

Deno.test("headOf of bytes in an arena equals readHead of the file", () => {
  const arena = new TextEncoder().encode(`....${OLD}`);
  assert.deepEqual(headOf(arena, 4, arena.length), readHead(fileOf(OLD), HEAD_BYTES_MAX));
  assert.equal(readHead(fileOf(OLD), 10 * HEAD_BYTES_MAX).length, HEAD_BYTES_MAX);
  assert.equal(readAnchor(fileOf(OLD), 2500).length, ANCHOR_BYTES);
});

Deno.test("isPrefixOf looks at the beginning and at the end of the shorter file", () => {
  const half = OLD.slice(0, 1500);
  assert.equal(isPrefixOf(fileOf(half), 1500, fileOf(OLD)), true);
  assert.equal(isPrefixOf(fileOf(`x${half.slice(1)}`), 1500, fileOf(OLD)), false);
  assert.equal(isPrefixOf(fileOf(`${half.slice(0, -1)}x`), 1500, fileOf(OLD)), false);
  assert.equal(isPrefixOf(fileOf(OLD), OLD.length, fileOf(half)), false, "the other way round");
  assert.equal(isPrefixOf(fileOf(OLD.slice(0, 31)), 31, fileOf(OLD)), false, "too little to tell");
  assert.equal(isPrefixOf(fileOf(""), 0, fileOf(OLD)), false, "nothing to tell");
});

Deno.test("fileKey and isSameFile tell apart devices and inodes", () => {
  const file = { device: 1, inode: 23 };
  const others = [{ device: 12, inode: 3 }, { device: 2, inode: 23 }, { device: 1, inode: 24 }];
  for (const other of others) {
    assert.notEqual(fileKey(other), fileKey(file));
    assert.equal(isSameFile(file, other), false);
  }
  assert.equal(isSameFile(file, { ...file }), true);
});

Deno.test("NO_HEAD is the head of an empty file", () => {
  assert.deepEqual(headOf(new Uint8Array(0), 0, 0), NO_HEAD);
});
