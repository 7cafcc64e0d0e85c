/**
 * Words of discovery: what a container is, what a snapshot of the node is, and how to ask for it.
 *
 * All pipelines share one {@link Discovery}. It publishes whole immutable snapshots; an input keeps what its
 * filters accept and compares two snapshots by id.
 */

import type { RuntimeFailure } from "./runtime.ts";

/** Who told us about a container: the Docker API, a CRI socket, or a file written by the platform. */
export type RuntimeKind = "docker" | "cri" | "static";

/** `running` and `exited` as the runtime says; `gone` once the runtime no longer lists the container. */
export type ContainerState = "running" | "exited" | "gone";

/** One mount of a container: a file or a folder of the host, seen inside at `destination`. */
export interface ContainerMount {
  /** Absolute path on the host, without the host-root prefix. */
  readonly source: string;
  /** Absolute path inside the container, cleaned (no trailing slash except for `/`). */
  readonly destination: string;
}

/**
 * One container with everything filters, tags and path mapping need. Frozen: a change makes a new object, so
 * `===` on two snapshots' entries says "nothing changed". Every path is absolute on the host and without the
 * host-root prefix; a text that the runtime does not know is "".
 */
export interface Container {
  /** The runtime's full id (64 hex digits for Docker and containerd). */
  readonly id: string;
  readonly runtime: RuntimeKind;
  /** Kubernetes container name, else the runtime's name without the leading slash. */
  readonly name: string;
  /** Image as the user wrote it (`docker.io/library/nginx:latest`), else the image's id. */
  readonly image: string;
  /** Labels of the container itself, including `io.kubernetes.container.name` and the like. */
  readonly labels: ReadonlyMap<string, string>;
  /** "" for a container outside Kubernetes, as are `namespace` and `podUid`. */
  readonly podName: string;
  readonly namespace: string;
  readonly podUid: string;
  /** Labels of the pod (taken from its sandbox), without the runtime's own `io.kubernetes*` ones. */
  readonly podLabels: ReadonlyMap<string, string>;
  /** Annotations of the container (CRI); Docker keeps them as labels `annotation.*`, taken from there. */
  readonly annotations: ReadonlyMap<string, string>;
  /** Environment of the process, image defaults included, split at the first `=`. */
  readonly env: ReadonlyMap<string, string>;
  /** Pod or container address; the node's own for host-network pods; "" if unknown. */
  readonly ip: string;
  readonly hostName: string;
  /** File the runtime writes stdout and stderr to; "" when the log driver has none. */
  readonly logPath: string;
  /** Docker: the log driver (`json-file`, `local`, …). CRI: always `cri`. */
  readonly logDriver: string;
  /** Writable layer of the overlay, "" if unknown or the snapshotter has none. Stays until removal. */
  readonly upperDir: string;
  /**
   * Read-only layers of the overlay below `upperDir`, topmost first; empty if unknown. What the image brought
   * and nobody wrote lies there: links such as `/var/run -> /run`, files from before the start.
   */
  readonly lowerDirs: readonly string[];
  /**
   * Merged root file system, "" if unknown. Exists only while the container runs, and a file held open through
   * it blocks StopContainer under containerd: open, read, close.
   */
  readonly mergedRoot: string;
  /** Longest destination first, so that the first one that covers a path is the right one. */
  readonly mounts: readonly ContainerMount[];
  /** Process id of the container's init in the host's pid namespace; 0 when it does not run. */
  readonly pid: number;
  readonly state: ContainerState;
  /** Milliseconds since 1970; 0 if unknown. */
  readonly createdMs: number;
  /** Milliseconds since 1970; 0 before the first start or if unknown. */
  readonly startedMs: number;
  /** True under a runtime whose files live inside a virtual machine (Kata, …): not visible from the host. */
  readonly vmIsolated: boolean;
  /** True for the sandbox of a pod. Snapshots never contain one; providers use it to find pod labels. */
  readonly isPause: boolean;
}

/** `ok`: answered last time. `away`: its socket is there, or was, but does not answer. `absent`: no socket. */
export type RuntimeState = "ok" | "away" | "absent";

/** What discovery knows about one runtime socket (or about the static file). */
export interface RuntimeStatus {
  readonly kind: RuntimeKind;
  /** Path of the socket as the agent opens it, host-root prefix included; of the file for `static`. */
  readonly socket: string;
  readonly state: RuntimeState;
  /** Why it is away, one sentence; absent when `state` is `ok`. */
  readonly error?: string;
  /** The same for programs, where a runtime's call failed. */
  readonly reason?: RuntimeFailure;
}

/** The node at one moment. Immutable; a later one has a higher sequence. */
export interface ContainerSnapshot {
  /** 0 for the empty snapshot before the first answer, then rising by one per published change. */
  readonly sequence: number;
  /** By id. Contains running, exited and, for a grace time, gone containers; never pause containers. */
  readonly containers: ReadonlyMap<string, Container>;
  /**
   * True once every present runtime has answered at least once since start; true at once on a host without
   * any. Before that a missing container says nothing. A socket that refuses us (no permission) or has no CRI
   * service behind it never answers and is not waited for; `runtimes` says why.
   */
  readonly complete: boolean;
  readonly runtimes: readonly RuntimeStatus[];
}

/** The one node-wide list of containers. */
export interface Discovery {
  /** Begins to look; returns at once. Calling it twice is allowed and does nothing. */
  start(): void;
  /** Ends all calls and timers; `current` keeps the last snapshot. Safe before start and twice. */
  stop(): Promise<void>;
  /** The last published snapshot, never undefined. */
  current(): ContainerSnapshot;
  /** Calls back with every later snapshot, never during this call. Returns the way to unsubscribe. */
  onSnapshot(callback: (snapshot: ContainerSnapshot) => void): () => void;
  /**
   * Environment variables that filters and tags look at. Only these are written down with the containers of a run,
   * because the others may be secrets. Called by inputs when they start.
   */
  keepEnv?(names: Iterable<string>): void;
  /** A hint that something changed: look soon instead of at the next period. Cheap, may be called often. */
  refresh(): void;
}
