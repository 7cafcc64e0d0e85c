/**
 * A kubelet's share of the work, done for tests: pods and containers through the CRI, with the labels,
 * annotations, folders and mounts that a kubelet gives them.
 */
import { Fields, message, stringMap } from "./cri_messages.ts";
import { grpcCall } from "./grpc.ts";
import type { Container, ContainerSpec, ContainerStatus, MountSpec, Pod, PodSpec } from "./cri_specs.ts";
import type { Namespace } from "./namespace.ts";
import { exists, patienceMs, waitFor } from "./process.ts";

export type { Container, ContainerSpec, ContainerStatus, MountSpec, Pod, PodSpec } from "./cri_specs.ts";

const states = ["created", "running", "exited", "unknown"] as const;
const networkModes = { pod: 0, node: 2 };
const perContainer = 1;
const propagations = { HostToContainer: 1, Bidirectional: 2 };

/** Drives one runtime. Folders: logs below `/var/log/pods`, volumes below `<scratch>/kubelet/pods`. */
export class CriDriver {
  private readonly pods = new Map<string, Pod>();

  constructor(private readonly space: Namespace, private readonly socket: string) {}

  /** One call of the RuntimeService (or another service with its full name), encoded message in and out. */
  async call(
    method: string,
    request: Record<number, Parameters<typeof message>[0][number]>,
  ): Promise<Fields> {
    const path = method.startsWith("/") ? method : `/runtime.v1.RuntimeService/${method}`;
    return new Fields(await grpcCall(this.socket, path, message(request)));
  }

  /** Name and version of the runtime, once it answers. */
  async version(): Promise<string> {
    const answer = await this.call("Version", {});
    return `${answer.text(2)} ${answer.text(3)}`;
  }

  /** Makes a pod's sandbox, as a kubelet does. */
  async runPod(spec: PodSpec): Promise<Pod> {
    const namespace = spec.namespace ?? "default";
    const uid = spec.uid ?? crypto.randomUUID();
    const logFolder = `/var/log/pods/${namespace}_${spec.name}_${uid}`;
    const podFolder = `${this.space.folder}/kubelet/pods/${uid}`;
    for (const folder of [this.space.outside(logFolder), podFolder]) {
      Deno.mkdirSync(folder, { recursive: true });
    }
    const security = message({ 1: this.namespaceOptions(spec) });
    const cgroupParent = `/${this.space.uniqueName}/kubepods/besteffort/pod${uid}`;
    const config = message({
      1: message({ 1: spec.name, 2: uid, 3: namespace, 4: 0 }),
      2: spec.hostNetwork ? undefined : spec.name,
      3: logFolder,
      6: stringMap({ ...spec.labels, ...podLabels(spec.name, namespace, uid) }),
      7: stringMap({
        "kubernetes.io/config.seen": new Date().toISOString(),
        "kubernetes.io/config.source": "api",
        ...spec.annotations,
      }),
      8: message({ 1: cgroupParent, 2: security }),
    });
    const id = (await this.call("RunPodSandbox", { 1: config })).text(1);
    const status = (await this.call("PodSandboxStatus", { 1: id })).nested(1);
    const ip = status.nested(5).text(1);
    const pod = { id, name: spec.name, namespace, uid, ip, logFolder, podFolder, spec, config };
    this.pods.set(id, pod);
    return pod;
  }

  private namespaceOptions(spec: PodSpec): Uint8Array {
    return message({ 1: spec.hostNetwork ? networkModes.node : networkModes.pod, 2: perContainer });
  }

  /** Creates a container in a pod, without starting it. */
  async createContainer(pod: Pod, spec: ContainerSpec): Promise<Container> {
    const attempt = spec.attempt ?? 0;
    const logPath = `${spec.name}/${attempt}.log`;
    // The runtime does not make the folder; the kubelet does.
    Deno.mkdirSync(this.space.outside(`${pod.logFolder}/${spec.name}`), { recursive: true });
    const mounts = [...spec.bare ? [] : this.kubeletMounts(pod, spec), ...spec.mounts ?? []];
    const linux = message({
      2: message({ 2: spec.privileged, 3: this.namespaceOptions(pod.spec) }),
    });
    const config = message({
      1: message({ 1: spec.name, 2: attempt }),
      2: message({ 1: spec.image }),
      3: spec.command,
      4: spec.args,
      6: Object.entries(spec.env ?? {}).map(([key, value]) => message({ 1: key, 2: value })),
      7: mounts.map((mount) =>
        message({
          1: mount.containerPath,
          2: mount.hostPath,
          3: mount.readonly,
          5: mount.propagation ? propagations[mount.propagation] : 0,
        })
      ),
      9: stringMap({
        ...podLabels(pod.name, pod.namespace, pod.uid),
        "io.kubernetes.container.name": spec.name,
        ...spec.labels,
      }),
      10: stringMap({
        "io.kubernetes.container.hash": "7b8f9a10",
        "io.kubernetes.container.restartCount": String(attempt),
        "io.kubernetes.container.terminationMessagePath": "/dev/termination-log",
        "io.kubernetes.container.terminationMessagePolicy": "File",
        "io.kubernetes.pod.terminationGracePeriod": "30",
        ...spec.annotations,
      }),
      11: logPath,
      14: spec.tty,
      15: linux,
    });
    const answer = await this.call("CreateContainer", { 1: pod.id, 2: config, 3: pod.config });
    const logPathInside = `${pod.logFolder}/${logPath}`;
    return { id: answer.text(1), pod, spec, logPathInside, logPath: this.space.outside(logPathInside) };
  }

  /** The files a kubelet mounts into every container: /etc/hosts with the pod's address, the termination log. */
  private kubeletMounts(pod: Pod, spec: ContainerSpec): MountSpec[] {
    const hosts = `${pod.podFolder}/etc-hosts`;
    const names = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
    const own = pod.ip === "" ? "" : `${pod.ip}\t${pod.name}\n`;
    Deno.writeTextFileSync(hosts, `# Kubernetes-managed hosts file.\n${names}${own}`);
    const folder = `${pod.podFolder}/containers/${spec.name}`;
    Deno.mkdirSync(folder, { recursive: true });
    const termination = `${folder}/${crypto.randomUUID().slice(0, 8)}`;
    Deno.writeTextFileSync(termination, "");
    return [
      { hostPath: hosts, containerPath: "/etc/hosts" },
      { hostPath: termination, containerPath: "/dev/termination-log" },
    ];
  }

  /** Folder of an emptyDir volume as the kubelet places it; mount it with {@linkcode MountSpec}. */
  emptyDir(pod: Pod, name: string): string {
    const folder = `${pod.podFolder}/volumes/kubernetes.io~empty-dir/${name}`;
    Deno.mkdirSync(folder, { recursive: true });
    return folder;
  }

  /** Starts a created container. */
  async start(container: Container): Promise<void> {
    await this.call("StartContainer", { 1: container.id });
  }

  /** {@linkcode createContainer} and {@linkcode start}. */
  async runContainer(pod: Pod, spec: ContainerSpec): Promise<Container> {
    const container = await this.createContainer(pod, spec);
    await this.start(container);
    return container;
  }

  /** Stops a container (SIGTERM, after `graceSeconds` SIGKILL); gives the milliseconds the call took. */
  async stop(container: Container, graceSeconds = 10): Promise<number> {
    const began = performance.now();
    await this.call("StopContainer", { 1: container.id, 2: graceSeconds });
    return performance.now() - began;
  }

  /** Removes a container, its log stays (the kubelet removes it with the pod's folder). */
  async remove(container: Container): Promise<void> {
    await this.call("RemoveContainer", { 1: container.id });
  }

  /** Runs a command in a container and waits for it. */
  async exec(
    container: Container,
    command: string[],
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    const answer = await this.call("ExecSync", { 1: container.id, 2: command, 3: 60 });
    return { stdout: answer.text(1), stderr: answer.text(2), code: answer.number(3) };
  }

  /** State, labels and the verbose info of a container. */
  async status(container: Container): Promise<ContainerStatus> {
    const answer = await this.call("ContainerStatus", { 1: container.id, 2: true });
    const status = answer.nested(1);
    const info = JSON.parse(answer.map(2)["info"] ?? "{}");
    return {
      state: states[status.number(3)],
      exitCode: status.number(7),
      labels: status.map(12),
      annotations: status.map(13),
      logPath: status.text(15),
      pid: info.pid ?? 0,
      info,
    };
  }

  /** Waits until a container has ended by itself; gives its exit code. */
  async ended(container: Container, timeoutMs = patienceMs): Promise<number> {
    const status = await waitFor(`the end of '${container.spec.name}'`, async () => {
      const now = await this.status(container);
      return now.state === "exited" && now;
    }, { timeoutMs, everyMs: 50 });
    return status.exitCode;
  }

  /** Rotation as the kubelet does it: rename with a time stamp, then have the runtime open a new file. */
  async rotate(container: Container): Promise<string> {
    const stamp = new Date().toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
    let rotated = `${container.logPath}.${stamp}`;
    for (let n = 1; exists(rotated); n++) rotated = `${container.logPath}.${stamp}${n}`;
    Deno.renameSync(container.logPath, rotated);
    await this.reopenLog(container);
    return rotated;
  }

  /** Only the runtime's half of a rotation. */
  async reopenLog(container: Container): Promise<void> {
    await this.call("ReopenContainerLog", { 1: container.id });
  }

  /** Stops and removes a pod with its containers. `keepLogs` leaves its log folder, as right after a deletion. */
  async removePod(pod: Pod, options: { keepLogs?: boolean } = {}): Promise<void> {
    await this.call("StopPodSandbox", { 1: pod.id });
    await this.call("RemovePodSandbox", { 1: pod.id });
    this.pods.delete(pod.id);
    if (!options.keepLogs) Deno.removeSync(this.space.outside(pod.logFolder), { recursive: true });
  }

  /** Stops and removes every pod of this driver; goes on after errors. */
  async removeAllPods(): Promise<void> {
    for (const pod of [...this.pods.values()]) {
      const containers = (await this.call("ListContainers", { 1: message({ 3: pod.id }) })).repeated(1);
      for (const { id } of containers.map((one) => ({ id: one.text(1) }))) {
        await this.call("StopContainer", { 1: id }).catch(() => {});
      }
      await this.removePod(pod).catch(() => {});
    }
  }
}

function podLabels(name: string, namespace: string, uid: string): Record<string, string> {
  return {
    "io.kubernetes.pod.name": name,
    "io.kubernetes.pod.namespace": namespace,
    "io.kubernetes.pod.uid": uid,
  };
}
