import assert from "node:assert/strict";
import { isRemoteType, MountTable } from "../../src/host/mount_table.ts";

const TABLE = new MountTable([
  "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
  "40 22 0:40 / /logtail_host/mnt/share rw shared:9 master:3 - nfs4 server:/x rw,addr=10.0.0.1",
  "41 22 0:41 / /logtail_host/mnt/with\\040blank rw - fuse.s3fs s3fs rw",
  "42 40 8:2 / /logtail_host/mnt/share/local rw - xfs /dev/sdb rw",
  "broken line",
].join("\n"));

Deno.test("MountTable.typeOf takes the longest mount point when mounts are nested", () => {
  assert.equal(TABLE.typeOf("/logtail_host/mnt/share/a/b.log"), "nfs4");
  assert.equal(TABLE.typeOf("/logtail_host/mnt/share/local/b.log"), "xfs");
  assert.equal(TABLE.typeOf("/logtail_host/mnt/shared/b.log"), "ext4");
  assert.equal(TABLE.typeOf("/logtail_host/mnt/with blank/x"), "fuse.s3fs");
  assert.equal(TABLE.typeOf("/"), "ext4");
});

Deno.test("isRemoteType is true when another machine or process answers the reads", () => {
  for (const type of ["nfs", "nfs4", "cifs", "fuse", "fuse.glusterfs", "9p", "ceph"]) {
    assert.ok(isRemoteType(type));
  }
  for (const type of ["ext4", "xfs", "overlay", "tmpfs", "btrfs", "", "fusectl"]) {
    assert.ok(!isRemoteType(type));
  }
});
