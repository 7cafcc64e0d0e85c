import { Agent } from "../agent/agent.ts";
import type { AgentOptions, ProcessFigures } from "../agent/options.ts";
import { lockFolder } from "../checkpoint/lock.ts";
import { MemoryStore } from "../checkpoint/memory_store.ts";
import { openStore } from "../checkpoint/open_store.ts";
import type { CheckpointFolder, CheckpointStore } from "../core/checkpoint.ts";
import type { Discovery } from "../core/container.ts";
import { describeError } from "../core/errors.ts";
import type { Clock, Files, Random } from "../core/host.ts";
import type { HttpPages } from "../core/http.ts";
import type { Plugin } from "../core/plugin.ts";
import type { NetworkAddresses, RuntimeConnector } from "../core/runtime.ts";
import type { Log } from "../core/telemetry.ts";
import { createDiscovery } from "../discovery/create_discovery.ts";
import { nodeIp } from "../discovery/node_ip.ts";
import { ownFacts } from "../discovery/own_facts.ts";
import { RememberedContainers } from "../discovery/remembered_containers.ts";
import { WithoutOwn } from "../discovery/without_own.ts";
import { httpPages } from "../telemetry/http_pages.ts";
import { OwnLog } from "../telemetry/log.ts";
import { LoopWatch } from "../telemetry/loop_watch.ts";
import { MetricRegistry } from "../telemetry/metrics.ts";
import type { CliOptions } from "./options.ts";
import type { RunnableAgent } from "./world.ts";

/** Bytes between reading and acknowledgement. */
const BUDGET_BYTES = 16 * 1024 * 1024;
/** Bytes of unfinished records cached. */
const HELD_BYTES = 8 * 1024 * 1024;
/** Bytes of deleted files kept by open descriptors. */
const DELETED_BYTES = 1024 * 1024 * 1024;

/** The machine as `src/host` offers it; main hands it in. */
export interface HostKit {
  readonly clock: Clock;
  readonly random: Random;
  readonly env: (name: string) => string | undefined;
  readonly pid: number;
  readonly hostName: () => string;
  readonly process: ProcessFigures;
  readonly files: (hostRoot: string) => Files;
  readonly runtimes: RuntimeConnector;
  readonly addresses: NetworkAddresses;
  readonly checkpointFolder: (path: string) => CheckpointFolder;
  readonly writeLog: (line: string) => void;
  readonly listen: (address: string, pages: HttpPages, clock: Clock, log: Log) => { close(): Promise<void> };
  /** What flushers need, by the key they know. */
  readonly flushers: (log: Log) => Readonly<Record<string, unknown>>;
  /** Told about promises that nobody awaited. */
  readonly onRejection: (handle: (reason: unknown) => void) => void;
}

/** Puts an agent together. For `validate` it opens no checkpoint, no port and asks no runtime. */
export async function makeAgent(
  options: CliOptions,
  purpose: "run" | "validate",
  host: HostKit,
  plugins: readonly Plugin[],
): Promise<RunnableAgent> {
  const { clock, env } = host;
  const log = new OwnLog({ write: host.writeLog, clock, format: options.logFormat, level: options.logLevel });
  const metrics = new MetricRegistry();
  const unowned = metrics.counter(
    "denotail_unowned_rejections_total",
    "Promises rejected with nobody waiting.",
  );
  host.onRejection((reason) => {
    unowned.value++;
    log.warn("A promise was rejected with nobody waiting", { reason: String(reason) });
  });
  const name = options.nodeName || host.hostName();
  const ip = options.nodeIp || nodeIp(env, host.addresses);
  const files = host.files(options.hostRoot);
  const store = purpose === "run"
    ? await openCheckpoint(options, host, log)
    : new MemoryStore(() => clock.wallMs());
  const discovery = makeDiscovery(options, host, files, store, log, ip, name);
  const agent = new Agent(agentOptions(options, name, ip), {
    clock,
    files,
    random: host.random,
    env,
    log,
    metrics,
    process: host.process,
    store,
    discovery,
    flusherHost: host.flushers(log),
  }, plugins);
  const loop = new LoopWatch(clock);
  let listener: { close(): Promise<void> } | null = null;
  if (purpose === "run" && options.metrics !== null) {
    const pages = httpPages(metrics, () => ({
      pipelinesLoaded: agent.started,
      containersListed: discovery.current().complete,
      checkpointError: agent.tail.checkpointError,
    }), () => ({
      loopStalledMs: loop.stalledMs(),
      waitingFiles: agent.tail.waitingFiles(clock.monotonicMs()),
    }));
    listener = host.listen(`${options.metrics.host}:${options.metrics.port}`, pages, clock, log);
  }
  return {
    load: () => agent.load(),
    start() {
      loop.start();
      agent.start();
    },
    async stop() {
      const outcome = await agent.stop();
      loop.stop();
      await listener?.close();
      log.flush(true);
      return outcome;
    },
  };
}

async function openCheckpoint(options: CliOptions, host: HostKit, log: Log): Promise<CheckpointStore> {
  if (options.checkpointDir === null) return new MemoryStore(() => host.clock.wallMs());
  const folder = host.checkpointFolder(options.checkpointDir);
  const self = { pid: host.pid, host: host.hostName() };
  await lockFolder(folder, self, host.clock, options.lockTimeoutMs, log);
  return openStore(folder, host.clock.wallMs(), log);
}

function makeDiscovery(
  options: CliOptions,
  host: HostKit,
  files: Files,
  store: CheckpointStore,
  log: Log,
  ip: string,
  name: string,
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

function agentOptions(options: CliOptions, name: string, ip: string): AgentOptions {
  return {
    config: options.embedded === null ? { folder: options.configDir } : { files: options.embedded },
    hostRoot: options.hostRoot,
    fromStart: options.fromStart,
    stopTimeoutMs: options.stopTimeoutMs,
    cpuLimitCores: options.cpuLimitCores,
    memoryLimitMb: options.memLimitMb,
    budgetBytes: BUDGET_BYTES,
    heldBytes: HELD_BYTES,
    deletedBytes: DELETED_BYTES,
    node: {
      name,
      ip,
      userDefinedId: options.userDefinedId || "default",
      envTags: options.envTags,
      hostTags: options.hostTags,
    },
  };
}
