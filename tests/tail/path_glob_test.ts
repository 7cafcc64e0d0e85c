import assert from "node:assert/strict";
import type { PathSelect } from "../../src/core/tailing.ts";
import { nameTest, PathGlob } from "../../src/tail/path_glob.ts";
import { hostView, MemoryFiles } from "../support/virtual_host.ts";

type Glob = Extract<PathSelect, { kind: "glob" }>;

const PATHS = ["/logs/a.log", "/logs/b.txt", "/logs/x/a.log", "/logs/x/y/a.log", "/logs/.hidden.log"];

function world(): MemoryFiles {
  const files = new MemoryFiles();
  for (const path of PATHS) files.write(path, "x");
  return files;
}

function globOf(more: Partial<Glob>): PathGlob {
  return new PathGlob({
    kind: "glob",
    folder: "/logs",
    name: "*.log",
    depthMax: 0,
    excluded: () => false,
    ...more,
  });
}

const scan = (files: MemoryFiles, more: Partial<Glob>) => globOf(more).scan(files, hostView("/")).paths;

Deno.test("PathGlob scans as many levels as it may", () => {
  const files = world();
  assert.deepEqual(scan(files, {}), ["/logs/.hidden.log", "/logs/a.log"]);
  assert.deepEqual(scan(files, { name: "a*", depthMax: 1 }), ["/logs/a.log", "/logs/x/a.log"]);
  assert.deepEqual(scan(files, { name: "a*", folder: "/logs/**", depthMax: 2 }), [
    "/logs/a.log",
    "/logs/x/a.log",
    "/logs/x/y/a.log",
  ]);
});

Deno.test("PathGlob takes wildcards in folders, and leaves out what is excluded", () => {
  const files = world();
  assert.deepEqual(scan(files, { folder: "/log?/*" }), ["/logs/x/a.log"]);
  const excluded = (path: string) => path === "/logs/x" || path.endsWith("/.hidden.log");
  assert.deepEqual(scan(files, { depthMax: 5, excluded }), ["/logs/a.log"]);
});

Deno.test("PathGlob matches the paths that a scan gives, and no others", () => {
  const files = world();
  const globs: Partial<Glob>[] = [{}, { depthMax: 1 }, { folder: "/*/x", depthMax: 1 }, {
    folder: "/logs/x",
  }];
  for (const more of globs) {
    const glob = globOf(more);
    assert.deepEqual(PATHS.filter((path) => glob.matches(path)).sort(), scan(files, more));
  }
});

Deno.test("PathGlob ends on links in circles, and names folders that cannot be listed", () => {
  const files = world();
  files.link("/logs", "/logs/x/loop");
  files.folder("/logs/closed");
  files.denied.add("/logs/closed");
  const found = globOf({ depthMax: 50 }).scan(files, hostView("/"));
  assert.equal(found.paths.length, 4);
  assert.deepEqual(found.unreadable, ["/logs/closed"]);
  assert.equal(found.limited, false);
});

Deno.test("PathGlob names the folder of the pattern when it may not be looked at, and not when it is missing", () => {
  const files = world();
  files.ungranted.add("/home");
  files.ungranted.add("/home/app");
  const scan = (folder: string) => globOf({ folder }).scan(files, hostView("/")).unreadable;
  assert.deepEqual(scan("/home/app"), ["/home/app"]);
  assert.deepEqual(scan("/nowhere"), []);
});

Deno.test("nameTest is fnmatch: braces and signs mean themselves, a leading dot is nothing special", () => {
  const cases: [string, string, boolean][] = [
    ["*.log", ".log", true],
    ["a?c", "abc", true],
    ["a[0-9]", "a7", true],
    ["a[!0-9]", "a7", false],
    ["a[!0-9]", "ax", true],
    ["[!.]*", ".x", false],
    ["{a,b}*", "ax", false],
    ["{a,b}*", "{a,b}x", true],
    ["!(a)*", "b", false],
    ["plain.log", "plainxlog", false],
    ["app(1)*.log", "app(1)x.log", true],
    ["app(1)*.log", "app1x.log", false],
    ["*(1)", "a(1)", true],
    ["a@(b|c)*", "a@(b|c)d", true],
    ["a@(b|c)*", "a@b", false],
    ["[(]a*", "(ab", true],
    ["a{2}*", "a{2}x", true],
    ["a{2}*", "aa", false],
  ];
  for (const [pattern, name, matches] of cases) {
    assert.equal(nameTest(pattern)(name), matches, `${pattern} on ${name}`);
  }
});

Deno.test("nameTest takes no longer when a name nearly matches a pattern of many stars", () => {
  const began = performance.now();
  for (const pattern of ["*-*-*-*-*.log", "*-*-*-*-*-*-*-*-?", "*[!a]*-*-*[-x]*-*x"]) {
    const test = nameTest(pattern);
    assert.equal(test("-".repeat(255)), pattern.endsWith("?"), pattern);
  }
  assert.ok(performance.now() - began < 1_000);
  assert.equal(nameTest("a*b*[0-9]*.log")("a-b-7-x.log"), true);
  assert.equal(nameTest("a*b*[0-9]*.log")("a-b-x.log"), false);
});
