import { fault, type Finding, well, wrong } from "./finding.ts";
import { everyone, type Machine, mountOf } from "./machine.ts";
import { checkpointRemedy } from "./remedies.ts";

/** What a try of the folder gave, see `CheckpointFolder.probe`. */
export interface CheckpointProbe {
  readonly fault: string | null;
  readonly held: boolean;
}

/** Whether progress can be saved, and whether it outlives the container. */
export function checkCheckpoint(machine: Machine, probe: CheckpointProbe): Finding {
  const folder = machine.options.checkpointDir;
  if (folder === null) return well("checkpoint", "nothing is saved, as '--checkpoint=memory' asks");
  if (probe.fault !== null) {
    return wrong("checkpoint", `'${folder}' ${probe.fault}`, everyone(machine), checkpointRemedy(folder));
  }
  const fleeting = whyFleeting(machine, folder);
  if (fleeting !== null) return fault("checkpoint", `'${folder}' ${fleeting}`, [], checkpointRemedy(folder));
  return well("checkpoint", `'${folder}' can be written${probe.held ? "; an agent holds it now" : ""}`);
}

/** Why what is saved does not last, `null` when it does, as far as is known. */
function whyFleeting({ mounts, inContainer }: Machine, folder: string): string | null {
  const mount = mounts === null ? null : mountOf(mounts, folder);
  if (mount === null) return null;
  if (["tmpfs", "ramfs"].includes(mount.fileSystem)) {
    return `lies in memory (${mount.fileSystem}): progress is forgotten when the machine or the container goes`;
  }
  const isOwn = inContainer && mount.mountPoint === "/" && /overlay|aufs/.test(mount.fileSystem);
  return isOwn
    ? "lies in the container's own file system: progress is forgotten when the container goes"
    : null;
}
