import type { Container } from "../core/container.ts";
import { hostView } from "../core/host_view.ts";
import type { InputContext } from "../core/plugin.ts";
import { covers } from "./container_view.ts";
import { type FilePlace, fixedFolder } from "./file_paths.ts";
import { isMountSeen } from "./mount_seen.ts";

const ROOT = "root file system";

/**
 * Names once per container what cannot be read of it: everything, when it runs in a virtual machine; else the mounts
 * and roots behind a pattern that are not there below the host root. Returns whether it is worth following.
 */
export function sayHiddenFiles(
  container: Container,
  places: readonly FilePlace[],
  context: Pick<InputContext, "discovery" | "files" | "hostRoot" | "log">,
): boolean {
  const { files, hostRoot, log } = context;
  const visible = (path: string) => files.resolve(hostView(hostRoot), path) !== null;
  for (const place of places) {
    const folder = fixedFolder(place.folder);
    const mount = container.mounts.find(({ destination }) => covers(destination, folder));
    const say = (message: string, mount: string, path: string) =>
      log.warnOnce(`files:hidden:${container.id}:${mount}:${path}`, message, {
        container: container.name,
        id: container.id.slice(0, 12),
        mount,
        path,
      });
    if (container.vmIsolated) {
      say("Files of a container in a virtual machine cannot be read", mount?.source ?? ROOT, folder);
      continue;
    }
    const message = "Files of a container are not visible below the host root";
    if (mount !== undefined) {
      if (!isMountSeen(container, mount, context)) say(message, mount.source, folder);
    } else if (!rootIsVisible(container, visible)) say(message, ROOT, folder);
    for (const inner of mountsBelow(container, folder, place.depthMax > 0 || folder !== place.folder)) {
      if (!isMountSeen(container, inner, context)) say(message, inner.source, inner.destination);
    }
  }
  return !container.vmIsolated;
}

/** Mounts that a search below the folder would meet. */
function mountsBelow(container: Container, folder: string, searched: boolean): Container["mounts"] {
  if (!searched) return [];
  return container.mounts.filter(({ destination }) => destination !== folder && covers(folder, destination));
}

function rootIsVisible(container: Container, visible: (path: string) => boolean): boolean {
  const roots = [container.upperDir, ...container.lowerDirs, container.mergedRoot].filter((path) =>
    path !== ""
  );
  return roots.some(visible) || (roots.length === 0 && container.runtime === "static");
}
