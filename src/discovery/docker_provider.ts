import type { Container } from "../core/container.ts";
import type { DockerClient, DockerInspect, DockerListEntry, RuntimeHint } from "../core/runtime.ts";
import { layersOfProcess } from "./container_layers.ts";
import { dockerAddress, dockerContainer, dockerState } from "./docker_container.ts";
import { dockerName, dockerPodKey } from "./docker_name.ts";
import { belowHostRoot } from "./host_path.ts";
import { addressInHostsFile } from "./hosts_file.ts";
import { ImageTags } from "./image_tags.ts";
import { podLabels, textMap } from "./pod_labels.ts";
import type { ListedContainer, ProviderHost, RuntimeProvider } from "./runtime_provider.ts";

/** The sandbox of one pod, as the list shows it. */
interface DockerSandbox {
  readonly id: string;
  readonly running: boolean;
  readonly labels: ReadonlyMap<string, string>;
}

const NO_LABELS: ReadonlyMap<string, string> = new Map();

/** Containers of a Docker daemon. Pod labels and pod addresses come from the pause container of the pod. */
export class DockerProvider implements RuntimeProvider {
  readonly kind = "docker";
  readonly socket: string;
  #client: DockerClient;
  #host: ProviderHost;
  #images = new ImageTags();
  /** By pod key; rebuilt by every list. */
  #sandboxes = new Map<string, DockerSandbox>();
  /** Pod key by container id; rebuilt by every list. */
  #podKeys = new Map<string, string>();
  /** Addresses by sandbox id; entries of vanished sandboxes go with the next list. */
  #sandboxIps = new Map<string, string>();

  constructor(client: DockerClient, host: ProviderHost) {
    this.#client = client;
    this.#host = host;
    this.socket = client.socket;
  }

  async list(signal: AbortSignal): Promise<readonly ListedContainer[]> {
    const entries = await this.#client.list(signal);
    const members: { entry: DockerListEntry; podKey: string }[] = [];
    const sandboxes = new Map<string, DockerSandbox>();
    this.#podKeys.clear();
    for (const entry of entries) {
      const labels = textMap(entry.Labels);
      const name = dockerName(entry.Names?.[0] ?? "", labels);
      const podKey = dockerPodKey(name);
      if (name.isPause) addSandbox(sandboxes, podKey, entry, labels);
      else if (dockerState(entry.State ?? "") !== null) members.push({ entry, podKey });
    }
    this.#sandboxes = sandboxes;
    const sandboxIds = new Set([...sandboxes.values()].map((sandbox) => sandbox.id));
    for (const id of this.#sandboxIps.keys()) if (!sandboxIds.has(id)) this.#sandboxIps.delete(id);
    return members.map(({ entry, podKey }) => {
      if (podKey !== "") this.#podKeys.set(entry.Id, podKey);
      const pod = sandboxes.get(podKey)?.labels;
      const parts = [entry.State, entry.Names?.[0], entry.Labels, pod && [...pod]];
      return { id: entry.Id, fingerprint: JSON.stringify(parts) };
    });
  }

  async inspect(id: string, signal: AbortSignal): Promise<Container | null> {
    const inspect = await this.#client.inspect(id, signal);
    if (inspect === null) return null;
    const imageId = inspect.Image ?? "";
    const imageTags = imageId === ""
      ? []
      : await this.#images.of(imageId, () => this.#client.imageTags(imageId, signal));
    const sandbox = this.#sandboxes.get(this.#podKeys.get(id) ?? "");
    const container = dockerContainer(inspect, {
      podLabels: sandbox?.labels ?? NO_LABELS,
      imageTags,
      fallbackIp: dockerAddress(inspect) ? "" : await this.#address(inspect, sandbox, signal),
    });
    if (container === null || container.upperDir !== "") return container;
    // Docker with containerd's image store names no layers: the kernel does.
    const layers = layersOfProcess(this.#host, container.pid);
    return layers === null ? container : Object.freeze({ ...container, ...layers });
  }

  watch(onHint: RuntimeHint, signal: AbortSignal): Promise<"ended" | "unsupported"> {
    return this.#client.watch(onHint, signal);
  }

  close(): void {
    this.#client.close();
  }

  /** Address of a container that has none of its own: the node's, its sandbox's, or that of its hosts file. */
  async #address(
    inspect: DockerInspect,
    sandbox: DockerSandbox | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const mode = inspect.HostConfig?.NetworkMode ?? "";
    if (mode === "host") return this.#host.nodeIp();
    if (sandbox !== undefined && mode === `container:${sandbox.id}`) {
      const ip = await this.#sandboxIp(sandbox.id, signal);
      if (ip !== "") return ip;
    }
    const mounted = inspect.Mounts?.find((mount) => mount.Destination === "/etc/hosts")?.Source;
    const hostsPath = mounted ?? inspect.HostsPath ?? "";
    if (hostsPath === "") return "";
    const text = this.#host.files.readText(belowHostRoot(this.#host.hostRoot, hostsPath));
    return text === null ? "" : addressInHostsFile(text, inspect.Config?.Hostname ?? "");
  }

  async #sandboxIp(id: string, signal: AbortSignal): Promise<string> {
    const known = this.#sandboxIps.get(id);
    if (known !== undefined) return known;
    const inspect = await this.#client.inspect(id, signal);
    if (inspect === null) return "";
    const ip = inspect.HostConfig?.NetworkMode === "host" ? this.#host.nodeIp() : dockerAddress(inspect);
    if (ip !== "") this.#sandboxIps.set(id, ip);
    return ip;
  }
}

/** A restarted pod has several sandboxes: the running one counts, else the newest, which is listed first. */
function addSandbox(
  sandboxes: Map<string, DockerSandbox>,
  podKey: string,
  entry: DockerListEntry,
  labels: ReadonlyMap<string, string>,
): void {
  const running = dockerState(entry.State ?? "") === "running";
  const other = sandboxes.get(podKey);
  if (other !== undefined && (other.running || !running)) return;
  sandboxes.set(podKey, { id: entry.Id, running, labels: podLabels(labels) });
}
