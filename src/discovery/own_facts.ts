import type { Files } from "../core/host.ts";
import { belowHostRoot } from "./host_path.ts";
import type { OwnFacts } from "./own_container.ts";

const MOUNTINFO_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Reads the {@link OwnFacts} of this process. `self` below the host's proc is resolved by the kernel in the host's
 * pid namespace, so it works in a container without hostPID; a scoped program may read it there, not in `/proc`.
 */
export function ownFacts(
  files: Pick<Files, "readText" | "readLink">,
  hostRoot: string,
  hostName: string,
): OwnFacts {
  const self = belowHostRoot(hostRoot, "/proc/self");
  const pid = Number(files.readLink(self) ?? 0);
  return {
    cgroup: files.readText(`${self}/cgroup`) ?? "",
    mountinfo: files.readText(`${self}/mountinfo`, MOUNTINFO_BYTES_MAX) ?? "",
    hostPid: Number.isInteger(pid) ? pid : 0,
    hostName,
  };
}
