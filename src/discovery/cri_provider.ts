import type { Container } from "../core/container.ts";
import type { CriClient, CriSandbox, CriSandboxNetwork, CriStatus, RuntimeHint } from "../core/runtime.ts";
import { layersOfProcess } from "./container_layers.ts";
import { criContainer, type CriInfo, criInfo, criState } from "./cri_container.ts";
import { belowHostRoot, withoutHostRoot } from "./host_path.ts";
import { addressInHostsFile } from "./hosts_file.ts";
import { type OverlayLayers, overlayLayers } from "./mountinfo.ts";
import { mountedAt, sortedMounts } from "./mounts.ts";
import type { ListedContainer, ProviderHost, RuntimeProvider } from "./runtime_provider.ts";

const NO_LAYERS: OverlayLayers = { upperDir: "", lowerDirs: [] };

/** Containers of containerd, CRI-O or k3s. Joined to their sandboxes, which are not containers here. */
export class CriProvider implements RuntimeProvider {
  readonly kind = "cri";
  readonly socket: string;
  #client: CriClient;
  #host: ProviderHost;
  /** By sandbox id; rebuilt by every list. */
  #sandboxes = new Map<string, CriSandbox>();
  /** Sandbox id by container id; rebuilt by every list. */
  #sandboxIds = new Map<string, string>();
  /** Settled network facts by sandbox id; entries of vanished sandboxes go with the next list. */
  #networks = new Map<string, CriSandboxNetwork>();

  constructor(client: CriClient, host: ProviderHost) {
    this.#client = client;
    this.#host = host;
    this.socket = client.socket;
  }

  async list(signal: AbortSignal): Promise<readonly ListedContainer[]> {
    // One after the other: a pod made in between has its sandbox in the second answer.
    const containers = await this.#client.listContainers(signal);
    const sandboxes = await this.#client.listSandboxes(signal);
    this.#sandboxes = new Map(sandboxes.map((sandbox) => [sandbox.id, sandbox]));
    for (const id of this.#networks.keys()) if (!this.#sandboxes.has(id)) this.#networks.delete(id);
    this.#sandboxIds.clear();
    const listed: ListedContainer[] = [];
    for (const container of containers) {
      if (criState(container.state) === null) continue;
      this.#sandboxIds.set(container.id, container.sandboxId);
      const sandbox = this.#sandboxes.get(container.sandboxId);
      const parts = [
        container.state,
        [...container.labels],
        [...container.annotations],
        sandbox && [...sandbox.labels],
      ];
      listed.push({ id: container.id, fingerprint: JSON.stringify(parts) });
    }
    return listed;
  }

  async inspect(id: string, signal: AbortSignal): Promise<Container | null> {
    const status = await this.#client.containerStatus(id, signal);
    if (status === null) return null;
    const info = criInfo(status.info);
    const sandbox = this.#sandboxes.get(this.#sandboxIds.get(id) ?? "");
    const network = sandbox === undefined ? null : await this.#network(sandbox.id, signal);
    const hostName = this.#hostName(status, info, sandbox);
    const layers = layersOfProcess(this.#host, info.pid) ?? await this.#snapshotLayers(info, signal);
    return criContainer(status, {
      info,
      sandbox,
      ip: this.#address(status, network, hostName),
      hostName,
      ...layers,
      mergedRoot: this.#mergedRoot(id, info),
    });
  }

  watch(onHint: RuntimeHint, signal: AbortSignal): Promise<"ended" | "unsupported"> {
    return this.#client.watch(onHint, signal);
  }

  close(): void {
    this.#client.close();
  }

  async #network(sandboxId: string, signal: AbortSignal): Promise<CriSandboxNetwork | null> {
    const known = this.#networks.get(sandboxId);
    if (known !== undefined) return known;
    const network = await this.#client.sandboxNetwork(sandboxId, signal);
    if (network !== null && (network.hostNetwork || network.ip !== "")) {
      this.#networks.set(sandboxId, network);
    }
    return network;
  }

  async #snapshotLayers(info: CriInfo, signal: AbortSignal): Promise<OverlayLayers> {
    if (info.snapshotKey === "") return NO_LAYERS;
    const options = await this.#client.snapshotOptions(info.snapshotter, info.snapshotKey, signal);
    return options === null ? NO_LAYERS : overlayLayers(options.join(","));
  }

  #address(status: CriStatus, network: CriSandboxNetwork | null, hostName: string): string {
    if (network?.hostNetwork) return this.#host.nodeIp();
    if (network?.ip) return network.ip;
    const hosts = this.#mountedText(status, "/etc/hosts");
    return hosts === null ? "" : addressInHostsFile(hosts, hostName);
  }

  #hostName(status: CriStatus, info: CriInfo, sandbox: CriSandbox | undefined): string {
    if (info.hostName !== "") return info.hostName;
    const mounted = this.#mountedText(status, "/etc/hostname")?.trim();
    if (mounted) return mounted;
    const fromEnv = info.env.find((line) => line.startsWith("HOSTNAME="));
    return fromEnv?.slice("HOSTNAME=".length) ?? sandbox?.podName ?? "";
  }

  #mountedText(status: CriStatus, destination: string): string | null {
    const mounts = status.mounts.map((mount) => ({
      source: mount.hostPath,
      destination: mount.containerPath,
    }));
    const source = mountedAt(sortedMounts(mounts), destination);
    return source === "" ? null : this.#host.files.readText(belowHostRoot(this.#host.hostRoot, source));
  }

  /**
   * Merged root: CRI-O names it; containerd has it below its state folder, which is by default the folder of its
   * socket (`/run/containerd`, `/run/k3s/containerd`).
   */
  #mergedRoot(id: string, info: CriInfo): string {
    if (info.rootPath.startsWith("/")) return info.rootPath;
    const socketFolder = withoutHostRoot(this.#host.hostRoot, this.socket).replace(/\/[^/]*$/, "");
    for (
      const state of [this.#host.containerdStateDir, socketFolder, `${socketFolder}/state`, "/run/containerd"]
    ) {
      if (state === "") continue;
      const root = `${state}/io.containerd.runtime.v2.task/k8s.io/${id}/rootfs`;
      if (this.#host.files.stat(belowHostRoot(this.#host.hostRoot, root)) !== null) return root;
    }
    return "";
  }
}
