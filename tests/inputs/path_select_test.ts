import assert from "node:assert/strict";
import { placeOf } from "../../src/inputs/file_paths.ts";
import { compileExcludes, type Excludes, placeTest, selectsOf } from "../../src/inputs/path_select.ts";
import { testReport } from "../support/plugin_context.ts";

const NAMES = { folders: "Dirs", files: "Paths", names: "Names" };
const excludes = (given: Partial<Excludes>, report = testReport()) =>
  compileExcludes({ folders: [], files: [], names: [], ...given }, NAMES, report);
const none = () => false;

Deno.test("compileExcludes takes everything below an excluded folder with it", () => {
  const excluded = excludes({ folders: ["/a/b/", "/x/*/tmp"] });
  for (const folder of ["/a/b", "/a/b/c/d", "/x/1/tmp", "/x/1/tmp/y"]) {
    assert.ok(excluded(folder, true), folder);
  }
  for (const folder of ["/", "/a", "/a/bb", "/x/tmp", "/x/1/2/tmp"]) {
    assert.ok(!excluded(folder, true), folder);
  }
});

Deno.test("compileExcludes tests files by path and by name", () => {
  const excluded = excludes({ files: ["/a/*.gz", "/b/**/old.log"], names: ["*.tmp", "x?"] });
  for (const file of ["/a/1.gz", "/b/old.log", "/b/c/d/old.log", "/q/1.tmp", "/x1"]) {
    assert.ok(excluded(file, false), file);
  }
  for (const file of ["/a/b/1.gz", "/a/1.gz2", "/x", "/x12"]) assert.ok(!excluded(file, false), file);
  assert.ok(!excluded("/a/1.gz", true), "a folder of that name");
});

Deno.test("compileExcludes reports relative paths, and names that are paths", () => {
  const report = testReport();
  const excluded = excludes({ folders: ["a"], files: ["/ok", "b/c"], names: ["d/e"] }, report);
  assert.deepEqual(report.problems, [
    "error Dirs.0 FILE_RELATIVE_PATH",
    "error Paths.1 FILE_RELATIVE_PATH",
    "error Names.0 FILE_PATTERN_SLASH",
  ]);
  assert.ok(excluded("/ok", false));
});

Deno.test("placeTest tells which paths belong to a place", () => {
  const deep = placeTest(placeOf("/var/*/log/**", "*.log", 1));
  assert.ok(deep("/var/a/log/x.log"));
  assert.ok(deep("/var/a/log/b/x.log"));
  assert.ok(!deep("/var/a/log/b/c/x.log"));
  assert.ok(!deep("/var/log/x.log"));
  assert.ok(!deep("/var/a/log/x.txt"));
  const root = placeTest(placeOf("/", "a", undefined));
  assert.ok(root("/a"));
  assert.ok(!root("/b/a"));
});

Deno.test("selectsOf makes an exact path of what has nothing variable", () => {
  const paths = selectsOf([placeOf("/", "a", 0), placeOf("/l", "b.log", undefined)], none)
    .map((select) => select.kind === "exact" ? select.path : null);
  assert.deepEqual(paths, ["/a", "/l/b.log"]);
  assert.equal(selectsOf([placeOf("/l", "b.log", 1)], none)[0].kind, "glob");
  assert.equal(selectsOf([placeOf("/l", "b*", 0)], none)[0].kind, "glob");
});

Deno.test("selectsOf leaves to the first place what two places name", () => {
  const [exact, all] = selectsOf([placeOf("/l", "a.log", 0), placeOf("/l", "*", 0)], none);
  assert.deepEqual(exact, { kind: "exact", path: "/l/a.log", excluded: none });
  assert.ok(all.kind === "glob" && all.excluded("/l/a.log", false) && !all.excluded("/l/b.log", false));
  assert.equal(selectsOf([placeOf("/l", "*", 0), placeOf("/l", "a.log", 0)], none).length, 1);
});

Deno.test("selectsOf says of files beside an exact path, too, what is left out or another place's", () => {
  const places = [placeOf("/l", "a.log.1", 0), placeOf("/l", "a.log", 0)];
  const [, { excluded }] = selectsOf(places, excludes({ names: ["*.old"] }));
  const isOut = ["1", "2", "old"].map((ending) => excluded?.(`/l/a.log.${ending}`, false));
  assert.deepEqual(isOut, [true, false, true]);
});

Deno.test("selectsOf drops an exact path that is excluded", () => {
  assert.deepEqual(selectsOf([placeOf("/l/x", "a.log", 0)], excludes({ folders: ["/l"] })), []);
  assert.deepEqual(selectsOf([placeOf("/l", "a.log", 0)], excludes({ names: ["a*"] })), []);
});
