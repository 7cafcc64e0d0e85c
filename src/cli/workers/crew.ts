import { Agent, type Loaded } from "../../agent/agent.ts";
import type { World } from "../../agent/options.ts";
import type { Pipeline } from "../../agent/pipeline.ts";
import type { LaneKey, SavedLane } from "../../core/checkpoint.ts";
import type { ContainerSnapshot } from "../../core/container.ts";
import { describeError } from "../../core/errors.ts";
import { EVENT_WRITERS, type EventWriters } from "../../core/event_writer.ts";
import type { GivenBack } from "../../core/grants.ts";
import type { Plugin } from "../../core/plugin.ts";
import { shardOfLane } from "../../core/shard.ts";
import { figuresOf, mergeFigures, totalOf } from "../../telemetry/merged_metrics.ts";
import { type MetricFamily, MetricRegistry } from "../../telemetry/metrics.ts";
import { agentOptions, memoryCheckpoint } from "../agent_parts.ts";
import type { HostKit } from "../make_agent.ts";
import type { CliOptions } from "../options.ts";
import { CrewFacts } from "./crew_facts.ts";
import { CrewMember } from "./crew_member.ts";
import type { FromWorker } from "./messages.ts";
import { PostedEvents } from "./posted_events.ts";

/** Workers get this much longer than their deadline to say that they stopped. */
const STOP_GRACE_MS = 5_000;

/**
 * An agent whose work is done by several threads. The main thread keeps what there is once: the checkpoint, the list of
 * containers, the own log, standard output. Each worker is an agent on its part of the containers and host inputs.
 */
export class Crew {
  /** What the tails of all workers would say. */
  readonly tail: CrewFacts;
  readonly #options: CliOptions;
  readonly #node: { readonly name: string; readonly ip: string };
  readonly #world: World & { readonly metrics: MetricRegistry };
  readonly #host: HostKit;
  /** Never started: it loads the pipelines, so that their problems, secrets and needs are known here. */
  readonly #reader: Agent;
  readonly #events: PostedEvents;
  readonly #failed: (error: Error) => void;
  readonly #members: CrewMember[] = [];
  #unsubscribe: () => void = () => {};
  #started = false;
  #unsettledBytes = 0;

  /** `failed` is told when a worker died: the rest would go on without its files, so the agent has to end. */
  constructor(
    options: CliOptions,
    node: { readonly name: string; readonly ip: string },
    world: World & { readonly metrics: MetricRegistry },
    host: HostKit,
    plugins: readonly Plugin[],
    failed: (error: Error) => void,
  ) {
    this.#options = options;
    this.#node = node;
    this.#world = world;
    this.#host = host;
    this.#failed = failed;
    this.#events = new PostedEvents(world.flusherHost[EVENT_WRITERS] as EventWriters);
    const apart = { ...world, store: memoryCheckpoint(host), metrics: new MetricRegistry() };
    this.#reader = new Agent(agentOptions(options, node.name, node.ip), apart, plugins);
    this.tail = new CrewFacts(this.#members);
  }

  /** Reads the pipelines, and has every worker do the same. */
  async load(): Promise<Loaded> {
    const { store, clock } = this.#world;
    const count = this.#options.workers;
    // Their modules load while the pipelines are read here.
    for (let index = 0; index < count; index++) {
      this.#members.push(
        new CrewMember({ index, count }, this.#host.startWorker(), clock, {
          asked: (message, member, answer) => this.#take(message, member, answer),
          failed: (error, reason) => {
            this.#world.log.error("A worker ended, so the agent ends; nothing is lost", {
              worker: index,
              reason,
            });
            this.#failed(error);
          },
        }),
      );
    }
    const loaded = await this.#reader.load();
    const lanes: SavedLane[][] = Array.from({ length: count }, () => []);
    for (const lane of store.load()) lanes[shardOfLane(lane.key, count)].push(lane);
    const { texts } = loaded;
    const shared = { options: this.#options, texts, ...this.#node, birth: store.birth };
    await Promise.all(
      this.#members.map((member, index) =>
        member.load({ ...shared, shard: member.shard, lanes: lanes[index] })
      ),
    );
    return loaded;
  }

  start(): void {
    const { discovery, store } = this.#world;
    discovery.start();
    this.#unsubscribe = discovery.onSnapshot((snapshot) => this.#feed(snapshot));
    this.#feed(discovery.current());
    const firstSeenMs = new Map(this.pipelines.map(({ stem }) => [stem, store.firstSeenMs(stem)]));
    const giveBack: GivenBack[] = this.#node.ip === "" ? ["env"] : ["env", "sys"];
    for (const member of this.#members) member.start({ kind: "start", giveBack, firstSeenMs });
    this.#started = true;
    this.#reader.sayStarted(this.#members.length);
  }

  get pipelines(): readonly Pipeline[] {
    return this.#reader.pipelines;
  }

  /** Pipelines that wait for their flushers are refused with workers. */
  get waiting(): readonly string[] {
    return [];
  }

  get containersListed(): boolean {
    return this.#world.discovery.current().complete;
  }

  /** Whether the pipelines run, in all workers. */
  get started(): boolean {
    return this.#started && this.#members.every(({ status }) => status !== null);
  }

  get nothingUsable(): boolean {
    return this.#reader.nothingUsable;
  }

  get unsettledBytes(): number {
    return this.#unsettledBytes;
  }

  /** The metrics of all threads, those of workers as of their last status. */
  families(): Iterable<MetricFamily> {
    return mergeFigures([figuresOf(this.#world.metrics.families()), ...this.#figures()]);
  }

  /** Sum of all series of a name. */
  total(name: string): number {
    return this.#world.metrics.total(name) + totalOf(this.#figures(), name);
  }

  /** Workers drain as an agent does, then what there is once is closed. */
  async stop(): Promise<"clean" | "deadline"> {
    const { clock, discovery, store, log } = this.#world;
    this.#unsubscribe();
    const { promise: tooLate, resolve } = Promise.withResolvers<void>();
    const timer = clock.after(this.#options.stopTimeoutMs + STOP_GRACE_MS, resolve);
    await Promise.race([Promise.all(this.#members.map((member) => member.stop())), tooLate]);
    timer.cancel();
    let clean = true;
    for (const { stopped } of this.#members) {
      clean &&= stopped?.isClean === true;
      this.#unsettledBytes += stopped?.unsettledBytes ?? 0;
    }
    for (const member of this.#members) member.terminate();
    this.#events.close();
    const saved = this.tail.checkpointError === "";
    await discovery.stop();
    store.close();
    log.info("Agent stopped", { clean, saved });
    return clean ? "clean" : "deadline";
  }

  #figures() {
    return this.#members.flatMap(({ status }) => status === null ? [] : [status.metrics]);
  }

  #feed(snapshot: ContainerSnapshot): void {
    for (const member of this.#members) member.feed(snapshot);
  }

  #take(message: FromWorker, member: CrewMember, answer: (text: string) => void): void {
    const { log, discovery } = this.#world;
    switch (message.kind) {
      case "said": {
        const { level, message: text, fields, once } = message.line;
        if (once !== undefined) log.warnOnce(once, text, fields);
        else log[level](text, fields);
        break;
      }
      case "save":
        answer(this.#save(message.changed, message.removed));
        break;
      case "keep":
        discovery.keepEnv?.(message.names);
        break;
      case "refresh":
        discovery.refresh();
        break;
      case "write":
      case "sync":
        this.#events.take(message, (written) => member.post(written));
    }
  }

  /** Empty, or why the disk refused: the worker then says it, and tries again. */
  #save(changed: readonly SavedLane[], removed: readonly LaneKey[]): string {
    try {
      this.#world.store.save(changed, removed);
      return "";
    } catch (error) {
      return describeError(error) || "unknown";
    }
  }
}
