import type { Container, ContainerState } from "../core/container.ts";
import type { DockerInspect } from "../core/runtime.ts";
import { dockerName } from "./docker_name.ts";
import { sortedMounts } from "./mounts.ts";
import { environmentMap, shared, textMap } from "./pod_labels.ts";
import { isVmRuntime } from "./vm_runtime.ts";

/** What the inspection itself does not say. */
export interface DockerContext {
  /** User labels of the pod, from its sandbox. */
  readonly podLabels: ReadonlyMap<string, string>;
  /** `RepoTags` of the container's image. */
  readonly imageTags: readonly string[];
  /** Address found elsewhere (sandbox, hosts file, node); used when the inspection has none. */
  readonly fallbackIp: string;
}

/** Prefix under which dockershim and cri-dockerd keep pod annotations among the labels. */
const ANNOTATION_PREFIX = "annotation.";

/**
 * Docker's inspection as a {@link Container}, or `null` for one that was created and never started.
 * Source of the rules: iLogtail's fields `_image_name_`, `_container_name_`, `_pod_name_`, …
 */
export function dockerContainer(inspect: DockerInspect, context: DockerContext): Container | null {
  const state = dockerState(inspect.State?.Status ?? "");
  if (state === null) return null;
  const labels = textMap(inspect.Config?.Labels);
  const name = dockerName(inspect.Name ?? "", labels);
  const layers = textMap(inspect.GraphDriver?.Data);
  return Object.freeze({
    id: inspect.Id,
    runtime: "docker",
    name: name.name,
    image: dockerImage(inspect, context.imageTags),
    labels,
    podName: name.podName,
    namespace: name.namespace,
    podUid: name.podUid,
    podLabels: context.podLabels,
    annotations: annotations(labels),
    env: environmentMap(inspect.Config?.Env),
    ip: dockerAddress(inspect) || context.fallbackIp,
    hostName: inspect.Config?.Hostname ?? "",
    logPath: inspect.LogPath ?? "",
    logDriver: inspect.HostConfig?.LogConfig?.Type ?? "",
    upperDir: layers.get("UpperDir") ?? "",
    lowerDirs: Object.freeze((layers.get("LowerDir") ?? "").split(":").filter((layer) => layer !== "")),
    mergedRoot: layers.get("MergedDir") ?? "",
    mounts: sortedMounts(
      (inspect.Mounts ?? []).map((mount) => ({ source: mount.Source, destination: mount.Destination })),
    ),
    pid: inspect.State?.Pid ?? 0,
    state,
    createdMs: timeMs(inspect.Created),
    startedMs: timeMs(inspect.State?.StartedAt),
    vmIsolated: isVmRuntime(inspect.HostConfig?.Runtime ?? ""),
    isPause: name.isPause,
  });
}

/**
 * Docker's word for the state as ours; `null` for `created`: it has no process and no log yet. `restarting`
 * counts as running, because the same container goes on writing to the same log.
 */
export function dockerState(status: string): ContainerState | null {
  switch (status) {
    case "running":
    case "paused":
    case "restarting":
      return "running";
    case "created":
      return null;
    default:
      return "exited";
  }
}

/** The container's own address, "" where it has none: `none` and `host` networks, and a pod's members. */
export function dockerAddress(inspect: DockerInspect): string {
  const settings = inspect.NetworkSettings;
  if (settings?.IPAddress) return settings.IPAddress;
  for (const network of Object.values(settings?.Networks ?? {})) {
    if (network?.IPAddress) return network.IPAddress;
  }
  return "";
}

/**
 * The name of the image. The tag that the container was started by counts, where the image still has it; else
 * the image's first tag (the kubelet starts containers by id), else what the container was started by.
 */
function dockerImage(inspect: DockerInspect, tags: readonly string[]): string {
  const asked = inspect.Config?.Image ?? "";
  if (tags.includes(asked)) return asked;
  if (tags.includes(`${asked}:latest`)) return `${asked}:latest`;
  return tags[0] ?? (asked || (inspect.Image ?? ""));
}

function annotations(labels: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [key, value] of labels) {
    if (key.startsWith(ANNOTATION_PREFIX)) map.set(key.slice(ANNOTATION_PREFIX.length), value);
  }
  return shared(map);
}

/** An RFC 3339 time as milliseconds; 0 for Docker's zero time `0001-01-01T00:00:00Z` and for no time. */
export function timeMs(text: string | undefined): number {
  const ms = Date.parse(text ?? "");
  return ms > 0 ? ms : 0;
}
