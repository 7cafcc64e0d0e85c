import assert from "node:assert/strict";
import type { Container } from "../../src/core/container.ts";
import { placeOf } from "../../src/inputs/file_paths.ts";
import { sayHiddenFiles } from "../../src/inputs/hidden_files.ts";
import { FakeDiscovery } from "../support/fake_discovery.ts";
import { MemoryLog } from "../support/memory_log.ts";
import { container } from "../support/runtime_fixtures.ts";
import { MemoryFiles } from "../support/virtual_host.ts";

/** What is said of a container for a path; these folders are visible. */
function said(fields: Partial<Container>, folder: string, visible: readonly string[] = [], depth = 0) {
  const files = new MemoryFiles(undefined, "/host");
  for (const path of visible) files.folder(`/host${path}`);
  const log = new MemoryLog();
  const places = [placeOf(folder, "*.log", depth)];
  const context = { discovery: new FakeDiscovery(), files, hostRoot: "/host", log };
  const worth = sayHiddenFiles(container("c1", fields), places, context);
  assert.equal(sayHiddenFiles(container("c1", fields), places, context), worth);
  return { worth, about: log.lines.map(({ fields }) => `${fields.mount} ${fields.path}`) };
}

const mounts = [{ source: "/v/1", destination: "/data" }];

Deno.test("sayHiddenFiles names the mount over a path, and only that one", () => {
  assert.deepEqual(said({ mounts }, "/data/log").about, ["/v/1 /data/log"]);
  assert.deepEqual(said({ mounts }, "/data/log", ["/v/1"]).about, []);
  assert.deepEqual(said({ mounts, upperDir: "/u" }, "/log", ["/u"]).about, []);
});

Deno.test("sayHiddenFiles names mounts below a path only when they are searched", () => {
  const given = { mounts, upperDir: "/u" };
  assert.deepEqual(said(given, "/", ["/u"]).about, []);
  assert.deepEqual(said(given, "/", ["/u"], 2).about, ["/v/1 /data"]);
  assert.deepEqual(said(given, "/*", ["/u"]).about, ["/v/1 /data"]);
});

Deno.test("sayHiddenFiles names the root when none of its places is visible", () => {
  const root = ["root file system /log"];
  assert.deepEqual(said({}, "/log").about, root);
  assert.deepEqual(said({ upperDir: "/u", mergedRoot: "/m" }, "/log").about, root);
  assert.deepEqual(said({ upperDir: "/u", mergedRoot: "/m" }, "/log", ["/m"]).about, []);
  assert.deepEqual(said({ runtime: "static" }, "/log").about, []);
  assert.deepEqual(said({ runtime: "static", upperDir: "/u" }, "/log").about, root);
});

Deno.test("sayHiddenFiles gives up on a container in a virtual machine, and says so once", () => {
  assert.deepEqual(said({ vmIsolated: true, mounts }, "/data", ["/v/1"]), {
    worth: false,
    about: ["/v/1 /data"],
  });
  assert.equal(said({}, "/log").worth, true);
});
