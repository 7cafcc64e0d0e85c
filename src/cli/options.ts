import { type Flag, type FlagKey, FLAGS, type FlagValues } from "./flags.ts";

/** Settings of the whole agent: flags and their environment twins, checked. Times are in milliseconds. */
export interface CliOptions {
  /** Folder of pipeline files. */
  readonly configDir: string;
  /** Pipelines to run instead of the folder's, by file name; `null`: read the folder. */
  readonly embedded: Readonly<Record<string, string>> | null;
  /** Says to people on stderr what was found and how far it is (`start`). */
  readonly reports: boolean;
  /** Folder of the checkpoint store; `null`: nothing is saved (`--checkpoint=memory`). */
  readonly checkpointDir: string | null;
  /** Where the host's file system is seen: `/logtail_host`, or `/`. */
  readonly hostRoot: string;
  /** Sockets in place of the usual ones, none if empty; `null`: look in the usual places. */
  readonly dockerSockets: readonly string[] | null;
  readonly criSockets: readonly string[] | null;
  /** File with static container info; empty: none. */
  readonly staticInfoFile: string;
  /** State folder of containerd when it is not the usual one; empty: the usual one. */
  readonly containerdStateDir: string;
  /** CPU the agent may take, in cores; `null`: no limit. */
  readonly cpuLimitCores: number | null;
  /** Resident memory the agent may take; `null`: no limit. */
  readonly memLimitMb: number | null;
  /** Disk space that deleted files may pin by being held open. */
  readonly deletedFilesLimitMb: number;
  /** Threads that do the work; 0 and 1: the main thread does it. */
  readonly workers: number;
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

/** Texts of flags by key, as the command line gave them; switches are `"true"`. */
export type FlagTexts = Readonly<Partial<Record<FlagKey, string>>>;

/** What options are made of besides flags. */
export interface OptionsWorld {
  readonly env: (name: string) => string | undefined;
  readonly isFolder: (path: string) => boolean;
}

/** Options, or sentences about what is wrong with them. */
export interface ReadCliOptions {
  readonly options: CliOptions;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
}

/** Where the DaemonSet mounts the host. */
export const HOST_ROOT_MOUNT = "/logtail_host";

/**
 * Flags, then environment twins, then defaults. A bad value of a flag or of a variable of ours is an error; one of a
 * variable that other programs define (`DOCKER_HOST=tcp://…`) is a warning and counts as unset.
 */
export function readCliOptions(
  texts: FlagTexts,
  world: OptionsWorld,
  changedDefaults: FlagTexts = {},
): ReadCliOptions {
  const errors: string[] = [];
  const warnings: string[] = [];
  const values: Record<string, unknown> = {};
  for (const key of Object.keys(FLAGS) as FlagKey[]) {
    const flag = FLAGS[key] as Flag<unknown>;
    const value = readFlag(flag, texts[key], world, errors, warnings);
    const fallback = changedDefaults[key] ?? flag.default;
    values[key] = value ?? (fallback === "" ? undefined : flag.parse(fallback));
  }
  return { options: cliOptions(values as FlagValues, world), errors, warnings };
}

function readFlag(
  flag: Flag<unknown>,
  text: string | undefined,
  world: OptionsWorld,
  errors: string[],
  warnings: string[],
): unknown {
  if (text !== undefined) {
    const value = flag.parse(text);
    if (value === undefined) errors.push(`--${flag.name}: found '${text}', expected ${flag.expected}`);
    return value;
  }
  for (const name of flag.env) {
    const found = world.env(name);
    // An empty variable is how manifests say "unset".
    if (found === undefined || found === "") continue;
    const value = flag.parse(found);
    if (value !== undefined) return value;
    if (name.startsWith("DENOTAIL_")) errors.push(`${name}: found '${found}', expected ${flag.expected}`);
    else warnings.push(`${name}: found '${found}', expected ${flag.expected}; ignored`);
  }
  return undefined;
}

function cliOptions(values: FlagValues, world: OptionsWorld): CliOptions {
  const metrics = values.metrics ?? "off";
  return {
    configDir: values.configDir ?? "",
    embedded: null,
    reports: false,
    checkpointDir: values.checkpoint === undefined || values.checkpoint === "memory"
      ? null
      : values.checkpoint,
    hostRoot: values.hostRoot ?? (world.isFolder(HOST_ROOT_MOUNT) ? HOST_ROOT_MOUNT : "/"),
    dockerSockets: values.dockerSockets ?? null,
    criSockets: values.criSockets ?? null,
    staticInfoFile: values.staticInfoFile ?? "",
    containerdStateDir: values.containerdStateDir ?? "",
    cpuLimitCores: values.cpuLimitCores ?? null,
    memLimitMb: values.memLimitMb ?? null,
    deletedFilesLimitMb: values.deletedFilesLimitMb ?? Infinity,
    workers: values.workers ?? 0,
    stopTimeoutMs: values.stopTimeoutMs ?? 0,
    lockTimeoutMs: values.lockTimeoutMs ?? 0,
    fromStart: values.fromStart ?? false,
    collectSelf: values.collectSelf ?? false,
    metrics: metrics === "off" ? null : metrics,
    logLevel: values.logLevel ?? "info",
    logFormat: values.logFormat ?? "json",
    nodeName: values.nodeName ?? "",
    nodeIp: values.nodeIp ?? "",
    userDefinedId: values.userDefinedId ?? "",
    envTags: values.envTags ?? [],
    hostTags: values.hostTags ?? false,
  };
}
