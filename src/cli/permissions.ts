/**
 * THE table of what the program may do: read, write, ask the environment, dial. The compiled binary's flags, the flags
 * of end-to-end tests, docs/reference/permissions.md and the messages about what is missing are read off it.
 */
import { runtimeSockets } from "../discovery/runtime_sockets.ts";
import { NODE_IP_NAMES } from "../discovery/node_ip.ts";
import { type Flag, FLAGS } from "./flags.ts";
import { HOST_ROOT_MOUNT } from "./options.ts";

/** Where the program is to run: in the DaemonSet's container, or directly on a machine. */
export const PROFILES = ["daemonset", "vm"] as const;
export type Profile = (typeof PROFILES)[number];

/** Deno's kinds of permissions that the program uses. `run`, `ffi` and `import` it never has. */
export const PERMISSION_KINDS = ["read", "write", "net", "env", "sys"] as const;
export type PermissionKind = (typeof PERMISSION_KINDS)[number];

/** A group of permissions of one kind with one reason. */
export interface Permission {
  readonly kind: PermissionKind;
  /** Absolute paths, names of variables (`A_*`: all with that beginning), kinds of `sys`, `host:port`. */
  readonly values: readonly string[] | "any";
  readonly why: string;
  readonly profiles: readonly Profile[];
  /** Given back once the pipelines are loaded. Never read or write: Deno gives back a whole folder for any path in it. */
  readonly dropped?: true;
}

/** Folder for what pipelines refer to: certificates, secrets, static container info; on a machine the pipelines, too. */
export const OWN_FOLDER = "/etc/denotail";

/** Where progress is saved on a machine; in a container it is the default of `--checkpoint`. */
export const MACHINE_STATE = "/var/lib/denotail";

/** Usual sockets of runtimes as an agent beside them, or in a container with the host's folders, may find them. */
const sockets = runtimeSockets({ dockerSockets: null, criSockets: null, hostRoot: HOST_ROOT_MOUNT })
  .flatMap((socket) => socket.paths);

/** Names of the table of flags, which are the only settings of the agent itself. */
const flagNames = (Object.values(FLAGS) as Flag<unknown>[]).flatMap((flag) => [...flag.env])
  .filter((name) => !name.startsWith("DENOTAIL_"));

const both = PROFILES;
const vm: readonly Profile[] = ["vm"];

export const PERMISSIONS: readonly Permission[] = [
  {
    kind: "read",
    values: [HOST_ROOT_MOUNT],
    why:
      "The host's files as the DaemonSet or the systemd unit mounts them: logs, folders of the runtimes, mounts",
    profiles: both,
  },
  { kind: "read", values: [FLAGS.configDir.default], why: "The pipeline files", profiles: both },
  {
    kind: "read",
    values: [OWN_FOLDER],
    why: "Certificates, files behind `${file:…}`, static container info; on a machine the pipelines, too",
    profiles: both,
  },
  {
    kind: "read",
    values: ["/etc/ssl/certs"],
    why: "Certificates of public authorities, for `CAFile`",
    profiles: both,
  },
  { kind: "read", values: [FLAGS.checkpoint.default], why: "Progress saved before", profiles: both },
  {
    kind: "write",
    values: [FLAGS.checkpoint.default],
    why: "Progress, and the folder's lock",
    profiles: both,
  },
  { kind: "read", values: [MACHINE_STATE], why: "Progress saved before, on a machine", profiles: vm },
  {
    kind: "write",
    values: [MACHINE_STATE],
    why: "Progress, and the folder's lock, on a machine",
    profiles: vm,
  },
  {
    kind: "read",
    values: sockets,
    why: "Sockets of container runtimes",
    profiles: both,
  },
  {
    kind: "write",
    values: sockets,
    why: "The same sockets: to connect is to write",
    profiles: both,
  },
  {
    kind: "read",
    values: ["/var/log", "/opt", "/srv", "/var/lib/docker", "/var/lib/containerd", "/var/lib/containers"],
    why: "Logs of the machine without a host root, and files of containers",
    profiles: vm,
  },
  {
    kind: "read",
    values: ["/run/containerd", "/run/docker", "/run/containers", "/run/k3s/containerd"],
    why: "Root folders of running containers",
    profiles: vm,
  },
  {
    kind: "net",
    values: "any",
    why:
      "Brokers tell their addresses only at run time; what is dialled is decided by the program's own dialler, and `--net` of the build narrows it",
    profiles: both,
  },
  {
    kind: "env",
    values: ["DENOTAIL_*"],
    why: "Settings of the program, and names of your own for `${DENOTAIL_…}` in pipelines",
    profiles: both,
    dropped: true,
  },
  {
    kind: "env",
    values: flagNames,
    why: "iLogtail's names of settings",
    profiles: both,
    dropped: true,
  },
  {
    kind: "env",
    values: [...NODE_IP_NAMES, "NODE_NAME", "POD_NAME", "POD_NAMESPACE", "POD_IP", "HOSTNAME"]
      .filter((name) => !flagNames.includes(name)),
    why: "Names that manifests fill from the downward API, for the node and for `${…}` in pipelines",
    profiles: both,
    dropped: true,
  },
  {
    kind: "env",
    values: ["KAFKA_*"],
    why: "Brokers, topic, user and password, for `start` and for `${KAFKA_…}` in pipelines",
    profiles: both,
    dropped: true,
  },
  {
    kind: "sys",
    values: ["hostname"],
    why: "Name of the node, when none is given",
    profiles: both,
    dropped: true,
  },
  {
    kind: "sys",
    values: ["networkInterfaces"],
    why: "Address of the node, when none is given",
    profiles: both,
    dropped: true,
  },
];

/**
 * Flags of V8 that the program is made for, baked into the binary: docs/memory.md has the figures for the first three, "Facts found
 * out" in ARCHITECTURE.md the reason of the others.
 */
export const V8_FLAGS: readonly string[] = [
  "--max-semi-space-size=2",
  "--expose-gc",
  "--no-concurrent-recompilation",
  "--enable-experimental-regexp-engine",
  "--enable-experimental-regexp-engine-on-excessive-backtracks",
];

/** What a profile may do: values by kind without repeats, in order of the table. `null`: any. */
export type Grants = Readonly<Record<PermissionKind, readonly string[] | null>>;

/** The table's permissions for a profile. */
export function grantsOf(profile: Profile): Grants {
  const grants = {} as Record<PermissionKind, readonly string[] | null>;
  for (const kind of PERMISSION_KINDS) {
    const groups = PERMISSIONS.filter((one) => one.kind === kind && one.profiles.includes(profile));
    const values = groups.flatMap((group): readonly string[] => group.values === "any" ? [] : group.values);
    grants[kind] = groups.some((group) => group.values === "any") ? null : [...new Set(values)];
  }
  return grants;
}
