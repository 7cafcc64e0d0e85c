/** What the tests of manifests ask of a pod with the agent in it. */
import type { Manifest } from "../support/kustomize.ts";

/** Folders below k8s/ with a DaemonSet, and the one with a Deployment. */
export const NODE_FOLDERS = [
  "base",
  "overlays/docker",
  "overlays/containerd",
  "overlays/strict",
  "overlays/strict-docker",
  "overlays/kafka-tls",
] as const;
export const SIDECAR_FOLDER = "overlays/sidecar";

/** A pod with the agent, and the objects beside it. */
export interface AgentPod {
  readonly manifests: readonly Manifest[];
  readonly workload: Manifest;
  readonly spec: Manifest;
  readonly container: Manifest;
}

/** The one workload of a folder's objects whose image is the agent's. */
export function agentPod(manifests: readonly Manifest[]): AgentPod {
  for (const workload of manifests) {
    const spec = workload.spec?.template?.spec;
    const container = [...spec?.initContainers ?? [], ...spec?.containers ?? []].find(isAgent);
    if (container !== undefined) return { manifests, workload, spec, container };
  }
  throw new Error("No workload runs the agent");
}

function isAgent(container: Manifest): boolean {
  return container.name === "logtail";
}

/** Variables that the container gets, with literal values or `""` for those that the cluster fills in. */
export function environment({ container, manifests }: AgentPod): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { configMapRef } of container.envFrom ?? []) {
    const map = manifests.find((one) => one.kind === "ConfigMap" && one.metadata.name === configMapRef.name);
    for (const [name, value] of Object.entries(map?.data ?? {})) found.set(name, String(value));
  }
  for (const { name, value } of container.env ?? []) found.set(name, value ?? "");
  return found;
}

/** A mount of the container with the volume behind it. */
export interface PodMount {
  readonly path: string;
  readonly readOnly: boolean;
  readonly propagation: string;
  readonly volume: Manifest;
}

export function mounts({ container, spec }: AgentPod): readonly PodMount[] {
  return container.volumeMounts.map((mount: Manifest) => ({
    path: mount.mountPath,
    readOnly: mount.readOnly === true,
    propagation: mount.mountPropagation ?? "None",
    volume: spec.volumes.find((volume: Manifest) => volume.name === mount.name),
  }));
}

/** Files of a ConfigMap that is mounted as the config folder, by name. */
export function pipelineFiles(pod: AgentPod, configDir: string): Record<string, string> {
  const name = mounts(pod).find((mount) => mount.path === configDir)?.volume.configMap.name;
  return pod.manifests.find((one) => one.kind === "ConfigMap" && one.metadata.name === name)?.data ?? {};
}
