/** A pipeline file that is not on disk. */
export interface EmbeddedFile {
  /** With extension; its stem is the pipeline's name. */
  readonly name: string;
  readonly text: string;
}

/** Settings of the whole agent: flags and their environment twins, checked. Times are in milliseconds. */
export interface AgentOptions {
  /** Folder of pipeline files. */
  readonly configDir: string;
  /** Pipelines to run instead of the folder's; `null`: read the folder. */
  readonly embedded: readonly EmbeddedFile[] | null;
  /** Folder of the checkpoint store; `null`: nothing is saved (`--checkpoint=memory`). */
  readonly checkpointDir: string | null;
  /** Where the host's file system is seen: `/logtail_host`, or `/`. */
  readonly hostRoot: string;
  /** Sockets in place of the usual ones; empty: look in the usual places. */
  readonly dockerSockets: readonly string[];
  readonly criSockets: readonly string[];
  /** File with static container info; empty: none. */
  readonly staticInfoFile: string;
  /** State folder of containerd when it is not the usual one; empty: the usual one. */
  readonly containerdStateDir: string;
  /** CPU the agent may take, in cores; `null`: no limit. */
  readonly cpuLimitCores: number | null;
  /** Resident memory the agent may take; `null`: no limit. */
  readonly memLimitMb: number | null;
  /** How long a stop may take before what is unacknowledged is left for the next start. */
  readonly stopTimeoutMs: number;
  /** How long to wait for another agent to leave the checkpoint folder. */
  readonly lockTimeoutMs: number;
  /** Read files from their beginning at first contact, whatever the inputs say. */
  readonly fromStart: boolean;
  /** Collect the agent's own container, too. */
  readonly collectSelf: boolean;
  /** Address of /metrics, /healthz and /readyz; `null`: none. */
  readonly metrics: { readonly host: string; readonly port: number } | null;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly logFormat: "json" | "text";
  /** Name and address of the node when they are given; empty: found out. */
  readonly nodeName: string;
  readonly nodeIp: string;
  /** Value of `__user_defined_id__`. */
  readonly userDefinedId: string;
  /** Environment variables whose values become tags, in order. */
  readonly envTags: readonly string[];
  /** Whether the node's name and address become tags. */
  readonly hostTags: boolean;
}
