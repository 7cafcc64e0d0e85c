import type { Container } from "../core/container.ts";
import type { HostPlace, PathView } from "../core/host.ts";

/** A host path below the host root. */
export function below(hostRoot: string, path: string): string {
  const root = hostRoot === "/" ? "" : hostRoot;
  return path === "/" && root !== "" ? root : `${root}${path}`;
}

/**
 * Where paths inside a container lie on the host: the longest mount that covers the path, else the overlay's layers
 * (upper first: what the container wrote; then those of its image), else the merged root, which is closed after each
 * read because an open file there blocks StopContainer under containerd. A container of a static list without any of
 * them shares the agent's own view, as a sidecar does.
 *
 * The container is asked for at each look: a runtime may tell its layers later than its name.
 */
export function containerView(container: () => Container, hostRoot: string): PathView {
  return {
    id: container().id,
    candidates(path: string): readonly HostPlace[] {
      const { mounts, upperDir, lowerDirs, mergedRoot, runtime } = container();
      const mount = mounts.find(({ destination }) => covers(destination, path));
      if (mount !== undefined) {
        const rest = mount.destination === "/" ? path : path.slice(mount.destination.length);
        return [open(hostRoot, rest === "" ? mount.source : joinPath(mount.source, rest))];
      }
      if (upperDir !== "") {
        return [upperDir, ...lowerDirs].map((layer) => open(hostRoot, joinPath(layer, path)));
      }
      if (mergedRoot !== "") {
        return [{ path: below(hostRoot, joinPath(mergedRoot, path)), mayStayOpen: false }];
      }
      return runtime === "static" ? [open(hostRoot, path)] : [];
    },
    extraNames(folder: string): readonly string[] {
      const prefix = folder === "/" ? "/" : `${folder}/`;
      const names = container().mounts
        .filter(({ destination }) => destination.startsWith(prefix) && destination !== folder)
        .map(({ destination }) => destination.slice(prefix.length).split("/")[0]);
      return [...new Set(names)];
    },
  };
}

/** Whether a mount at `destination` covers the path. */
export function covers(destination: string, path: string): boolean {
  return destination === "/" || path === destination || path.startsWith(`${destination}/`);
}

function open(hostRoot: string, path: string): HostPlace {
  return { path: below(hostRoot, path), mayStayOpen: true };
}

function joinPath(folder: string, path: string): string {
  return path === "/" ? folder : folder === "/" ? path : `${folder}${path}`;
}
