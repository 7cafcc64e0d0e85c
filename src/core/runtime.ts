/**
 * What discovery needs of a container runtime. `src/host/` speaks to the sockets; the rules that make a
 * container out of an answer live in `src/discovery/` and are pure.
 *
 * Every call takes an AbortSignal and must end soon after it fires; discovery sets the deadlines. A call that
 * fails throws {@link RuntimeError}.
 */
import { RetriableError } from "./errors.ts";

/**
 * Why a call failed. `denied`: the socket refuses us. `unsupported`: nobody behind it knows this call (a
 * containerd without its CRI plugin). `away`: no socket, connection refused or lost. `timeout`: no answer in
 * time. `failed`: the runtime answered with an error.
 */
export type RuntimeFailure = "denied" | "unsupported" | "away" | "timeout" | "failed";

/** A failed call to a runtime. Always worth another try: a daemon may be restarted with other settings. */
export class RuntimeError extends RetriableError {
  readonly reason: RuntimeFailure;

  constructor(reason: RuntimeFailure, message: string, options?: ErrorOptions) {
    super(`RUNTIME_${reason.toUpperCase()}`, message, options);
    this.reason = reason;
  }
}

/**
 * Called when the runtime says that something changed. With an id: that container should be inspected again
 * even if the list shows no difference (a restart, a new name).
 */
export type RuntimeHint = (id?: string) => void;

/** What both kinds of runtime have in common. */
interface RuntimeClientBase {
  /** Path of the socket as the agent opens it. */
  readonly socket: string;
  /**
   * Calls `onHint` for every change until the feed ends: resolves with `unsupported` when the runtime has no
   * feed, with `ended` when the signal fired or the runtime closed it, and throws when the connection broke.
   */
  watch(onHint: RuntimeHint, signal: AbortSignal): Promise<"ended" | "unsupported">;
  /** Drops all connections. A client is not used after that. */
  close(): void;
}

/** One entry of Docker's `GET /containers/json?all=1`; only what the list is used for. */
export interface DockerListEntry {
  readonly Id: string;
  readonly Names?: readonly string[];
  readonly Image?: string;
  readonly ImageID?: string;
  readonly State?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
}

/** Docker's `GET /containers/<id>/json`; only what is read. Everything may be missing. */
export interface DockerInspect {
  readonly Id: string;
  readonly Name?: string;
  readonly Created?: string;
  readonly Image?: string;
  readonly LogPath?: string;
  readonly HostsPath?: string;
  readonly State?: { readonly Status?: string; readonly Pid?: number; readonly StartedAt?: string };
  readonly Config?: {
    readonly Hostname?: string;
    readonly Image?: string;
    readonly Env?: readonly string[] | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
  };
  readonly HostConfig?: {
    readonly NetworkMode?: string;
    readonly Runtime?: string;
    readonly LogConfig?: { readonly Type?: string };
  };
  readonly NetworkSettings?: {
    readonly IPAddress?: string;
    readonly Networks?: Readonly<Record<string, { readonly IPAddress?: string } | null>> | null;
  };
  readonly GraphDriver?: { readonly Data?: Readonly<Record<string, string>> | null } | null;
  readonly Mounts?: readonly { readonly Source?: string; readonly Destination?: string }[] | null;
}

/** The Docker API over its socket. */
export interface DockerClient extends RuntimeClientBase {
  readonly kind: "docker";
  /** All containers, stopped ones too. */
  list(signal: AbortSignal): Promise<readonly DockerListEntry[]>;
  /** `null` when there is no such container (any more). */
  inspect(id: string, signal: AbortSignal): Promise<DockerInspect | null>;
  /** `RepoTags` of an image id; empty when the image or its tags are gone. */
  imageTags(imageId: string, signal: AbortSignal): Promise<readonly string[]>;
}

/** CRI's `ContainerState`. */
export type CriState = "created" | "running" | "exited" | "unknown";

/** One entry of `ListContainers`. Sandboxes are not among them. */
export interface CriContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly state: CriState;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

/** One entry of `ListPodSandbox`. */
export interface CriSandbox {
  readonly id: string;
  readonly podName: string;
  readonly podUid: string;
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  /** Name of the runtime class' handler (`kata`), "" for the default one. */
  readonly runtimeHandler: string;
}

/** Network facts of `PodSandboxStatus`. */
export interface CriSandboxNetwork {
  /** "" for host-network pods and before the network is up. */
  readonly ip: string;
  readonly hostNetwork: boolean;
}

/** `ContainerStatus` with `verbose`. Times are milliseconds since 1970, 0 if unset. */
export interface CriStatus {
  readonly id: string;
  /** Container name within the pod. */
  readonly name: string;
  readonly state: CriState;
  readonly createdMs: number;
  readonly startedMs: number;
  /** Image as the pod names it; may be "" or an id. */
  readonly image: string;
  readonly userSpecifiedImage: string;
  /** Digest or id that the runtime resolved the image to. */
  readonly imageRef: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
  readonly mounts: readonly { readonly containerPath: string; readonly hostPath: string }[];
  readonly logPath: string;
  /** The verbose part: key to text; `info` holds JSON. Its form belongs to the runtime. */
  readonly info: ReadonlyMap<string, string>;
}

/** CRI `runtime.v1` over the socket of containerd, CRI-O or k3s. */
export interface CriClient extends RuntimeClientBase {
  readonly kind: "cri";
  /** Name and version of the runtime, for instance `containerd 1.6.20`. */
  version(signal: AbortSignal): Promise<string>;
  listContainers(signal: AbortSignal): Promise<readonly CriContainer[]>;
  listSandboxes(signal: AbortSignal): Promise<readonly CriSandbox[]>;
  /** `null` when there is no such container (any more). */
  containerStatus(id: string, signal: AbortSignal): Promise<CriStatus | null>;
  /** `null` when there is no such sandbox (any more). */
  sandboxNetwork(id: string, signal: AbortSignal): Promise<CriSandboxNetwork | null>;
  /**
   * Mount options of a container's snapshot (`upperdir=…`, `lowerdir=…`), from containerd's own service on the
   * same socket; known as long as the container exists, running or not. `null` where there is no such service
   * or snapshot.
   */
  snapshotOptions(snapshotter: string, key: string, signal: AbortSignal): Promise<readonly string[] | null>;
}

/** A connected runtime. */
export type RuntimeClient = DockerClient | CriClient;

/** Makes clients; what speaks to a runtime is loaded with the first. Nothing is opened before its first call. */
export interface RuntimeConnector {
  docker(socket: string): DockerClient | Promise<DockerClient>;
  cri(socket: string): CriClient | Promise<CriClient>;
}

/** One address of this machine. */
export interface NetworkAddress {
  /** `eth0`, `docker0`, … */
  readonly interfaceName: string;
  readonly family: "IPv4" | "IPv6";
  readonly address: string;
}

/** Addresses of this machine; empty when the program may not ask (Deno's `sys` permission). */
export type NetworkAddresses = () => readonly NetworkAddress[];
