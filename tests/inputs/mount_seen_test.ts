import assert from "node:assert/strict";
import { isMountSeen } from "../../src/inputs/mount_seen.ts";
import { FakeDiscovery } from "../support/fake_discovery.ts";
import { MemoryFiles } from "../support/virtual_host.ts";
import { pod } from "./containers.ts";

const MOUNT = { source: "/volumes/v1", destination: "/data" };
const line = (device: string, point: string) => `36 35 ${device} / ${point} rw - ext4 /dev/x rw\n`;

/** A host below `/host` with the volume's folder and what the two processes see mounted. */
function world(here: string, inside: string): MemoryFiles {
  const files = new MemoryFiles(undefined, "/host");
  files.folder("/host/volumes/v1");
  files.write("/host/proc/self/mountinfo", here);
  files.write("/host/proc/42/mountinfo", inside);
  return files;
}

const seen = (files: MemoryFiles, pid = 42, discovery = new FakeDiscovery()) =>
  isMountSeen(pod("c1", { pid, mounts: [MOUNT] }), MOUNT, { files, hostRoot: "/host", discovery });

Deno.test("isMountSeen compares the file systems that the agent and the container see", () => {
  const inside = line("8:1", "/") + line("8:7", "/data");
  assert.equal(seen(world(line("8:1", "/") + line("8:7", "/host/volumes/v1"), inside)), true);
  assert.equal(seen(world(line("8:1", "/"), inside)), false, "mounted after the agent's own host root");
});

Deno.test("isMountSeen is false when the source is not there", () => {
  const files = world(line("8:7", "/"), line("8:7", "/"));
  files.unlink("/host/volumes/v1");
  assert.equal(seen(files), false);
});

Deno.test("isMountSeen trusts the folder where no table of mounts can be read", () => {
  const files = world(line("8:1", "/"), line("8:7", "/"));
  assert.equal(seen(files), false);
  assert.equal(seen(files, 0), true, "no process");
  assert.equal(seen(files, 43), true, "no table of it");
  files.denied.add("/host/proc/self/mountinfo");
  assert.equal(seen(files), true, "no table of the agent");
});

Deno.test("isMountSeen reads each table once per list of containers", () => {
  const files = world(line("8:1", "/"), line("8:7", "/"));
  const discovery = new FakeDiscovery();
  const reads: string[] = [];
  const readText = files.readText.bind(files);
  files.readText = (path, bytesMax) => (reads.push(path), readText(path, bytesMax));
  for (let pipeline = 0; pipeline < 3; pipeline++) assert.equal(seen(files, 42, discovery), false);
  assert.deepEqual(reads, ["/host/proc/self/mountinfo", "/host/proc/42/mountinfo"]);
  files.write("/host/proc/self/mountinfo", line("8:7", "/"));
  assert.equal(seen(files, 42, discovery), false, "the same list");
  discovery.publish();
  assert.equal(seen(files, 42, discovery), true, "a new one");
});
