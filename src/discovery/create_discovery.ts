import type { Discovery } from "../core/container.ts";
import type { Clock, Files } from "../core/host.ts";
import type { NetworkAddresses, RuntimeConnector } from "../core/runtime.ts";
import type { ContainerSource } from "./container_source.ts";
import { CriProvider } from "./cri_provider.ts";
import { DEFAULT_TIMING, type DiscoveryTiming } from "./discovery_timing.ts";
import { DockerProvider } from "./docker_provider.ts";
import { DiscoveryManager, type SubscriberFailed } from "./manager.ts";
import { nodeIp } from "./node_ip.ts";
import type { ProviderHost } from "./runtime_provider.ts";
import { runtimeSockets, SocketFinder } from "./runtime_sockets.ts";
import { RuntimeSource } from "./runtime_source.ts";
import { StaticSource } from "./static_source.ts";

/** What a user may choose; everything has a default. */
export interface DiscoveryOptions {
  /** `/logtail_host`, or `/` (default) outside a container. */
  readonly hostRoot?: string;
  /** Replaces the usual places; empty: no Docker; `null` (default): look in the usual places. */
  readonly dockerSockets?: readonly string[] | null;
  /** Likewise (`CONTAINERD_SOCK_PATH`). */
  readonly criSockets?: readonly string[] | null;
  /** File of `ALIYUN_LOG_STATIC_CONTAINER_INFO`; none if "" (default). */
  readonly staticInfoPath?: string;
  /** Where containerd keeps its state if not beside its socket (`CONTAINERD_STATE_DIR`). */
  readonly containerdStateDir?: string;
  /** The node's name, for static containers that have none. */
  readonly hostName?: string;
  readonly timing?: Partial<DiscoveryTiming>;
}

/** What discovery needs of the machine. */
export interface DiscoveryHost {
  readonly clock: Clock;
  readonly files: Pick<Files, "readText" | "stat">;
  readonly runtimes: RuntimeConnector;
  readonly environment: (name: string) => string | undefined;
  readonly addresses: NetworkAddresses;
  readonly subscriberFailed: SubscriberFailed;
}

/** Puts discovery together: one source per possible runtime, one for the static file. Not started yet. */
export function createDiscovery(host: DiscoveryHost, options: DiscoveryOptions = {}): Discovery {
  const timing = { ...DEFAULT_TIMING, ...options.timing };
  const hostRoot = options.hostRoot ?? "/";
  const ownIp = () => nodeIp(host.environment, host.addresses);
  const providerHost: ProviderHost = {
    files: host.files,
    hostRoot,
    nodeIp: ownIp,
    containerdStateDir: options.containerdStateDir ?? "",
  };
  const sockets = runtimeSockets({
    dockerSockets: options.dockerSockets ?? null,
    criSockets: options.criSockets ?? null,
    hostRoot,
  });
  const finder = new SocketFinder(host.files);
  const sources: ContainerSource[] = sockets.map((socket) =>
    new RuntimeSource({
      kind: socket.kind,
      name: socket.name,
      findSocket: () => finder.find(socket),
      connect: async (path) =>
        socket.kind === "docker"
          ? new DockerProvider(await host.runtimes.docker(path), providerHost)
          : new CriProvider(await host.runtimes.cri(path), providerHost),
      clock: host.clock,
      timing,
    })
  );
  if (options.staticInfoPath) {
    sources.push(
      new StaticSource({
        path: options.staticInfoPath,
        files: host.files,
        clock: host.clock,
        intervalMs: timing.staticIntervalMs,
        defaults: () => ({ hostName: options.hostName ?? "", ip: ownIp() }),
      }),
    );
  }
  return new DiscoveryManager(sources, host.clock, timing.goneMs, host.subscriberFailed);
}
