/** What tests ask of pods and containers, and what they get. */

/** What a pod is to look like. */
export interface PodSpec {
  name: string;
  /** Default `default`. */
  namespace?: string;
  /** Default: a random UUID. */
  uid?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  hostNetwork?: boolean;
}

/** A running pod. */
export interface Pod {
  id: string;
  name: string;
  namespace: string;
  uid: string;
  /** Address in the test's own subnet; empty for pods on the host's network. */
  ip: string;
  /** `/var/log/pods/<namespace>_<name>_<uid>`, as it is called inside. */
  logFolder: string;
  /** Folder of the pod's volumes, e.g. `<podFolder>/volumes/kubernetes.io~empty-dir/<name>`. */
  podFolder: string;
  spec: PodSpec;
  config: Uint8Array;
}

/** A mount. `propagation` as in Kubernetes; default none. */
export interface MountSpec {
  hostPath: string;
  containerPath: string;
  readonly?: boolean;
  propagation?: "HostToContainer" | "Bidirectional";
}

/** What a container is to look like. */
export interface ContainerSpec {
  name: string;
  /** Tag of an imported image. */
  image: string;
  /** Replaces the image's entrypoint. */
  command?: string[];
  args?: string[];
  env?: Record<string, string>;
  mounts?: MountSpec[];
  /** Labels beside the kubelet's. */
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  /** Restart count: the log is `<container>/<attempt>.log`. */
  attempt?: number;
  tty?: boolean;
  privileged?: boolean;
  /** Leaves out the kubelet's own mounts (etc-hosts, termination log). */
  bare?: boolean;
}

/** A container, created or started. */
export interface Container {
  id: string;
  pod: Pod;
  spec: ContainerSpec;
  /** The log as it is called inside, e.g. for comparing with what the runtime says. */
  logPathInside: string;
  /** The same file for the test outside. */
  logPath: string;
}

/** ContainerStatus with its verbose info. */
export interface ContainerStatus {
  state: "created" | "running" | "exited" | "unknown";
  exitCode: number;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  logPath: string;
  /** Pid as the namespace counts; 0 when it does not run. */
  pid: number;
  // deno-lint-ignore no-explicit-any
  info: any;
}
