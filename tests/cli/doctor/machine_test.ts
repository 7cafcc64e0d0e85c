import assert from "node:assert/strict";
import { isInContainer, mountOf, whoNeeds } from "../../../src/cli/doctor/machine.ts";
import { parseMountinfo } from "../../../src/discovery/mountinfo.ts";
import { MemoryFiles } from "../../support/virtual_host.ts";
import { mount, TestMachine } from "./test_machine.ts";

Deno.test("isInContainer takes any sign of a container", () => {
  const signs = (parentPid: number, variables: Record<string, string>, ...paths: string[]) => {
    const files = new MemoryFiles();
    for (const path of paths) files.write(path, "");
    return isInContainer(parentPid, (name) => variables[name], files);
  };
  assert.equal(signs(7, { POD_NAME: "" }), false);
  assert.equal(signs(0, {}), true);
  assert.equal(signs(7, { KUBERNETES_SERVICE_HOST: "10.0.0.1" }), true);
  assert.equal(signs(7, { POD_NAME: "agent-x" }), true);
  assert.equal(signs(7, {}, "/.dockerenv"), true);
  assert.equal(signs(7, {}, "/run/.containerenv"), true);
});

Deno.test("mountOf gives the longest mount above a path, and the last of those stacked on it", () => {
  const mounts = parseMountinfo(mount("/") + mount("/a", "xfs") + mount("/a/b") + mount("/a", "tmpfs"));
  assert.equal(mountOf(mounts, "/a/c")?.fileSystem, "tmpfs");
  assert.equal(mountOf(mounts, "/a/b/c")?.mountPoint, "/a/b");
  assert.equal(mountOf(mounts, "/ab")?.mountPoint, "/");
  assert.equal(mountOf([], "/a"), null);
});

Deno.test("whoNeeds names each pipeline once", () => {
  const on = new TestMachine();
  on.pipelines = { both: ["container_output", "container_files"], host: ["host_files"] };
  assert.deepEqual(whoNeeds(on.machine(), "container_output", "container_files"), ["both"]);
});
