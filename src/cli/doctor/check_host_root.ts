import type { InputNeed } from "../../core/plugin.ts";
import type { MountLine } from "../../discovery/mountinfo.ts";
import { fault, type Finding, unknown, well } from "./finding.ts";
import { type Machine, whoNeeds } from "./machine.ts";
import { hostRootRemedy } from "./remedies.ts";

/** Names printed of a folder that is no host's root. */
const NAMES_SHOWN = 5;
/** File systems without files of programs; how they are mounted says nothing. */
const KERNELS_OWN = ["proc", "sysfs", "cgroup", "cgroup2", "devtmpfs", "devpts", "mqueue"];

/** Whether the host's file system is where the agent looks for it. */
export function checkHostRoot(machine: Machine): Finding {
  const { options, files, inContainer } = machine;
  const root = options.hostRoot;
  const wrong = (found: string, ...needs: readonly InputNeed[]) =>
    fault(
      "host root",
      found,
      whoNeeds(machine, "container_output", "container_files", ...needs),
      hostRootRemedy(root),
    );
  if (root === "/") {
    if (!inContainer) return well("host root", "'/', this machine itself");
    if (options.staticInfoFile !== "") {
      return well("host root", "'/' of the agent's own container, beside static container info");
    }
    // Files of its own container may be just what a sidecar is to read.
    return wrong("the agent is in a container and the host's '/' is not mounted: it sees its own files only");
  }
  const kind = files.stat(root)?.kind;
  if (kind === undefined) return wrong(`'${root}' does not exist, or may not be looked at`, "host_files");
  if (kind !== "folder") return wrong(`'${root}' is not a folder`, "host_files");
  const names = files.list(root)?.map(({ name }) => name);
  if (names === undefined) return wrong(`'${root}' cannot be read`, "host_files");
  if (names.length === 0) return wrong(`'${root}' is empty: nothing is mounted there`, "host_files");
  // Beside static info any shared folder will do, and a list of single folders of the host has its proc.
  if (options.staticInfoFile !== "") return well("host root", `'${root}', beside static container info`);
  if (!names.includes("var") && !names.includes("proc")) {
    const shown = names.sort().slice(0, NAMES_SHOWN).map((name) => `'${name}'`).join(", ");
    return wrong(
      `'${root}' is not the root of a host: it has neither 'var' nor 'proc', but ${shown}`,
      "host_files",
    );
  }
  if (inContainer && isOwnRoot(machine)) {
    return wrong(`'${root}' shows the agent's own container, not the host`, "host_files");
  }
  if (machine.status === null) {
    return fault(
      "host root",
      `'${root}/proc' cannot be read: root folders of containers that their runtime does not tell, and remote file systems, are not recognised`,
      [],
      hostRootRemedy(root),
    );
  }
  return well("host root", `'${root}'`);
}

function isOwnRoot({ files, options }: Machine): boolean {
  const [own, given] = [files.stat("/"), files.stat(options.hostRoot)];
  return own !== null && own.device === given?.device && own.inode === given.inode;
}

/** Whether mounts that the host makes later will be seen; `null` where there is nothing to look at. */
export function checkPropagation(machine: Machine): Finding | null {
  const root = machine.options.hostRoot;
  if (root === "/") return null;
  if (machine.mounts === null) {
    const found = `'${root}/proc/self/mountinfo' cannot be read, so it is not known`;
    return unknown("propagation", found);
  }
  const tops = topMounts(machine.mounts, root);
  if (tops.length === 0) {
    return unknown("propagation", `'${root}' is no mount of its own`);
  }
  const closed = tops.filter(({ propagation }) => propagation === "private" || propagation === "unbindable");
  if (closed.length === 0) {
    return well("propagation", `${tops[0].propagation}: later mounts of the host are seen`);
  }
  const places = closed.map(({ mountPoint }) => `'${mountPoint}'`).join(", ");
  return fault(
    "propagation",
    `${places} is mounted ${
      closed[0].propagation
    }: volumes and root file systems of containers that start later are not seen`,
    whoNeeds(machine, "container_files"),
    hostRootRemedy(root),
  );
}

/** The mount at the host root; where only parts of the host are mounted, the mount of each part. */
function topMounts(mounts: readonly MountLine[], root: string): readonly MountLine[] {
  const at = mounts.findLast(({ mountPoint }) => mountPoint === root);
  if (at !== undefined) return [at];
  const below = new Map<string, MountLine>();
  for (const mount of mounts) {
    if (mount.mountPoint.startsWith(`${root}/`) && !KERNELS_OWN.includes(mount.fileSystem)) {
      below.set(mount.mountPoint, mount);
    }
  }
  const points = [...below.keys()];
  return [...below.values()].filter(({ mountPoint }) =>
    !points.some((point) => point !== mountPoint && mountPoint.startsWith(`${point}/`))
  );
}
