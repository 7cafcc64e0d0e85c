import assert from "node:assert/strict";
import { overlayAtRoot, overlayLayers, parseMountinfo } from "../../src/discovery/mountinfo.ts";

const root = (options: string) => `613 552 0:132 / / rw,relatime - overlay overlay ${options}\n`;
const PROC = "616 613 0:135 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw\n";

Deno.test("overlayAtRoot gives the layers when containerd mounted them", () => {
  const text = root(
    "rw,lowerdir=/c/snapshots/2/fs:/c/snapshots/1/fs,upperdir=/c/snapshots/9/fs,workdir=/c/snapshots/9/work",
  );
  assert.deepEqual(overlayAtRoot(text + PROC), {
    upperDir: "/c/snapshots/9/fs",
    lowerDirs: ["/c/snapshots/2/fs", "/c/snapshots/1/fs"],
  });
});

Deno.test("overlayAtRoot resolves relative layers against the folder that holds them all", () => {
  assert.deepEqual(overlayAtRoot(root("rw,lowerdir=2/fs:1/fs,upperdir=/c/snapshots/9/fs"))?.lowerDirs, [
    "/c/snapshots/2/fs",
    "/c/snapshots/1/fs",
  ]);
});

Deno.test("overlayAtRoot gives null when the root is no overlay or there is none", () => {
  assert.equal(overlayAtRoot("1 0 8:1 / / rw - ext4 /dev/sda1 rw,upperdir=/no\n"), null);
  assert.equal(overlayAtRoot(PROC), null);
  assert.equal(overlayAtRoot(""), null);
});

Deno.test("overlayAtRoot takes the last of several mounts at the root", () => {
  assert.equal(overlayAtRoot(root("rw,upperdir=/a/1/fs") + root("rw,upperdir=/a/2/fs"))?.upperDir, "/a/2/fs");
  assert.equal(overlayAtRoot(root("rw,upperdir=/a/1/fs") + "2 1 8:1 / / rw - ext4 /dev/sda1 rw\n"), null);
});

Deno.test("overlayLayers reads escapes and the one-layer-per-option form of newer kernels", () => {
  assert.deepEqual(overlayLayers(String.raw`rw,lowerdir+=/a\040b,lowerdir+=/c\,d,upperdir=/up\054per/x`), {
    upperDir: "/up,per/x",
    lowerDirs: ["/a b", "/c,d"],
  });
  assert.deepEqual(overlayLayers(String.raw`lowerdir=/a\:b:/c`).lowerDirs, ["/a:b", "/c"]);
});

Deno.test("parseMountinfo skips tags and unescapes mount points", () => {
  const line = String
    .raw`36 35 98:0 /mnt1 /mnt\0402 rw master:1 shared:7 - ext3 /dev/root rw,errors=continue`;
  assert.deepEqual(parseMountinfo(`${line}\nbroken line\n`), [
    {
      root: "/mnt1",
      mountPoint: "/mnt 2",
      propagation: "shared",
      fileSystem: "ext3",
      superOptions: "rw,errors=continue",
    },
  ]);
});

Deno.test("parseMountinfo says whether mounts made elsewhere appear", () => {
  const propagation = (tags: string) =>
    parseMountinfo(`36 35 98:0 / /mnt rw ${tags}- ext3 /dev/root rw\n`)[0].propagation;
  assert.equal(propagation("shared:7 "), "shared");
  assert.equal(propagation("master:1 propagate_from:2 "), "slave");
  assert.equal(propagation("unbindable "), "unbindable");
  assert.equal(propagation(""), "private");
});
