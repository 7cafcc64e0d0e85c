import assert from "node:assert/strict";
import { MountDevices } from "../../src/base/mount_devices.ts";

const TABLE = [
  "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
  "40 22 0:40 / /data rw shared:9 master:3 - nfs4 server:/x rw,addr=10.0.0.1",
  "41 22 0:41 /sub /with\\040blank rw - ext4 /dev/sdc rw",
  "42 22 0:42 / /data rw - tmpfs tmpfs rw",
  "broken line",
].join("\n");

Deno.test("MountDevices takes the longest mount point, and the last of those stacked on it", () => {
  assert.equal(new MountDevices(TABLE).of("/data"), "0:42");
  assert.equal(new MountDevices(TABLE).of("/data/a/b"), "0:42");
  assert.equal(new MountDevices(TABLE).of("/database"), "8:1");
  assert.equal(new MountDevices(TABLE).of("/with blank/x"), "0:41");
});

Deno.test("MountDevices knows nothing when no mount lies above the path", () => {
  assert.equal(new MountDevices("").of("/data"), "");
});
