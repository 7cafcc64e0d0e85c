import assert from "node:assert/strict";
import {
  checkPath,
  checkStars,
  cleanPath,
  DEPTH_OF_STARS,
  fixedFolder,
  placeOf,
  splitFilePath,
} from "../../src/inputs/file_paths.ts";
import { testReport } from "../support/plugin_context.ts";

Deno.test("cleanPath takes '.', '..', doubled and trailing slashes out of an absolute path", () => {
  for (
    const [given, clean] of [
      ["/var/log/", "/var/log"],
      ["//var///log", "/var/log"],
      ["/var/./log/../x", "/var/x"],
      ["/../..", "/"],
      ["/", "/"],
      ["/a/**/", "/a/**"],
      ["log/../x/", "log/../x/"],
    ]
  ) assert.equal(cleanPath(given), clean);
});

Deno.test("splitFilePath cuts at the last slash", () => {
  assert.deepEqual(splitFilePath("/a/b/*.log"), { folder: "/a/b", name: "*.log" });
  assert.deepEqual(splitFilePath("/a.log"), { folder: "/", name: "a.log" });
  assert.deepEqual(splitFilePath("/a/**/x"), { folder: "/a/**", name: "x" });
});

Deno.test("placeOf searches as deep as written, else deep behind ** only", () => {
  assert.equal(placeOf("/a", "x", undefined).depthMax, 0);
  assert.equal(placeOf("/a", "x", 3).depthMax, 3);
  assert.equal(placeOf("/a/**", "x", undefined).depthMax, DEPTH_OF_STARS);
  assert.equal(placeOf("/a/**", "x", 0).depthMax, 0);
});

Deno.test("fixedFolder is what stands before the first wildcard", () => {
  assert.equal(fixedFolder("/var/log"), "/var/log");
  assert.equal(fixedFolder("/var/*/log"), "/var");
  assert.equal(fixedFolder("/**"), "/");
  assert.equal(fixedFolder("/a[bc]/d"), "/");
});

Deno.test("checkPath and checkStars report what cannot be looked for", () => {
  const report = testReport();
  assert.equal(checkPath("/a", ["x"], report), true);
  assert.equal(checkPath("a", ["x"], report), false);
  for (const good of ["/a", "/a/**", "/**", "/a/*/b"]) checkStars(good, ["y"], report);
  for (const bad of ["/a/**/b", "/a**", "/**b"]) checkStars(bad, [bad], report);
  assert.deepEqual(report.problems, [
    "error x FILE_RELATIVE_PATH",
    "error /a/**/b FILE_STARS",
    "error /a** FILE_STARS",
    "error /**b FILE_STARS",
  ]);
});
