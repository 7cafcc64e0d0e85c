import assert from "node:assert/strict";
import { ConsumedFiles } from "../../src/tail/consumed_files.ts";
import { TestOutput } from "../support/tail_world.ts";
import { hostView } from "../support/virtual_host.ts";
import { LOG, ReaderBed } from "./reader_bed.ts";

const TEXT = "a line that is long enough to tell\n";

/** What was read of a file of this text, and a question about a path. */
function setUp(text: string) {
  const bed = new ReaderBed();
  bed.files.write(LOG, text);
  const reader = bed.read(LOG, [new TestOutput()]);
  bed.turns(reader);
  const consumed = new ConsumedFiles(bed.files, hostView("/"));
  const has = (path: string) => consumed.has(path, bed.files.lstat(path)!);
  return { bed, reader, consumed, has };
}

Deno.test("ConsumedFiles knows a file that was read, under another name and as a copy", () => {
  const { bed, reader, consumed, has } = setUp(TEXT);
  assert.equal(has(LOG), false);
  consumed.add(reader, reader.lanes);
  bed.files.rename(LOG, `${LOG}.1`);
  bed.files.copy(`${LOG}.1`, `${LOG}.2`);
  const open = bed.files.openCount;
  assert.deepEqual([has(`${LOG}.1`), has(`${LOG}.2`)], [true, true]);
  assert.equal(bed.files.openCount, open);
});

Deno.test("ConsumedFiles wants a file again that has more, or other bytes", () => {
  const { bed, reader, consumed, has } = setUp(TEXT);
  consumed.add(reader, reader.lanes);
  bed.files.write("/other.log", TEXT.replace("tell", "TELL"));
  assert.equal(has("/other.log"), false);
  bed.files.append(LOG, "more\n");
  assert.equal(has(LOG), false);
});

Deno.test("ConsumedFiles takes no file for a copy whose few bytes say too little", () => {
  const { bed, reader, consumed, has } = setUp("ok\n");
  consumed.add(reader, reader.lanes);
  bed.files.write("/other.log", "ok\n");
  assert.deepEqual([has(LOG), has("/other.log")], [true, false]);
});

Deno.test("ConsumedFiles does not count a file whose bytes were lost", () => {
  const { reader, consumed, has } = setUp(TEXT);
  reader.lost = true;
  consumed.add(reader, reader.lanes);
  assert.equal(has(LOG), false);
});

Deno.test("ConsumedFiles does not take an empty file for another one with its inode number", () => {
  const { reader, consumed, has } = setUp("");
  consumed.add(reader, reader.lanes);
  assert.equal(has(LOG), false);
});
