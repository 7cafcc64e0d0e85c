import type { Files } from "../../core/host.ts";
import type { InputNeed } from "../../core/plugin.ts";
import { belowHostRoot } from "../../discovery/host_path.ts";
import { type MountLine, parseMountinfo } from "../../discovery/mountinfo.ts";
import type { CliOptions } from "../options.ts";

/** A pipeline that runs, and what its inputs read. */
export interface PipelineNeeds {
  readonly stem: string;
  readonly needs: ReadonlySet<InputNeed>;
}

/** What checks look at. Reading it takes a millisecond and touches no disk but those the agent has touched already. */
export interface Machine {
  readonly options: CliOptions;
  readonly files: Pick<Files, "stat" | "list" | "readText">;
  readonly inContainer: boolean;
  /** Mounts as this process sees them; `null` when no table can be read. */
  readonly mounts: readonly MountLine[] | null;
  /** `<host root>/proc/self/status`; `null` when it cannot be read. */
  readonly status: string | null;
  readonly rssBytes: number;
  readonly pipelines: readonly PipelineNeeds[];
}

/** A node with many pods has long tables. */
const MOUNTINFO_BYTES_MAX = 16 * 1024 * 1024;

/** Looks at everything but the pipelines, which are loaded. */
export function lookAt(
  options: CliOptions,
  host: { readonly process: { rssBytes(): number } },
  files: Machine["files"],
  inContainer: boolean,
  pipelines: readonly PipelineNeeds[],
): Machine {
  const self = belowHostRoot(options.hostRoot, "/proc/self");
  const table = files.readText(`${self}/mountinfo`, MOUNTINFO_BYTES_MAX);
  return {
    options,
    files,
    inContainer,
    mounts: table === null ? null : parseMountinfo(table),
    status: files.readText(`${self}/status`),
    rssBytes: host.process.rssBytes(),
    pipelines,
  };
}

/** Whether this process runs in a container, as far as it may know. */
export function isInContainer(
  parentPid: number,
  env: (name: string) => string | undefined,
  files: Pick<Files, "stat">,
): boolean {
  // A container's first process, and one that `docker exec` put into it. The init of a machine is never an agent.
  if (parentPid === 0) return true;
  if (["KUBERNETES_SERVICE_HOST", "POD_NAME"].some((name) => (env(name) ?? "") !== "")) return true;
  return ["/.dockerenv", "/run/.containerenv"].some((path) => files.stat(path) !== null);
}

/** Pipelines that have one of these needs. */
export function whoNeeds(machine: Pick<Machine, "pipelines">, ...needs: readonly InputNeed[]): string[] {
  return machine.pipelines.filter((one) => needs.some((need) => one.needs.has(need))).map(({ stem }) => stem);
}

/** All pipelines. */
export function everyone(machine: Pick<Machine, "pipelines">): string[] {
  return machine.pipelines.map(({ stem }) => stem);
}

/** The mount that a path lies on: the longest mount point above it, and of several the last. */
export function mountOf(mounts: readonly MountLine[], path: string): MountLine | null {
  let found: MountLine | null = null;
  for (const mount of mounts) {
    const point = mount.mountPoint;
    const covers = point === "/" || path === point || path.startsWith(`${point}/`);
    if (covers && point.length >= (found?.mountPoint.length ?? 0)) found = mount;
  }
  return found;
}
