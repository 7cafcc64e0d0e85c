import type { AgentOptions } from "../agent/options.ts";
import { lockFolder } from "../checkpoint/lock.ts";
import { MemoryStore } from "../checkpoint/memory_store.ts";
import { openStore } from "../checkpoint/open_store.ts";
import type { CheckpointStore } from "../core/checkpoint.ts";
import type { Discovery } from "../core/container.ts";
import { describeError } from "../core/errors.ts";
import type { Files } from "../core/host.ts";
import type { Log } from "../core/telemetry.ts";
import { createDiscovery } from "../discovery/create_discovery.ts";
import type { DiscoveryTiming } from "../discovery/discovery_timing.ts";
import { ownFacts } from "../discovery/own_facts.ts";
import { RememberedContainers } from "../discovery/remembered_containers.ts";
import { WithoutOwn } from "../discovery/without_own.ts";
import type { HostKit } from "./make_agent.ts";
import type { CliOptions } from "./options.ts";

/** Bytes between reading and acknowledgement. */
const BUDGET_BYTES = 16 * 1024 * 1024;
/** Bytes of unfinished records cached. */
const HELD_BYTES = 8 * 1024 * 1024;

/** The store of resume points, and the way to leave its folder to the next agent. Waits for the folder's lock. */
export async function openCheckpoint(
  options: CliOptions,
  host: HostKit,
  log: Log,
): Promise<{ readonly store: CheckpointStore; readonly leave: () => void }> {
  if (options.checkpointDir === null) return { store: memoryCheckpoint(host), leave: () => {} };
  const folder = host.checkpointFolder(options.checkpointDir);
  const self = { pid: host.pid, host: host.hostName() };
  await lockFolder(folder, self, host.clock, options.lockTimeoutMs, log);
  try {
    return { store: openStore(folder, host.clock.wallMs(), log), leave: () => folder.unlock() };
  } catch (error) {
    folder.unlock();
    throw error;
  }
}

/** A store that forgets. */
export function memoryCheckpoint(host: HostKit): CheckpointStore {
  return new MemoryStore(() => host.clock.wallMs());
}

/** The container list: all runtimes, what the last run knew of them, and without the agent itself. */
export function makeDiscovery(
  options: CliOptions,
  host: HostKit,
  files: Files,
  store: CheckpointStore,
  log: Log,
  ip: string,
  name: string,
  timing: Partial<DiscoveryTiming> = {},
): Discovery {
  const found = createDiscovery({
    clock: host.clock,
    files,
    runtimes: host.runtimes,
    // The address found at start counts before what the environment says.
    environment: (asked) => asked === "NODE_IP" && ip !== "" ? ip : host.env(asked),
    addresses: host.addresses,
    subscriberFailed: (error) =>
      log.error("BUG: an input failed on a container list", { reason: String(error) }),
  }, {
    hostRoot: options.hostRoot,
    dockerSockets: options.dockerSockets,
    criSockets: options.criSockets,
    staticInfoPath: options.staticInfoFile,
    containerdStateDir: options.containerdStateDir,
    hostName: name,
    timing,
  });
  const discovery = new RememberedContainers(found, store, host.clock, (error) => {
    log.warn("Container list cannot be written down", { reason: describeError(error) });
  });
  if (options.collectSelf) return discovery;
  const facts = () => ownFacts(files, options.hostRoot, host.hostName());
  return new WithoutOwn(discovery, facts, (id, evidence) => {
    log.info("Own container is left out", { id: id.slice(0, 12), evidence });
  });
}

/** The part of the options that the agent itself acts on. */
export function agentOptions(options: CliOptions, name: string, ip: string): AgentOptions {
  return {
    config: options.embedded === null ? { folder: options.configDir } : { files: options.embedded },
    hostRoot: options.hostRoot,
    fromStart: options.fromStart,
    stopTimeoutMs: options.stopTimeoutMs,
    cpuLimitCores: options.cpuLimitCores,
    memoryLimitMb: options.memLimitMb,
    budgetBytes: BUDGET_BYTES,
    heldBytes: HELD_BYTES,
    deletedBytes: options.deletedFilesLimitMb * 1024 * 1024,
    workers: options.workers,
    forgetful: options.checkpointDir === null,
    node: {
      name,
      ip,
      userDefinedId: options.userDefinedId || "default",
      envTags: options.envTags,
      hostTags: options.hostTags,
    },
  };
}
