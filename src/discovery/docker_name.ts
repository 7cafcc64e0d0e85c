import { CONTAINER_NAME_LABEL, POD_NAME_LABEL, POD_NAMESPACE_LABEL, POD_UID_LABEL } from "./pod_labels.ts";

/** Where a Docker container stands in Kubernetes; the pod's texts are "" outside it. */
export interface DockerName {
  readonly name: string;
  readonly podName: string;
  readonly namespace: string;
  readonly podUid: string;
  readonly isPause: boolean;
}

/** Label by which dockershim and cri-dockerd tell a sandbox from a container. */
const DOCKER_TYPE_LABEL = "io.kubernetes.docker.type";

/**
 * Reads the name of a Docker container. Labels count before the name:
 *
 *     /k8s_<container>_<pod>_<namespace>_<uid>_<attempt>     made by the kubelet
 *     /a_b_c_d_e                                             a plain name; not taken for a pod
 *
 * iLogtail takes every name with four underscores for a pod's; we ask for the prefix.
 */
export function dockerName(rawName: string, labels: ReadonlyMap<string, string>): DockerName {
  const plain = rawName.startsWith("/") ? rawName.slice(1) : rawName;
  const parts = plain.split("_");
  const fromName = parts[0] === "k8s" && parts.length >= 6 ? parts : undefined;
  const podName = labels.get(POD_NAME_LABEL) ?? fromName?.[2] ?? "";
  const name = labels.get(CONTAINER_NAME_LABEL) ?? fromName?.[1] ?? plain;
  const isPause = labels.get(DOCKER_TYPE_LABEL) === "podsandbox" ||
    (podName !== "" && (name === "POD" || fromName?.[1] === "POD"));
  return {
    name,
    podName,
    namespace: labels.get(POD_NAMESPACE_LABEL) ?? fromName?.[3] ?? "",
    podUid: labels.get(POD_UID_LABEL) ?? fromName?.[4] ?? "",
    isPause,
  };
}

/** Identity of the pod a Docker container belongs to, "" outside Kubernetes. */
export function dockerPodKey(name: DockerName): string {
  return name.podName === "" ? "" : `${name.namespace}/${name.podName}/${name.podUid}`;
}
