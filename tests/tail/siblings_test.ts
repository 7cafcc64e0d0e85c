import assert from "node:assert/strict";
import {
  basesOf,
  findSiblings,
  isNumbered,
  isRotatedName,
  looksNumbered,
  openAgain,
  splitPath,
} from "../../src/tail/siblings.ts";
import { hostView, MemoryFiles, VirtualClock } from "../support/virtual_host.ts";

const VIEW = hostView("/");

Deno.test("isRotatedName knows the names that rotators give", () => {
  const yes = ["app.log.1", "app.log-20261122", "app.log.20261122-101500", "app-20261122.log", "app.1.log"];
  for (const name of yes) assert.equal(isRotatedName("app.log", name), true, name);
  const no = [
    "app.log",
    "app.log.1.gz",
    "app.logs",
    "apple.log",
    "app-error.log",
    "app.log.1.tmp",
    "x.log.1",
  ];
  for (const name of no) assert.equal(isRotatedName("app.log", name), false, name);
});

Deno.test("basesOf is the other direction of isRotatedName", () => {
  assert.ok(basesOf("app.log.1").includes("app.log"));
  assert.ok(basesOf("app-20261122.log").includes("app.log"));
  assert.deepEqual(basesOf("app.log.1.gz"), []);
  for (const name of ["app.log.2", "a-1.b_2.log", "x.20261122"]) {
    for (const base of basesOf(name)) assert.ok(isRotatedName(base, name), `${base} of ${name}`);
  }
});

Deno.test("looksNumbered and isNumbered tell numbers and dates from other endings", () => {
  assert.equal(looksNumbered("app.log", "app.log.3"), true);
  assert.equal(looksNumbered("app.log", "app.log-20261122"), true);
  assert.equal(looksNumbered("app.log", "app.log.old"), false);
  assert.equal(isNumbered("app.log", "app.log.3"), true);
  assert.equal(isNumbered("app.log", "app.log-20261122"), false);
});

Deno.test("findSiblings gives rotated files oldest first: by number, by date, else by time", () => {
  const clock = new VirtualClock();
  const files = new MemoryFiles(clock);
  const made = (folder: string, ...names: string[]) => {
    for (const name of names) {
      files.write(`${folder}/${name}`, "x");
      clock.advance(10);
    }
    return findSiblings(files, VIEW, `${folder}/a.log`).map(({ path }) => splitPath(path).name);
  };
  // The times of numbered and dated ones lie: the names count.
  assert.deepEqual(made("/n", "a.log", "a.log.10", "a.log.2", "a.log.1", "a.log.3.gz"), [
    "a.log.10",
    "a.log.2",
    "a.log.1",
  ]);
  assert.deepEqual(made("/d", "a.log-20261123", "a.log-20261121"), ["a.log-20261121", "a.log-20261123"]);
  assert.deepEqual(made("/t", "a.log.old", "a.log.bak"), ["a.log.old", "a.log.bak"]);
  files.folder("/n/a.log.7");
  assert.equal(findSiblings(files, VIEW, "/n/a.log").length, 3, "a folder is no generation");
});

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
