import { Agent, type Loaded } from "../agent/agent.ts";
import type { ProcessFigures } from "../agent/options.ts";
import type { CheckpointFolder } from "../core/checkpoint.ts";
import type { GivenBack, Granted } from "../core/grants.ts";
import type { Clock, Files, Random, Timer } from "../core/host.ts";
import type { Discovery } from "../core/container.ts";
import type { HttpPages } from "../core/http.ts";
import type { Plugin } from "../core/plugin.ts";
import type { NetworkAddresses, RuntimeConnector } from "../core/runtime.ts";
import type { Log } from "../core/telemetry.ts";
import type { WorkerThread } from "../core/worker_thread.ts";
import { nodeIp } from "../discovery/node_ip.ts";
import { httpPages } from "../telemetry/http_pages.ts";
import { OwnLog } from "../telemetry/log.ts";
import { LoopWatch } from "../telemetry/loop_watch.ts";
import { MetricRegistry } from "../telemetry/metrics.ts";
import { agentOptions, makeDiscovery, openCheckpoint } from "./agent_parts.ts";
import { isInContainer, lookAt } from "./doctor/machine.ts";
import { sayNoCheckpoint, startChecks } from "./doctor/start_checks.ts";
import type { CliOptions } from "./options.ts";
import { startDestination } from "./default_pipelines.ts";
import { SAID_BY_REPORT, StartReport } from "./start_report.ts";
import { VERSION } from "./version.ts";
import type { Crew } from "./workers/crew.ts";
import type { FromWorker, ToWorker } from "./workers/messages.ts";
import type { RunnableAgent } from "./world.ts";

/** The machine as `src/host` offers it; main hands it in. */
export interface HostKit {
  readonly clock: Clock;
  readonly random: Random;
  readonly env: (name: string) => string | undefined;
  readonly granted: Granted;
  /**
   * Gives permissions back that are not needed any more once all settings and pipelines are read. An address of the
   * node that is not known by then may come with the network: `sys` stays.
   */
  readonly giveBack: (kinds: readonly GivenBack[]) => void;
  readonly pid: number;
  readonly parentPid: number;
  readonly hostName: () => string;
  readonly process: ProcessFigures;
  readonly files: (hostRoot: string) => Files & { close(): void };
  readonly runtimes: RuntimeConnector;
  readonly addresses: NetworkAddresses;
  readonly checkpointFolder: (path: string) => CheckpointFolder;
  /** Takes text for standard error. */
  readonly writeLog: (text: string) => void;
  readonly listen: (address: string, pages: HttpPages, clock: Clock, log: Log) => { close(): Promise<void> };
  /** Starts a thread that listens to the messages of src/cli/workers. */
  readonly startWorker: () => WorkerThread<ToWorker, FromWorker>;
  /** What flushers need, by the key they know; `stdoutClosed` is called when nobody reads standard output any more. */
  readonly flushers: (log: Log, stdoutClosed: () => void) => Readonly<Record<string, unknown>>;
  /** Told about promises that nobody awaited. */
  readonly onRejection: (handle: (reason: unknown) => void) => void;
}

/** How often held-back log lines whose minute is over are summed up. */
const LOG_FLUSH_MS = 60_000;

/** Puts an agent together. For `validate` it opens no checkpoint, no port and asks no runtime. */
export async function makeAgent(
  options: CliOptions,
  purpose: "run" | "validate",
  host: HostKit,
  plugins: readonly Plugin[],
): Promise<RunnableAgent> {
  const { clock, env } = host;
  const log = ownLog(options, host);
  const metrics = ownMetrics(host, log);
  const name = options.nodeName || host.hostName();
  const ip = options.nodeIp || nodeIp(env, host.addresses);
  const loop = new LoopWatch(clock);
  let made: Agent | Crew | null = null;
  const files = host.files(options.hostRoot);
  // Before the environment is given back.
  const inContainer = isInContainer(host.parentPid, env, files);
  // Before the wait for the checkpoint folder, so that a probe hears why it waits.
  const listener = purpose === "run" ? listen(options, host, () => made, loop, metrics, log) : null;
  const saved = purpose === "run" ? options : { ...options, checkpointDir: null };
  const { store, leave } = await openOrSay(saved, host, plugins, files, log);
  const discovery = makeDiscovery(options, host, files, store, log, ip, name);
  const { promise: over, resolve: endIt, reject: failIt } = endOf();
  const world = {
    clock,
    files,
    random: host.random,
    env: withKept(env, options.envTags),
    granted: host.granted,
    log,
    hide: (secret: string) => log.hide(secret),
    metrics,
    process: host.process,
    store,
    discovery,
    // Under `run` other pipelines may have other places to send to.
    flusherHost: host.flushers(log, () => options.reports && endIt()),
  };
  const agent = made = await makeRunner(purpose, options, { name, ip }, world, host, plugins, failIt);
  const report = options.reports ? startReport(options, host, agent, discovery, files, metrics) : null;
  let loaded: Loaded = { problems: [], pipelines: 0, files: 0, texts: {} };
  const ends: (() => void)[] = [];
  return {
    load: async () => loaded = await agent.load(),
    start() {
      loop.start();
      ends.push(every(clock, LOG_FLUSH_MS, () => log.flush()).cancel);
      report?.start();
      host.giveBack(ip === "" ? ["env"] : ["env", "sys"]);
      agent.start();
      // People at a terminal are told by the report.
      if (report !== null) return;
      const machine = lookAt(options, host, files, inContainer, agent.pipelines);
      ends.push(startChecks(machine, loaded, discovery, log));
    },
    over,
    async stop() {
      for (const end of ends) end();
      try {
        return await agent.stop();
      } finally {
        loop.stop();
        files.close();
        leave();
        await listener?.close();
        log.flush(true);
        report?.stop(agent.unsettledBytes);
      }
    },
  };
}

/** When going on makes no sense. A worker may die before anybody waits for it. */
function endOf(): PromiseWithResolvers<void> {
  const end = Promise.withResolvers<void>();
  end.promise.catch(() => {});
  return end;
}

/** One thread, or several; who asks for one does not even load what the others need. */
async function makeRunner(
  purpose: "run" | "validate",
  ...parts: ConstructorParameters<typeof Crew>
): Promise<Agent | Crew> {
  const [options, { name, ip }, world, , plugins] = parts;
  if (purpose === "validate" || options.workers <= 1) {
    return new Agent(agentOptions(options, name, ip), world, plugins);
  }
  const { Crew } = await import("./workers/crew.ts");
  return new Crew(...parts);
}

/** Variables that become tags are asked for with each file, when the permission to ask is given back. */
export function withKept(env: HostKit["env"], names: readonly string[]): HostKit["env"] {
  const kept = new Map(names.map((name) => [name, env(name)]));
  return (name) => kept.get(name) ?? env(name);
}

function ownLog(options: CliOptions, host: HostKit): OwnLog {
  return new OwnLog({
    write: host.writeLog,
    clock: host.clock,
    format: options.logFormat,
    level: options.logLevel,
    saidElsewhere: options.reports ? SAID_BY_REPORT : undefined,
  });
}

/** The checkpoint; when it cannot be opened, the own log says which pipelines suffer, and the error goes on. */
async function openOrSay(
  options: CliOptions,
  host: HostKit,
  plugins: readonly Plugin[],
  files: Files,
  log: Log,
): ReturnType<typeof openCheckpoint> {
  try {
    return await openCheckpoint(options, host, log);
  } catch (error) {
    sayNoCheckpoint(options, error, plugins, { files, env: host.env }, log);
    throw error;
  }
}

/** Does the job again and again until it is cancelled. */
export function every(clock: Clock, ms: number, job: () => void): Timer {
  let timer = clock.after(ms, beat);
  function beat(): void {
    job();
    timer = clock.after(ms, beat);
  }
  return { cancel: () => timer.cancel() };
}

/** A registry with what belongs to no part of the agent. */
function ownMetrics(host: HostKit, log: Log): MetricRegistry {
  const metrics = new MetricRegistry();
  metrics.gauge("denotail_build_info", "The program that answers; always 1.", { version: VERSION }).value = 1;
  countUnowned(host, log, metrics);
  return metrics;
}

/** Counts and says what is rejected in this thread with nobody waiting. */
export function countUnowned(host: Pick<HostKit, "onRejection">, log: Log, metrics: MetricRegistry): void {
  const unowned = metrics.counter(
    "denotail_unowned_rejections_total",
    "Promises rejected with nobody waiting.",
  );
  host.onRejection((reason) => {
    unowned.value++;
    log.warn("A promise was rejected with nobody waiting", { reason: String(reason) });
  });
}

function listen(
  options: CliOptions,
  host: HostKit,
  agent: () => Agent | Crew | null,
  loop: LoopWatch,
  metrics: MetricRegistry,
  log: Log,
): { close(): Promise<void> } | null {
  if (options.metrics === null) return null;
  const { clock } = host;
  const all = {
    families: () => {
      const running = agent();
      return running !== null && "families" in running ? running.families() : metrics.families();
    },
  };
  const pages = httpPages(all, () => ({
    pipelinesLoaded: agent()?.started ?? false,
    nothingUsable: agent()?.nothingUsable ?? false,
    containersListed: agent()?.containersListed ?? false,
    checkpointError: agent()?.tail.checkpointError ?? "",
    waiting: agent()?.waiting ?? [],
  }), () => ({
    loopStalledMs: Math.max(loop.stalledMs(), workersStalledMs(agent())),
    waitingFiles: agent()?.tail.waitingFiles(clock.monotonicMs()) ?? [],
  }));
  return host.listen(`${options.metrics.host}:${options.metrics.port}`, pages, clock, log);
}

function workersStalledMs(agent: Agent | Crew | null): number {
  return agent !== null && "stalledMs" in agent.tail ? agent.tail.stalledMs() : 0;
}

function startReport(
  options: CliOptions,
  host: HostKit,
  agent: Agent | Crew,
  discovery: Discovery,
  files: Files,
  metrics: MetricRegistry,
): StartReport {
  const { tail } = agent;
  const total = (name: string) => ("total" in agent ? agent : metrics).total(name);
  const root = options.hostRoot === "/" ? "" : options.hostRoot;
  return new StartReport(
    {
      discovery,
      refused: () => tail.refused,
      openFiles: () => tail.openFiles(),
      readBytes: () => total("denotail_read_bytes_total"),
      readRecords: () => total("denotail_read_records_total"),
      unsettledBytes: () => tail.unsettledBytes(),
      backlogBytes: () => tail.backlogBytes(),
    },
    {
      destination: options.embedded === null
        ? `as the pipelines in '${options.configDir}' say`
        : startDestination(host.env),
      checkpointDir: options.checkpointDir,
      hostRoot: options.hostRoot,
      seesProc: files.readText(`${root}/proc/self/mountinfo`, 16 * 1024 * 1024) !== null,
    },
    host.clock,
    host.writeLog,
  );
}
