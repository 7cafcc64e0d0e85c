import assert from "node:assert/strict";
import type { PathView } from "../../src/core/host.ts";
import { isBelow, type LinkReader, resolveInView, resolveOnHost } from "../../src/host/resolve_in_view.ts";
import { hostView, MemoryFiles } from "../support/virtual_host.ts";

const HOST = "/logtail_host";
const UPPER = `${HOST}/overlay/1/fs`;
const LOWER = `${HOST}/overlay/0/fs`;

/** A container: overlay with one lower layer, and a mount at /data. */
function containerView(): PathView {
  return {
    id: "c1",
    candidates(path) {
      if (path === "/data" || path.startsWith("/data/")) {
        return [{ path: `${HOST}/volumes/data${path.slice(5)}`, mayStayOpen: true }];
      }
      return [UPPER, LOWER].map((layer) => ({
        path: path === "/" ? layer : layer + path,
        mayStayOpen: true,
      }));
    },
  };
}

function world(): MemoryFiles {
  const files = new MemoryFiles(undefined, HOST);
  files.write("/etc/shadow", "the agent's own");
  files.write(`${HOST}/etc/shadow`, "the host's");
  files.write(`${UPPER}/var/log/app.log`, "new");
  files.write(`${LOWER}/var/log/old.log`, "from the image");
  files.write(`${HOST}/volumes/data/a.log`, "a");
  return files;
}

function resolve(files: MemoryFiles, path: string, view = containerView()): string {
  const found = resolveInView(files, view, path);
  return "refused" in found ? found.refused : found.place.path;
}

Deno.test("resolveInView finds the upper layer first when both layers have the folder", () => {
  const files = world();
  assert.equal(resolve(files, "/var/log/app.log"), `${UPPER}/var/log/app.log`);
  assert.equal(resolve(files, "/var/log/old.log"), `${LOWER}/var/log/old.log`);
  files.whiteout(`${UPPER}/var/log/old.log`);
  assert.equal(resolve(files, "/var/log/old.log"), "missing");
});

Deno.test("resolveInView starts again at the view's root when a link is absolute", () => {
  const files = world();
  files.link("/var/log/app.log", `${HOST}/volumes/data/current`);
  files.link("/data", `${UPPER}/logs`);
  assert.equal(resolve(files, "/data/current"), `${UPPER}/var/log/app.log`);
  assert.equal(resolve(files, "/logs/a.log"), `${HOST}/volumes/data/a.log`);
});

Deno.test("resolveInView says outside when a link leads to what only the host has", () => {
  const files = world();
  files.link("/etc/shadow", `${HOST}/volumes/data/absolute`);
  files.link("../../../../../../etc/shadow", `${HOST}/volumes/data/relative`);
  assert.equal(resolve(files, "/data/absolute"), "outside");
  assert.equal(resolve(files, "/data/relative"), "outside");
  files.link("not-yet", `${HOST}/volumes/data/dangling`);
  assert.equal(resolve(files, "/data/dangling"), "missing");
});

Deno.test("resolveInView stays in the view when dots go above its root", () => {
  const files = world();
  assert.equal(resolve(files, "/../../data/../var/./log//app.log"), `${UPPER}/var/log/app.log`);
});

Deno.test("resolveInView never looks through a link of a lower layer when the upper one hides it", () => {
  const files = world();
  files.link("/etc", `${LOWER}/conf`);
  files.folder(`${UPPER}/conf`);
  assert.equal(resolve(files, "/conf/shadow"), "missing");
});

Deno.test("resolveInView says loop when links go in circles", () => {
  const files = world();
  files.link("/data/y", `${HOST}/volumes/data/x`);
  files.link("/data/x", `${HOST}/volumes/data/y`);
  assert.equal(resolve(files, "/data/x"), "loop");
});

Deno.test("resolveInView follows links of the host inside the host root when a mount is spelled through them", () => {
  const files = world();
  files.unlink(`${HOST}/volumes`);
  files.link("/disk2/volumes", `${HOST}/volumes`);
  files.write(`${HOST}/disk2/volumes/data/b.log`, "b");
  files.write("/disk2/volumes/data/b.log", "the agent's own");
  assert.equal(resolve(files, "/data/b.log"), `${HOST}/disk2/volumes/data/b.log`);
});

Deno.test("resolveInView reaches a mount when the layers lack its mount point", () => {
  const files = world();
  files.unlink(`${UPPER}/var`);
  files.unlink(`${LOWER}/var`);
  const view: PathView = {
    id: "c1",
    candidates: (path) =>
      path.startsWith("/root/log")
        ? [{ path: `${HOST}/volumes/data${path.slice(9)}`, mayStayOpen: true }]
        : [{ path: path === "/" ? UPPER : UPPER + path, mayStayOpen: true }],
  };
  assert.equal(resolve(files, "/root/log/a.log", view), `${HOST}/volumes/data/a.log`);
});

Deno.test("resolveInView gives the folder when the path is one", () => {
  const files = world();
  assert.equal(resolve(files, "/data"), `${HOST}/volumes/data`);
  assert.equal(resolve(files, "/", hostView(HOST)), HOST);
});

Deno.test("resolveOnHost gives null when a part is missing", () => {
  const files = world();
  assert.equal(resolveOnHost(files, `${HOST}/nowhere/x`), null);
  assert.equal(resolveOnHost(files, `${HOST}/etc/../etc/shadow`), `${HOST}/etc/shadow`);
});

/** A machine of which only `/var/log` and a runtime's folder may be looked at, and nothing above them. */
function partlyGranted(why: "denied" | "ungranted" = "ungranted"): { files: MemoryFiles; world: LinkReader } {
  const files = new MemoryFiles(undefined, "/");
  const granted = ["/var/log", "/var/lib/docker"];
  const allowed = (path: string) => granted.some((folder) => isBelow(path, folder));
  const world: LinkReader = {
    hostRoot: "/",
    lstat: (path) => allowed(path) ? files.lstat(path) : null,
    readLink: (path) => allowed(path) ? files.readLink(path) : null,
    isWhiteout: () => false,
    whyMissing: (path) => allowed(path) ? "missing" : why,
  };
  return { files, world };
}

Deno.test("resolveInView reaches a granted folder when those above it may not be looked at", () => {
  const { files, world } = partlyGranted();
  files.write("/var/log/app/a.log", "a");
  files.link("/var/log/app/a.log", "/var/log/current");
  files.write("/var/lib/docker/up/root/log/b.log", "b");
  const found = (view: PathView, path: string) => {
    const resolved = resolveInView(world, view, path);
    return "refused" in resolved ? resolved.refused : resolved.place.path;
  };
  const host = hostView("/");
  assert.equal(found(host, "/var/log/app/a.log"), "/var/log/app/a.log");
  assert.equal(found(host, "/var/log/current"), "/var/log/app/a.log");
  assert.equal(found(host, "/var/log/app/none.log"), "missing");
  assert.equal(resolveOnHost(world, "/var/lib/docker/up"), "/var/lib/docker/up");
  const layer = (path: string) => [{ path: `/var/lib/docker/up${path}`, mayStayOpen: true }];
  assert.equal(
    found({ id: "c1", candidates: layer }, "/root/log/b.log"),
    "/var/lib/docker/up/root/log/b.log",
  );
});

Deno.test("resolveInView says denied when what the path ends in may not be looked at", () => {
  const { files, world } = partlyGranted();
  files.write("/etc/shadow", "the host's");
  files.link("/etc/shadow", "/var/log/shadow");
  for (const path of ["/etc/shadow", "/etc", "/var/log/shadow", "/var/log/../../etc/shadow"]) {
    const resolved = resolveInView(world, hostView("/"), path);
    assert.equal("refused" in resolved ? resolved.refused : resolved.place.path, "denied", path);
  }
  assert.equal(resolveOnHost(world, "/etc/shadow"), null);
});

Deno.test("resolveInView takes nothing for a folder that the kernel denies: it may be a link", () => {
  const { files, world } = partlyGranted("denied");
  files.write("/var/lib/docker/up/log/b.log", "b");
  // The folder above is closed while the link is looked at, and open a moment later.
  assert.equal(resolveOnHost(world, "/var/lib/docker/up/log/b.log"), null);
  const resolved = resolveInView(world, hostView("/"), "/var/lib/docker/up/log/b.log");
  assert.equal("refused" in resolved && resolved.refused, "denied");
});
