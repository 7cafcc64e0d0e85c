import assert from "node:assert/strict";
import { openAgain, openLooked } from "../../src/tail/open_looked.ts";
import { hostView, MemoryFiles } from "../support/virtual_host.ts";

const VIEW = hostView("/");

Deno.test("openAgain finds a file under the name it has by now, and never another one", () => {
  const files = new MemoryFiles();
  files.write("/a.log", "old");
  const identity = files.lstat("/a.log")!;
  files.rename("/a.log", "/a.log.1");
  files.write("/a.log", "new");
  const first = openAgain(files, VIEW, "/a.log", identity);
  assert.equal(first?.path, "/a.log.1");
  first.file.close();
  files.rename("/a.log.1", "/a.log.2");
  files.write("/a.log.1", "other");
  const again = openAgain(files, VIEW, "/a.log.1", identity);
  assert.equal(again?.path, "/a.log.2", "rotated once more");
  again.file.close();
  files.rename("/a.log.2", "/elsewhere");
  assert.equal(openAgain(files, VIEW, "/a.log", identity), null);
  assert.equal(files.openCount, 0, "files that were the wrong ones are closed");
});

Deno.test("openLooked takes nothing for proven, openAgain what was open before", () => {
  const files = new MemoryFiles();
  files.write("/a.log.1", "old");
  const info = files.lstat("/a.log.1")!;
  files.write("/a.log", "new");
  const open = files.open.bind(files);
  const handed: unknown[] = [];
  files.open = (view, path, known?: unknown) => {
    handed.push(known);
    return open(view, path);
  };
  closed(openLooked(files, VIEW, "/a.log", info));
  assert.ok(handed.length > 1);
  assert.ok(handed.every((known) => known === undefined));
  handed.length = 0;
  openAgain(files, VIEW, "/a.log", info)!.file.close();
  assert.deepEqual(handed, [info, info]);
});

Deno.test("openLooked opens what was looked at under its new name, and no younger file with its inode number", () => {
  const files = new MemoryFiles();
  files.write("/a.log.1", "what was looked at");
  const info = files.lstat("/a.log.1")!;
  files.rename("/a.log.1", "/a.log.2");
  files.write("/a.log.1", "another one");
  assert.equal(closed(openLooked(files, VIEW, "/a.log.1", info)), info.inode);
  files.unlink("/a.log.2");
  files.write("/a.log.3", "young");
  assert.equal(files.lstat("/a.log.3")!.inode, info.inode);
  assert.equal(closed(openLooked(files, VIEW, "/a.log.1", info)), "missing");
  assert.equal(closed(openLooked(files, VIEW, "/nowhere/a.log", info)), "missing");
  assert.equal(files.openCount, 0);
});

Deno.test("openLooked says why a file cannot be opened", () => {
  const files = new MemoryFiles();
  files.write("/a.log", "old");
  const info = files.lstat("/a.log")!;
  files.denied.add("/a.log");
  assert.equal(closed(openLooked(files, VIEW, "/a.log", info)), "denied");
});

/** What was opened, or why not. */
function closed(opened: ReturnType<typeof openLooked>): number | string {
  if ("refused" in opened) return opened.refused;
  const { inode } = opened.file.info();
  opened.file.close();
  return inode;
}
