import assert from "node:assert/strict";
import { mountDevice } from "../../src/base/mount_device.ts";

const TABLE = [
  "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
  "40 22 0:40 / /data rw shared:9 master:3 - nfs4 server:/x rw,addr=10.0.0.1",
  "41 22 0:41 /sub /with\\040blank rw - ext4 /dev/sdc rw",
  "42 22 0:42 / /data rw - tmpfs tmpfs rw",
  "broken line",
].join("\n");

Deno.test("mountDevice takes the longest mount point, and the last of those stacked on it", () => {
  assert.equal(mountDevice(TABLE, "/data"), "0:42");
  assert.equal(mountDevice(TABLE, "/data/a/b"), "0:42");
  assert.equal(mountDevice(TABLE, "/database"), "8:1");
  assert.equal(mountDevice(TABLE, "/with blank/x"), "0:41");
});

Deno.test("mountDevice knows nothing when no mount lies above the path", () => {
  assert.equal(mountDevice("", "/data"), "");
});
