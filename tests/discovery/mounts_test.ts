import assert from "node:assert/strict";
import { cleanPath, mountedAt, sortedMounts } from "../../src/discovery/mounts.ts";

Deno.test("cleanPath takes dots and doubled slashes away when they occur", () => {
  assert.equal(cleanPath("/a//b/./c/"), "/a/b/c");
  assert.equal(cleanPath("/a/../../b"), "/b");
  assert.equal(cleanPath("/"), "/");
});

Deno.test("sortedMounts puts the longest destination first and drops halves", () => {
  const mounts = sortedMounts([
    { source: "/src/a", destination: "/data/" },
    { source: "/src/b/", destination: "/data/deep" },
    { source: "", destination: "/x" },
    { source: "volume", destination: "/y" },
    { source: "/src/c" },
  ]);
  assert.deepEqual(mounts, [
    { source: "/src/b", destination: "/data/deep" },
    { source: "/src/a", destination: "/data" },
  ]);
  assert.equal(mountedAt(mounts, "/data"), "/src/a");
  assert.equal(mountedAt(mounts, "/dat"), "");
});
