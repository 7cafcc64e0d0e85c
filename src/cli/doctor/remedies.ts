import { HOST_ROOT_MOUNT } from "../options.ts";

/** How the host's file system is mounted, for each way to run. */
export function hostRootRemedy(hostRoot: string): readonly string[] {
  const at = hostRoot === "/" ? HOST_ROOT_MOUNT : hostRoot;
  return [
    `docker run: -v /:${at}:ro,rslave`,
    `Kubernetes: volumes: [{name: host-root, hostPath: {path: /}}], volumeMounts: [{name: host-root, mountPath: ${at}, readOnly: true, mountPropagation: HostToContainer}]`,
    `a machine: mkdir -p ${at} && mount --rbind / ${at} && mount --make-rslave ${at}`,
  ];
}

/** How the sockets of runtimes are mounted. */
export const SOCKET_REMEDY: readonly string[] = [
  "docker run: -v /var/run:/var/run",
  "Kubernetes: volumes: [{name: run, hostPath: {path: /var/run}}], volumeMounts: [{name: run, mountPath: /var/run}]",
  "a runtime with its socket elsewhere: name it with --docker-socket or --cri-socket",
];

/** How the checkpoint folder is made to last. */
export function checkpointRemedy(folder: string): readonly string[] {
  return [
    `docker run: -v /var/lib/denotail:${folder}`,
    `Kubernetes: volumes: [{name: checkpoint, hostPath: {path: /var/lib/denotail, type: DirectoryOrCreate}}], volumeMounts: [{name: checkpoint, mountPath: ${folder}}]`,
    "a machine: make a folder on a disk, let the agent's user write there, and name it with --checkpoint",
  ];
}

/** How the pipeline files are mounted. */
export function configRemedy(folder: string): readonly string[] {
  return [
    `docker run: -v <folder of your pipelines>:${folder}:ro`,
    `Kubernetes: volumes: [{name: config, configMap: {name: <yours>}}], volumeMounts: [{name: config, mountPath: ${folder}, readOnly: true}]`,
    "a machine: name the folder with --config-dir",
  ];
}

/** How the agent may read files of every user. */
export const READING_REMEDY: readonly string[] = [
  "docker run: --user 0 --cap-add DAC_READ_SEARCH",
  "Kubernetes: securityContext: {runAsUser: 0, capabilities: {drop: [ALL], add: [DAC_READ_SEARCH]}}",
  "systemd: AmbientCapabilities=CAP_DAC_READ_SEARCH",
];
