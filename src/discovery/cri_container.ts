import type { Container, ContainerState } from "../core/container.ts";
import type { CriSandbox, CriState, CriStatus } from "../core/runtime.ts";
import { sortedMounts } from "./mounts.ts";
import {
  environmentMap,
  POD_NAME_LABEL,
  POD_NAMESPACE_LABEL,
  POD_UID_LABEL,
  podLabels,
  podOfSandbox,
} from "./pod_labels.ts";
import { isVmRuntime } from "./vm_runtime.ts";

/** What the runtime's verbose answer tells beyond the status; "" or 0 or empty where it does not. */
export interface CriInfo {
  readonly pid: number;
  readonly runtimeType: string;
  readonly env: readonly string[];
  readonly hostName: string;
  /** Absolute for CRI-O, `rootfs` (relative to a folder it does not name) for containerd. */
  readonly rootPath: string;
  /** containerd only: name of the snapshotter and of the container's snapshot. */
  readonly snapshotter: string;
  readonly snapshotKey: string;
}

/** What the status itself does not say. */
export interface CriContext {
  readonly info: CriInfo;
  /** The pod's sandbox; undefined once it was removed. */
  readonly sandbox: CriSandbox | undefined;
  readonly ip: string;
  readonly hostName: string;
  readonly upperDir: string;
  readonly lowerDirs: readonly string[];
  readonly mergedRoot: string;
}

/**
 * A CRI status as a {@link Container}, or `null` for one that never started (`created`, `unknown`). Pod labels
 * come from the sandbox alone: no runtime puts them on a container.
 */
export function criContainer(status: CriStatus, context: CriContext): Container | null {
  const state = criState(status.state);
  if (state === null) return null;
  const { sandbox, info } = context;
  const pod = sandbox ? podOfSandbox(sandbox) : undefined;
  return Object.freeze({
    id: status.id,
    runtime: "cri",
    name: status.name,
    image: criImage(status),
    labels: status.labels,
    podName: pod?.podName || (status.labels.get(POD_NAME_LABEL) ?? ""),
    namespace: pod?.namespace || (status.labels.get(POD_NAMESPACE_LABEL) ?? ""),
    podUid: pod?.podUid || (status.labels.get(POD_UID_LABEL) ?? ""),
    podLabels: sandbox ? podLabels(sandbox.labels) : new Map(),
    annotations: status.annotations,
    env: environmentMap(info.env),
    ip: context.ip,
    hostName: context.hostName,
    logPath: status.logPath,
    logDriver: "cri",
    upperDir: context.upperDir,
    lowerDirs: Object.freeze([...context.lowerDirs]),
    mergedRoot: context.mergedRoot,
    mounts: sortedMounts(
      status.mounts.map((mount) => ({ source: mount.hostPath, destination: mount.containerPath })),
    ),
    pid: info.pid,
    state,
    createdMs: status.createdMs,
    startedMs: status.startedMs,
    vmIsolated: isVmRuntime(info.runtimeType, sandbox?.runtimeHandler ?? ""),
    isPause: false,
  });
}

/** CRI's state as ours; `null` for what has not started. */
export function criState(state: CriState): ContainerState | null {
  return state === "running" || state === "exited" ? state : null;
}

/** The image as a person wrote it; an id only where nothing else is known. */
function criImage(status: CriStatus): string {
  for (const name of [status.image, status.userSpecifiedImage]) {
    if (name !== "" && !/^(sha256:)?[0-9a-f]{64}$/.test(name)) return name;
  }
  return status.imageRef || status.image;
}

/**
 * Reads the verbose part. Its form is the runtime's own (containerd and CRI-O agree on what is read here), so
 * anything may be missing or of another type, and text that is no JSON counts as missing.
 *
 *     info["info"] = {"pid": 4711, "runtimeType": "io.containerd.runc.v2",
 *                     "runtimeSpec": {"hostname": …, "process": {"env": ["K=V"]}, "root": {"path": "rootfs"}}}
 */
export function criInfo(info: ReadonlyMap<string, string>): CriInfo {
  const root = asRecord(parseJson(info.get("info") ?? ""));
  const spec = asRecord(root.runtimeSpec);
  const env = asRecord(spec.process).env;
  return {
    pid: typeof root.pid === "number" ? root.pid : 0,
    runtimeType: asText(root.runtimeType),
    env: Array.isArray(env) ? env.filter((line) => typeof line === "string") : [],
    hostName: asText(spec.hostname),
    rootPath: asText(asRecord(spec.root).path),
    snapshotter: asText(root.snapshotter),
    snapshotKey: asText(root.snapshotKey),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
