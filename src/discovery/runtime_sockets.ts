import type { Files } from "../core/host.ts";
import { belowHostRoot } from "./host_path.ts";

/** One runtime that may be there: all spellings of its socket. */
export interface RuntimeSocket {
  readonly kind: "docker" | "cri";
  /** As it is shown while it is absent: the usual path. */
  readonly name: string;
  readonly paths: readonly string[];
}

/** Sockets given by the user; each list, an empty one too, replaces what would be looked for. `null` means: look. */
export interface SocketChoice {
  readonly dockerSockets: readonly string[] | null;
  readonly criSockets: readonly string[] | null;
  readonly hostRoot: string;
}

const DOCKER_NAMES = ["docker.sock"];
const CRI_NAMES = ["containerd/containerd.sock", "crio/crio.sock", "k3s/containerd/containerd.sock"];

/**
 * All sockets to look for. Each name has several spellings, and the first that exists is taken: `/run` before
 * `/var/run` (below a host root that link would lead into our own tree), what is mounted into our own tree before
 * what lies below the host root.
 */
export function runtimeSockets(choice: SocketChoice): readonly RuntimeSocket[] {
  return [
    ...socketsOf("docker", choice.dockerSockets, DOCKER_NAMES, choice.hostRoot),
    ...socketsOf("cri", choice.criSockets, CRI_NAMES, choice.hostRoot),
  ];
}

function socketsOf(
  kind: "docker" | "cri",
  given: readonly string[] | null,
  names: readonly string[],
  hostRoot: string,
): RuntimeSocket[] {
  if (given !== null) return given.map((path) => ({ kind, name: path, paths: [path] }));
  return names.map((name) => {
    const own = [`/run/${name}`, `/var/run/${name}`];
    const below = own.map((path) => belowHostRoot(hostRoot, path));
    return { kind, name: own[0], paths: [...new Set([...own, ...below])] };
  });
}

/**
 * Finds sockets and sees to it that one that is reached under two names (a link, two overrides) is followed once:
 * the first who finds it keeps it.
 */
export class SocketFinder {
  #files: Pick<Files, "stat">;
  /** Owner by device and inode. */
  #taken = new Map<string, RuntimeSocket>();

  constructor(files: Pick<Files, "stat">) {
    this.#files = files;
  }

  /** The first spelling that exists and that no other runtime has taken; `null` if there is none. */
  find(socket: RuntimeSocket): string | null {
    for (const [place, owner] of this.#taken) if (owner === socket) this.#taken.delete(place);
    for (const path of socket.paths) {
      const info = this.#files.stat(path);
      // A folder stands there when a container asked for a socket that did not exist yet.
      if (info === null || info.kind !== "other") continue;
      const place = `${info.device}:${info.inode}`;
      if (this.#taken.has(place)) continue;
      this.#taken.set(place, socket);
      return path;
    }
    return null;
  }
}
