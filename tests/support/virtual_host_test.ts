import assert from "node:assert/strict";
import { hostView, MemoryFiles, VirtualClock } from "./virtual_host.ts";
import type { OpenFile } from "../../src/core/host.ts";

function opened(files: MemoryFiles, path: string): OpenFile {
  const result = files.open(hostView(files.hostRoot), path);
  assert.ok("file" in result, JSON.stringify(result));
  return result.file;
}

function textOf(file: OpenFile, at = 0): string {
  const into = new Uint8Array(1000);
  return new TextDecoder().decode(into.subarray(0, file.read(into, 0, into.length, at)));
}

Deno.test("VirtualClock runs timers in order of time when it advances", () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.after(20, () => seen.push(`b@${clock.monotonicMs()}`));
  clock.after(10, () => {
    seen.push(`a@${clock.monotonicMs()}`);
    clock.after(0, () => seen.push(`a0@${clock.monotonicMs()}`));
  });
  clock.after(15, () => seen.push("never")).cancel();
  clock.advance(19);
  assert.deepEqual(seen, ["a@10", "a0@10"]);
  clock.advance(1);
  assert.deepEqual(seen, ["a@10", "a0@10", "b@20"]);
  assert.equal(clock.pending, 0);
});

Deno.test("VirtualClock settles promises between timers when it runs", async () => {
  const clock = new VirtualClock();
  const seen: string[] = [];
  clock.after(10, () => void Promise.resolve().then(() => seen.push("promise of a")));
  clock.after(11, () => seen.push("b"));
  await clock.run(20);
  assert.deepEqual(seen, ["promise of a", "b"]);
});

Deno.test("MemoryFiles keeps reading a file when it was renamed and unlinked while open", () => {
  const files = new MemoryFiles();
  files.append("/log/a", "one\n");
  const writer = files.writer("/log/a");
  const file = opened(files, "/log/a");
  files.rename("/log/a", "/log/a.1");
  writer.append("two\n");
  files.unlink("/log/a.1");
  assert.equal(textOf(file), "one\ntwo\n");
  assert.equal(file.info().links, 0);
});

Deno.test("MemoryFiles gives a freed inode to the next file only when nobody holds it open", () => {
  const files = new MemoryFiles();
  files.append("/log/a", "one");
  const file = opened(files, "/log/a");
  const inode = file.info().inode;
  files.unlink("/log/a");
  files.append("/log/b", "two");
  assert.notEqual(files.lstat("/log/b")!.inode, inode);
  file.close();
  files.append("/log/c", "three");
  assert.equal(files.lstat("/log/c")!.inode, inode);
  assert.equal(files.openCount, 0);
});

Deno.test("MemoryFiles truncates in place when a copytruncate rotation runs", () => {
  const files = new MemoryFiles();
  files.append("/log/a", "one\ntwo\n");
  const file = opened(files, "/log/a");
  files.copy("/log/a", "/log/a.1");
  files.truncate("/log/a");
  files.append("/log/a", "3\n");
  assert.equal(textOf(file), "3\n");
  assert.equal(textOf(opened(files, "/log/a.1")), "one\ntwo\n");
});

Deno.test("MemoryFiles refuses what is not a regular file when it is opened", () => {
  const files = new MemoryFiles();
  files.fifo("/log/pipe");
  const result = files.open(hostView("/"), "/log/pipe");
  assert.equal("refused" in result && result.refused, "not_regular");
});

Deno.test("MemoryFiles calls the watcher when names of the folder change", () => {
  const files = new MemoryFiles();
  files.folder("/log");
  let changes = 0;
  const watch = files.watchFolder("/log", () => changes++);
  files.append("/log/a", "x");
  files.append("/log/a", "y");
  assert.equal(changes, 1);
  watch!.close();
  files.unlink("/log/a");
  assert.equal(changes, 1);
});
