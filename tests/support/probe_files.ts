/** Opens files below a bind-mounted host root, with the permissions of the real agent; prints what came of it. */
import type { PathView } from "../../src/core/host.ts";
import { hostView } from "../../src/core/host_view.ts";
import { systemClock } from "../../src/host/clock.ts";
import { HostFiles } from "../../src/host/files.ts";

const scratch = Deno.args[0];
const hostRoot = `${scratch}/host`;
const files = new HostFiles(hostRoot, systemClock);
const rootfs = `${hostRoot}${scratch}/rootfs`;
const container: PathView = {
  id: "c1",
  candidates: (path) => [{ path: path === "/" ? rootfs : rootfs + path, mayStayOpen: true }],
};

function open(view: PathView, path: string): string {
  const opened = files.open(view, path);
  if ("refused" in opened) return opened.refused;
  const into = new Uint8Array(100);
  const text = new TextDecoder().decode(into.subarray(0, opened.file.read(into, 0, 100, 0)));
  opened.file.close();
  return `text: ${text}`;
}

const seen = JSON.stringify({
  file: open(container, "/log/app.log"),
  absoluteLink: open(container, "/log/current"),
  hardLink: open(container, "/log/hard"),
  shadow: open(container, "/log/shadow"),
  fifo: open(container, "/log/pipe"),
  hostLink: open(hostView(hostRoot), `${scratch}/rootfs/log/current`),
  proc: open(hostView(hostRoot), "/proc/self/status"),
  outsideGrant: files.lstat(`${scratch}/rootfs/log/app.log`),
  mountinfo: files.readText(`${hostRoot}/proc/self/mountinfo`) !== null,
  remote: files.isRemote(`${rootfs}/log/app.log`),
});
Deno.stdout.writeSync(new TextEncoder().encode(seen));
