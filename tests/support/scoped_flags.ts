/** How the agent runs in end-to-end tests: with the permissions that its DaemonSet has, not with all of them. */
import { FLAGS } from "../../src/cli/flags.ts";
import { projectRoot } from "./paths.ts";

/** Sockets of runtimes, below `/run` and `/var/run`. Connecting needs the right to write, too. */
const runtimeSockets = [
  "docker.sock",
  "containerd/containerd.sock",
  "crio/crio.sock",
  "k3s/containerd/containerd.sock",
];

/** Names that libraries ask for at import; without the right to read them kafkajs throws. */
const libraryNames = [
  "NODE_ENV",
  "KAFKAJS_LOG_LEVEL",
  "KAFKAJS_DEBUG_PROTOCOL_BUFFERS",
  "KAFKAJS_DEBUG_EXTENDED_PROTOCOL_BUFFERS",
  "KAFKAJS_NO_PARTITIONER_WARNING",
  "READABLE_STREAM",
];

/** What one agent may touch. */
export interface Grants {
  hostRoot: string;
  configDir: string;
  /** Absent with `--checkpoint=memory`. */
  checkpointDir?: string;
  /** More files and folders it may read: `${file:…}`, certificates, static container info. */
  read?: string[];
  /** Files or folders that flusher_stdout writes to. */
  write?: string[];
  /** Environment names that pipelines use. */
  env?: string[];
}

/** Flags of `deno run` up to the script: the DaemonSet's permissions, and the V8 flags of the task `start`. */
export function scopedFlags(grants: Grants): string[] {
  const sockets = ["/run", "/var/run"].flatMap((folder) => runtimeSockets.map((name) => `${folder}/${name}`))
    .flatMap((path) => [path, `${grants.hostRoot}${path}`]);
  const own = grants.checkpointDir === undefined ? [] : [grants.checkpointDir];
  // The host root is asked for as a whole: discovery looks there for sockets, /proc and the runtimes' folders.
  const read = [
    grants.hostRoot,
    grants.configDir,
    "/logtail_host",
    ...own,
    ...sockets,
    ...grants.read ?? [],
    ...grants.write ?? [],
  ];
  const names = [
    ...Object.values(FLAGS).flatMap((flag) => [...flag.env]),
    ...libraryNames,
    ...grants.env ?? [],
  ];
  return [
    "--no-prompt",
    `--allow-read=${read.join(",")}`,
    `--allow-write=${[...own, ...sockets, ...grants.write ?? []].join(",")}`,
    "--allow-net",
    `--allow-env=${[...new Set(names)].join(",")}`,
    "--allow-sys=hostname,networkInterfaces",
    ...v8Flags(),
  ];
}

/** `--v8-flags=…` as the task `start` has it; nothing when it has none. */
export function v8Flags(): string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${projectRoot}/deno.json`));
  const found = /--v8-flags=\S+/.exec(tasks.start.command);
  return found === null ? [] : [found[0]];
}
