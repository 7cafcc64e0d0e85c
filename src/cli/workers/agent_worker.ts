import { Agent } from "../../agent/agent.ts";
import type { AgentOptions } from "../../agent/options.ts";
import { describeError } from "../../core/errors.ts";
import { EVENT_WRITERS } from "../../core/event_writer.ts";
import type { Files, Timer } from "../../core/host.ts";
import type { Plugin } from "../../core/plugin.ts";
import type { Shard } from "../../core/shard.ts";
import type { ParentThread } from "../../core/worker_thread.ts";
import { LoopWatch } from "../../telemetry/loop_watch.ts";
import { figuresOf } from "../../telemetry/merged_metrics.ts";
import { MetricRegistry } from "../../telemetry/metrics.ts";
import { agentOptions } from "../agent_parts.ts";
import { countUnowned, every, type HostKit, withKept } from "../make_agent.ts";
import { type FromWorker, STATUS_EVERY_MS, type ToWorker, type WorkerOrder } from "./messages.ts";
import { PortDiscovery } from "./port_discovery.ts";
import { PortLog } from "./port_log.ts";
import { PortStore } from "./port_store.ts";
import { PortWriters } from "./port_writers.ts";

type Link = ParentThread<FromWorker, ToWorker>;

/** Listens to the main thread and runs its part of the agent, until it is told to stop. */
export function runWorker(link: Link, host: HostKit, plugins: readonly Plugin[]): void {
  let worker: Promise<AgentWorker> | null = null;
  const fail = (error: unknown) => link.post({ kind: "failed", reason: describeError(error) });
  link.onMessage((message) => {
    if (message.kind !== "load") {
      worker?.then((made) => made.take(message)).catch(fail);
      return;
    }
    worker = AgentWorker.load(message.order, link, host, plugins);
    worker.then(() => link.post({ kind: "loaded" }), fail);
  });
  link.post({ kind: "ready" });
}

/** A whole agent on its part of the files: tail, pipelines and flushers of its own. What there is once is the main thread's. */
class AgentWorker {
  readonly #host: HostKit;
  readonly #link: Link;
  readonly #reports: boolean;
  readonly #agent: Agent;
  readonly #files: Files & { close(): void };
  readonly #metrics: MetricRegistry;
  readonly #store: PortStore;
  readonly #discovery: PortDiscovery;
  readonly #writers: PortWriters;
  readonly #loop: LoopWatch;
  #status: Timer | null = null;

  static async load(
    order: WorkerOrder,
    link: Link,
    host: HostKit,
    plugins: readonly Plugin[],
  ): Promise<AgentWorker> {
    const worker = new AgentWorker(order, link, host, plugins);
    await worker.#agent.load();
    return worker;
  }

  private constructor(order: WorkerOrder, link: Link, host: HostKit, plugins: readonly Plugin[]) {
    const { shard, options, name, ip, texts } = order;
    const { clock, process, random, granted } = host;
    this.#host = host;
    this.#link = link;
    this.#reports = options.reports;
    const log = new PortLog(link, shard.index, options.logLevel === "debug");
    const metrics = this.#metrics = new MetricRegistry();
    countUnowned(host, log, metrics);
    const files = this.#files = host.files(options.hostRoot);
    const store = this.#store = new PortStore(link, order, clock.wallMs());
    const discovery = this.#discovery = new PortDiscovery(
      link,
      (error) => log.error("BUG: an input failed on a container list", { reason: String(error) }),
    );
    this.#writers = new PortWriters(link);
    this.#loop = new LoopWatch(clock);
    const env = withKept(host.env, options.envTags);
    // The main thread's log knows all secrets: it has loaded the same pipelines.
    const hide = () => {};
    const flusherHost = { ...host.flushers(log, () => {}), [EVENT_WRITERS]: this.#writers };
    this.#agent = new Agent(
      { ...partOf(agentOptions(options, name, ip), shard), config: { files: texts } },
      { clock, files, random, env, granted, log, hide, metrics, process, store, discovery, flusherHost },
      plugins,
    );
  }

  async take(message: Exclude<ToWorker, { kind: "load" }>): Promise<void> {
    switch (message.kind) {
      case "containers":
        return this.#discovery.apply(message.change);
      case "written":
      case "unwritten":
        return this.#writers.take(message);
      case "start":
        this.#store.firstSeen = message.firstSeenMs;
        // Where threads have permissions of their own (Deno 2.4), each gives them back.
        this.#host.giveBack(message.giveBack);
        return this.#start();
      case "stop":
        return await this.#stop();
    }
  }

  #start(): void {
    this.#loop.start();
    this.#agent.start();
    this.#status = every(this.#host.clock, STATUS_EVERY_MS, () => this.#tell());
    this.#tell();
  }

  async #stop(): Promise<void> {
    const ended = await this.#agent.stop();
    this.#status?.cancel();
    this.#loop.stop();
    this.#files.close();
    this.#tell();
    const { unsettledBytes } = this.#agent;
    this.#link.post({ kind: "stopped", isClean: ended === "clean", unsettledBytes });
  }

  #tell(): void {
    const { tail } = this.#agent;
    const report = this.#reports
      ? {
        refused: tail.refused,
        openFiles: tail.openFiles(),
        unsettledBytes: tail.unsettledBytes(),
        backlogBytes: tail.backlogBytes(),
      }
      : null;
    this.#link.post({
      kind: "status",
      status: {
        metrics: figuresOf(this.#metrics.families()),
        checkpointError: tail.checkpointError,
        loopStalledMs: this.#loop.stalledMs(),
        waitingFiles: tail.waitingFiles(this.#host.clock.monotonicMs()),
        report,
      },
    });
  }
}

/**
 * What one of several workers may hold: its part of what the program may hold. The limits on CPU and memory stay whole,
 * since each worker measures the whole process.
 */
function partOf(options: AgentOptions, shard: Shard): AgentOptions {
  const part = (bytes: number) => Math.floor(bytes / shard.count);
  return {
    ...options,
    budgetBytes: part(options.budgetBytes),
    heldBytes: part(options.heldBytes),
    deletedBytes: part(options.deletedBytes),
    shard,
  };
}
