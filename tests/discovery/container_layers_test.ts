import assert from "node:assert/strict";
import { layersOfProcess } from "../../src/discovery/container_layers.ts";
import { MemoryFiles } from "../support/virtual_host.ts";

Deno.test("layersOfProcess reads below the host root, and gives null when there is nothing to read", () => {
  const files = new MemoryFiles();
  const host = { files, hostRoot: "/h", nodeIp: () => "", containerdStateDir: "" };
  assert.equal(layersOfProcess(host, 7), null);
  files.write("/h/proc/7/mountinfo", "1 0 0:1 / / rw - overlay overlay rw,upperdir=/u/1/fs\n");
  assert.equal(layersOfProcess(host, 7)?.upperDir, "/u/1/fs");
  assert.equal(layersOfProcess(host, 0), null);
});
