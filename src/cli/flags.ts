import { parseDuration, parseFlag, parseNumber } from "../config/scalars.ts";

/**
 * THE table of flags: name, environment twins, default, sentence. Parsing, `--help`, docs/reference/cli.md and the
 * manifests' checks are read off it.
 */
export interface Flag<T> {
  /** Without the dashes. */
  readonly name: string;
  /** `<folder>`; empty for a switch. */
  readonly value: string;
  /** Environment twins, the first that is set counts. Ours come first; the rest are iLogtail's. */
  readonly env: readonly string[];
  readonly about: string;
  /** As it would be written; empty: unset. */
  readonly default: string;
  /** What a value must be, behind "expected". */
  readonly expected: string;
  /** `undefined` when the text is no such value. */
  readonly parse: (text: string) => T | undefined;
}

const text = (value: string) => value;
const anyText = { expected: "a text", parse: text };
const folder = { value: "<folder>", expected: "an absolute path", parse: absolute };

/** More threads than a node has cores for an agent only cost memory. */
export const WORKERS_MAX = 16;

export const FLAGS = {
  configDir: flag({
    name: "config-dir",
    value: "<folder>",
    env: ["DENOTAIL_CONFIG_DIR"],
    about: "Folder of pipeline files, *.yaml and *.yml",
    default: "/usr/local/ilogtail/user_yaml_config.d",
    expected: "a path",
    parse: filled,
  }),
  checkpoint: flag({
    name: "checkpoint",
    value: "<folder>",
    env: ["DENOTAIL_CHECKPOINT"],
    about: "Folder in which progress is saved, or 'memory' to save nothing",
    default: "/usr/local/ilogtail/checkpoint",
    expected: "a path or 'memory'",
    parse: filled,
  }),
  hostRoot: flag({
    ...folder,
    name: "host-root",
    env: ["DENOTAIL_HOST_ROOT", "ALIYUN_LOGTAIL_MOUNT_PATH"],
    about: "Where the host's file system is mounted; unset: /logtail_host where that exists, else /",
    default: "",
  }),
  dockerSockets: flag({
    name: "docker-socket",
    value: "<path,…>",
    env: ["DENOTAIL_DOCKER_SOCKET", "DOCKER_HOST"],
    about: "Docker's socket, or 'off'; unset: docker.sock in /run and /var/run, here and below the host root",
    default: "",
    expected: "absolute paths of sockets, separated by commas, or 'off'",
    parse: sockets,
  }),
  criSockets: flag({
    name: "cri-socket",
    value: "<path,…>",
    env: ["DENOTAIL_CRI_SOCKET", "CONTAINERD_SOCK_PATH"],
    about:
      "CRI sockets, or 'off'; unset: containerd, CRI-O and k3s in /run and /var/run, here and below the host root",
    default: "",
    expected: "absolute paths of sockets, separated by commas, or 'off'",
    parse: sockets,
  }),
  staticInfoFile: flag({
    name: "static-containers",
    value: "<file>",
    env: ["DENOTAIL_STATIC_CONTAINERS", "ALIYUN_LOG_STATIC_CONTAINER_INFO"],
    about: "File with static container info (sidecar, serverless)",
    default: "",
    ...anyText,
  }),
  containerdStateDir: flag({
    ...folder,
    name: "containerd-state",
    env: ["DENOTAIL_CONTAINERD_STATE", "CONTAINERD_STATE_DIR"],
    about: "State folder of containerd where it is not the usual one",
    default: "",
  }),
  cpuLimitCores: flag({
    name: "cpu-limit",
    value: "<cores>",
    env: ["DENOTAIL_CPU_LIMIT", "cpu_usage_limit"],
    about: "CPU the agent may take over any 10 s, in cores; it reads slower instead of taking more",
    default: "",
    expected: "a number of cores of at least 0.05",
    parse: (value: string) => numberFrom(value, 0.05),
  }),
  memLimitMb: flag({
    name: "memory-limit",
    value: "<MB>",
    env: ["DENOTAIL_MEMORY_LIMIT", "mem_usage_limit"],
    about: "Resident memory the agent may take, in MB; it reads slower instead of taking more",
    default: "",
    expected: "a number of MB of at least 1",
    parse: (value: string) => numberFrom(value, 1),
  }),
  deletedFilesLimitMb: flag({
    name: "deleted-files-limit",
    value: "<MB>",
    env: ["DENOTAIL_DELETED_FILES_LIMIT"],
    about:
      "Disk space of deleted log files that are held open until they are read, in MB; above it the oldest are given up, and what was not read of them is counted as lost",
    default: "1024",
    expected: "a number of MB of at least 1",
    parse: (value: string) => numberFrom(value, 1),
  }),
  workers: flag({
    name: "workers",
    value: "<number>",
    env: ["DENOTAIL_WORKERS"],
    about: "Threads that read, process and send, each a part of the containers; 0 and 1: no further thread",
    default: "0",
    expected: `a whole number up to ${WORKERS_MAX}`,
    parse: (value: string) => wholeUpTo(value, WORKERS_MAX),
  }),
  stopTimeoutMs: flag({
    name: "stop-timeout",
    value: "<span>",
    env: ["DENOTAIL_STOP_TIMEOUT"],
    about: "How long a stop waits for acknowledgements",
    default: "10s",
    expected: "a time span with a unit, for instance '30s'",
    parse: span,
  }),
  lockTimeoutMs: flag({
    name: "lock-timeout",
    value: "<span>",
    env: ["DENOTAIL_LOCK_TIMEOUT"],
    about: "How long to wait for another agent that holds the checkpoint folder",
    default: "30s",
    expected: "a time span with a unit, for instance '30s'",
    parse: span,
  }),
  fromStart: flag({
    name: "from-start",
    value: "",
    env: ["DENOTAIL_FROM_START"],
    about: "Read files from their beginning at first contact, whatever the inputs say",
    default: "false",
    expected: "'true' or 'false'",
    parse: switched,
  }),
  collectSelf: flag({
    name: "collect-self",
    value: "",
    env: ["DENOTAIL_COLLECT_SELF"],
    about: "Collect the agent's own container, too",
    default: "false",
    expected: "'true' or 'false'",
    parse: switched,
  }),
  metrics: flag({
    name: "metrics",
    value: "<host:port>",
    env: ["DENOTAIL_METRICS"],
    about: "Address of /metrics, /healthz and /readyz, or 'off'",
    default: "127.0.0.1:9465",
    expected: "an address and a port, or 'off'",
    parse: address,
  }),
  logLevel: flag({
    name: "log-level",
    value: "<level>",
    env: ["DENOTAIL_LOG_LEVEL", "LOGTAIL_LOG_LEVEL"],
    about: "Least level of the own log: debug, info, warn or error",
    default: "info",
    expected: "debug, info, warn or error",
    parse: (value: string) => oneOf(value.toLowerCase(), ["debug", "info", "warn", "error"] as const),
  }),
  logFormat: flag({
    name: "log-format",
    value: "<format>",
    env: ["DENOTAIL_LOG_FORMAT"],
    about: "Form of the own log on stderr: json or text",
    default: "json",
    expected: "json or text",
    parse: (value: string) => oneOf(value.toLowerCase(), ["json", "text"] as const),
  }),
  nodeName: flag({
    name: "node-name",
    value: "<name>",
    env: ["DENOTAIL_NODE_NAME", "_node_name_", "ALIYUN_LOGTAIL_WORKING_HOSTNAME"],
    about: "Name of the node; unset: the host name",
    default: "",
    ...anyText,
  }),
  nodeIp: flag({
    name: "node-ip",
    value: "<address>",
    env: ["DENOTAIL_NODE_IP", "_node_ip_", "ALIYUN_LOGTAIL_WORKING_IP"],
    about: "Address of the node; unset: that of the first usable network interface",
    default: "",
    ...anyText,
  }),
  userDefinedId: flag({
    name: "user-defined-id",
    value: "<id>",
    env: ["DENOTAIL_USER_DEFINED_ID", "ALIYUN_LOGTAIL_USER_DEFINED_ID"],
    about: "Value of the tag __user_defined_id__ of files",
    default: "default",
    ...anyText,
  }),
  envTags: flag({
    name: "env-tags",
    value: "<A|B>",
    env: ["DENOTAIL_ENV_TAGS", "ALIYUN_LOG_ENV_TAGS"],
    about: "Environment variables whose values become tags, separated by '|'",
    default: "",
    expected: "names separated by '|'",
    parse: (value: string) => value.split("|").map((name) => name.trim()).filter((name) => name !== ""),
  }),
  hostTags: flag({
    name: "host-tags",
    value: "",
    env: ["DENOTAIL_HOST_TAGS"],
    about: "Add the node's name and address as tags",
    default: "false",
    expected: "'true' or 'false'",
    parse: switched,
  }),
} as const;

/** Keys of the table. */
export type FlagKey = keyof typeof FLAGS;

/** Parsed values; what is unset and has no default is absent. */
export type FlagValues = { [K in FlagKey]?: Exclude<ReturnType<(typeof FLAGS)[K]["parse"]>, undefined> };

function flag<T>(entry: Flag<T>): Flag<T> {
  return entry;
}

function filled(value: string): string | undefined {
  return value === "" ? undefined : value;
}

/** One spelling for each path: tables of mounts know it without slashes at its end. `..` stays, it may follow a link. */
function absolute(value: string): string | undefined {
  if (!value.startsWith("/")) return undefined;
  return value.replace(/\/(?:\.?\/)+/g, "/").replace(/(?<=.)\/\.?$/, "");
}

/** `unix:///run/docker.sock,/run/other.sock` -> paths; `off` -> none. */
function sockets(value: string): readonly string[] | undefined {
  if (value.toLowerCase() === "off") return [];
  const paths = value.split(",").map((path) => path.trim().replace(/^unix:\/\//, "")).filter((path) =>
    path !== ""
  );
  return paths.every((path) => path.startsWith("/")) ? paths : undefined;
}

function numberFrom(value: string, least: number): number | undefined {
  const number = parseNumber(value);
  return number !== null && number >= least ? number : undefined;
}

function wholeUpTo(value: string, most: number): number | undefined {
  return /^\d{1,9}$/.test(value) && Number(value) <= most ? Number(value) : undefined;
}

function span(value: string): number | undefined {
  const duration = parseDuration(value);
  return "ms" in duration ? duration.ms : undefined;
}

function switched(value: string): boolean | undefined {
  return parseFlag(value) ?? undefined;
}

/** `127.0.0.1:9465`, `[::1]:9465`, `off`. */
function address(value: string): { readonly host: string; readonly port: number } | "off" | undefined {
  if (value.toLowerCase() === "off") return "off";
  const match = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(value);
  const port = Number(match?.[3]);
  return match === null || port > 65535 ? undefined : { host: match[1] ?? match[2], port };
}

function oneOf<const T extends string>(value: string, words: readonly T[]): T | undefined {
  return words.find((word) => word === value);
}
