import assert from "node:assert/strict";
import {
  basesOf,
  findPacked,
  findSiblings,
  isRotatedName,
  markOf,
  mayBePacked,
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

Deno.test("markOf knows what hardly anything but a rotator writes", () => {
  const usual = [
    "app.log.1",
    "app.log.12",
    "app.log.old",
    "app.log.bak",
    // logrotate: dateext, with hours, with seconds since 1970, with extension .log
    "app.log-20240101",
    "app.log-2024010112",
    "app.log-20240101-1704067200",
    "app.log-1704067200",
    "app-20240101.log",
    // kubelet, lumberjack, log4j and logback, Python
    "app.log.20240101-120000",
    "app-2024-01-01T12-00-00.000.log",
    "app.log.2024-01-01",
    "app.log.2024-01-01-12",
    "app-2024-01-01.log",
    "app.2024-01-01.3.log",
    "app-01-31-2024-1.log",
    "app.log.2024-01-01_12-00-00",
  ];
  for (const name of usual) assert.equal(markOf("app.log", name)?.isUsual, true, name);
  const doubtful = [
    "app.log.env",
    "app.log.json",
    "app.log-audit",
    "app.log-2",
    "app.log.1.err",
    "app.log.pos",
    "app-2.log",
    "app.1.log",
    "app-4194303.log",
    "app-10.0.0.1.log",
  ];
  for (const name of doubtful) assert.equal(markOf("app.log", name)?.isUsual, false, name);
  for (const name of ["app.log", "app.log.1.gz", "other.log.1", "app-error.log"]) {
    assert.equal(markOf("app.log", name), null, name);
  }
});

Deno.test("markOf gives all generations of one rotator the same style, and those of others another", () => {
  const style = (name: string) => markOf("app.log", name)?.style;
  assert.equal(style("app.log.1"), style("app.log.20"));
  assert.equal(style("app-1.log"), style("app-22.log"));
  assert.equal(style("app.log-20240101"), style("app.log-20240102-1704153600"));
  const styles = ["app.log.1", "app.log-1", "app-1.log", "app.1.log", "app.log.20240101", "app.log.old"].map(
    style,
  );
  assert.equal(new Set(styles).size, styles.length);
});

Deno.test("findPacked gives packed generations only", () => {
  const files = new MemoryFiles();
  for (
    const name of [
      "a.log",
      "a.log.1",
      "a.log.2.gz",
      "a.log-20240101.zst",
      "a.log.gz",
      "a.log.env.gz",
      "b.log.1.gz",
    ]
  ) {
    files.write(`/l/${name}`, "x");
  }
  const found = findPacked(files, VIEW, "/l/a.log").map(({ path }) => path).sort();
  assert.deepEqual(found, ["/l/a.log-20240101.zst", "/l/a.log.2.gz", "/l/a.log.gz"]);
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

Deno.test("findSiblings misses no file that a rotation moves in the middle of the look", () => {
  for (let nth = 1;; nth++) {
    const files = new MemoryFiles();
    files.write("/a.log.2", "first");
    files.write("/a.log.1", "second");
    files.write("/a.log", "third");
    const all = ["/a.log", "/a.log.1", "/a.log.2"].map((path) => files.lstat(path)!.inode);
    let calls = 0;
    const rotate = () => {
      if (++calls !== nth) return;
      for (const [from, to] of [["2", "3"], ["1", "2"]]) files.rename(`/a.log.${from}`, `/a.log.${to}`);
      files.rename("/a.log", "/a.log.1");
      files.write("/a.log", "fourth");
    };
    const { lstat, list } = { lstat: files.lstat.bind(files), list: files.list.bind(files) };
    files.lstat = (path) => {
      rotate();
      return lstat(path);
    };
    files.list = (path, entriesMax) => {
      rotate();
      return list(path, entriesMax);
    };
    const found = findSiblings(files, VIEW, "/a.log").map(({ info }) => info.inode);
    for (const inode of all.slice(1)) assert.ok(found.includes(inode), `${nth}: ${found} without ${inode}`);
    if (calls >= nth) continue;
    assert.ok(nth > 4, "each call was one in which it happened");
    return;
  }
});

Deno.test("findSiblings and findPacked find in a large folder what they find name by name", () => {
  const files = new MemoryFiles();
  const names: string[] = [];
  for (let n = 0; n < 200; n++) {
    names.push(`app${n}.log`, `app${n}.log.1`, `app${n}-20260101.log`, `app${n}.log.2.gz`);
  }
  names.push("a", "a.log", "app.log.1", "appx", "app", "app1", "zz.log", "app1.log.old", "app1-x.log");
  for (const name of names) files.write(`/d/${name}`, name);
  for (const base of ["app1.log", "app19.log", "a.log", "app", "zz.log", "nothing.log"]) {
    const found = (list: typeof findSiblings) =>
      list(files, VIEW, `/d/${base}`).map(({ path }) => splitPath(path).name).sort();
    assert.deepEqual(found(findSiblings), names.filter((name) => isRotatedName(base, name)).sort());
    assert.deepEqual(found(findPacked), names.filter((name) => mayBePacked(base, name)).sort());
  }
});
