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
 * read because an open file there blocks StopContainer under containerd.
 */
export function containerView(container: Container, hostRoot: string): PathView {
  const { mounts, upperDir, lowerDirs, mergedRoot } = container;
  return {
    id: container.id,
    candidates(path: string): readonly HostPlace[] {
      const mount = mounts.find(({ destination }) => covers(destination, path));
      if (mount !== undefined) {
        const rest = mount.destination === "/" ? path : path.slice(mount.destination.length);
        return [{
          path: below(hostRoot, rest === "" ? mount.source : joinPath(mount.source, rest)),
          mayStayOpen: true,
        }];
      }
      if (upperDir !== "") {
        return [upperDir, ...lowerDirs].map((layer) => ({
          path: below(hostRoot, joinPath(layer, path)),
          mayStayOpen: true,
        }));
      }
      return mergedRoot === ""
        ? []
        : [{ path: below(hostRoot, joinPath(mergedRoot, path)), mayStayOpen: false }];
    },
    extraNames(folder: string): readonly string[] {
      const prefix = folder === "/" ? "/" : `${folder}/`;
      const names = mounts
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

function joinPath(folder: string, path: string): string {
  return path === "/" ? folder : folder === "/" ? path : `${folder}${path}`;
}
