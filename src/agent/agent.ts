import { largeBuffers } from "../base/buffers.ts";
import { loadFolder } from "../config/load_folder.ts";
import type { PipelineConfig } from "../config/pipeline_config.ts";
import { readPipelineFile } from "../config/pipeline_file.ts";
import type { Problem } from "../config/problem.ts";
import { describeError } from "../core/errors.ts";
import { KeyTable } from "../core/keys.ts";
import type { Plugin } from "../core/plugin.ts";
import { Tail } from "../tail/tail.ts";
import { ByteBudget } from "./budget.ts";
import { Limits } from "./limits.ts";
import type { AgentOptions, World } from "./options.ts";
import { Pipeline } from "./pipeline.ts";
import { ShardTail } from "./shard_tail.ts";

/** What loading found. */
export interface Loaded {
  readonly problems: readonly Problem[];
  /** Pipelines that can run. */
  readonly pipelines: number;
  /** Pipeline files seen. */
  readonly files: number;
  /** Those that could be read: name of the file -> YAML text. */
  readonly texts: Readonly<Record<string, string>>;
}

/**
 * The composition: one tail, one list of containers, one budget, and the pipelines on them. Owns the order of start
 * and stop.
 */
export class Agent {
  readonly tail: Tail;
  readonly #options: AgentOptions;
  readonly #world: World;
  readonly #plugins: readonly Plugin[];
  readonly #keys = new KeyTable();
  readonly #budget: ByteBudget;
  readonly #limits: Limits;
  readonly #shared: Map<string, unknown> = new Map();
  #pipelines: Pipeline[] = [];
  #started = false;
  #nothingUsable = false;
  #unsettledBytes = 0;

  constructor(options: AgentOptions, world: World, plugins: readonly Plugin[]) {
    this.#options = options;
    this.#world = world;
    this.#plugins = plugins;
    this.#budget = new ByteBudget(options.budgetBytes);
    this.#limits = new Limits(options, world, this.#budget, () => this.tail.wake());
    this.tail = new Tail({
      files: world.files,
      clock: world.clock,
      keys: this.#keys,
      store: world.store,
      log: world.log,
      metrics: world.metrics,
      pace: this.#limits,
      fromStart: options.fromStart,
      heldBytesMax: options.heldBytes,
      deletedBytesMax: options.deletedBytes,
      forgotten: (key) => {
        for (const pipeline of this.#pipelines) if (pipeline.stem === key.pipeline) pipeline.forget(key);
      },
      keptElsewhere: (key) =>
        this.#pipelines.some((one) => one.stem === key.pipeline && one.keepsResume(key)),
    });
    world.metrics.observe(
      "denotail_budget_used_bytes",
      "Bytes held between reading and acknowledgement.",
      () => this.#budget.usedBytes,
    );
    world.metrics.observe(
      "denotail_budget_max_bytes",
      "Bytes that may be held between reading and acknowledgement at the moment.",
      () => this.#budget.bytesMax,
    );
    world.metrics.observe(
      "denotail_large_buffers_total",
      "Buffers of 4 KiB or more that were made on the way of a line.",
      () => largeBuffers.made,
    );
  }

  /** Reads the pipelines and builds their plugins; nothing runs yet. The files without errors will. */
  async load(): Promise<Loaded> {
    const { configs, problems, files, texts } = this.#read();
    const { shard } = this.#options;
    const tail = shard === undefined ? this.tail : new ShardTail(this.tail, shard);
    for (const config of configs) for (const secret of config.secrets) this.#world.hide(secret);
    for (const config of configs) {
      const before = config.problems.length;
      const pipeline = await Pipeline.create(config, {
        options: this.#options,
        world: this.#world,
        keys: this.#keys,
        tail,
        budget: this.#budget,
        shared: <T>(key: string, make: () => T): T => this.#sharedValue(key, make),
        wake: () => this.tail.wake(),
      });
      problems.push(...config.problems.slice(before));
      // One that is not enabled is built, too, but only to hear of its problems.
      if (pipeline !== null && config.enabled) this.#pipelines.push(pipeline);
    }
    const isFailed = problems.some((problem) => problem.level === "error");
    this.#nothingUsable = isFailed && this.#pipelines.length === 0;
    return { problems, pipelines: this.#pipelines.length, files, texts };
  }

  /** Starts discovery, limits, pipelines and the tail; returns at once. */
  start(): void {
    this.#limits.start();
    this.#world.discovery.start();
    for (const pipeline of this.#pipelines) {
      // The moment from which containers and files are young for it, noted before it sees the first one.
      this.#world.store.firstSeenMs(pipeline.stem);
      pipeline.start(
        (lanes) => this.tail.restore(lanes),
        (error) =>
          this.#world.log.error("Pipeline cannot begin, and reads nothing", {
            pipeline: pipeline.stem,
            error: describeError(error),
          }),
      );
    }
    this.tail.start();
    // Runtimes without a feed of changes are asked at once, too.
    this.tail.holdEarly(this.#options.hostRoot, () => this.#world.discovery.refresh());
    this.#started = true;
    this.sayStarted();
  }

  /** One line for the own log, and another one when nothing runs. `workers`: those that do the work. */
  sayStarted(workers?: number): void {
    this.#world.log.info("Agent started", { pipelines: this.#pipelines.length, workers });
    if (this.#pipelines.length === 0) this.#sayIdle();
  }

  /** The pipelines that are loaded without errors. */
  get pipelines(): readonly Pipeline[] {
    return this.#pipelines;
  }

  /** What pipelines wait for that read nothing yet; see `ReadyFacts`. */
  get waiting(): readonly string[] {
    return this.#pipelines.flatMap((pipeline) => pipeline.waiting);
  }

  /** Whether every runtime that has a socket gave its list; see `ContainerSnapshot.complete`. */
  get containersListed(): boolean {
    return this.#world.discovery.current().complete;
  }

  /** Whether the pipelines are loaded and run. */
  get started(): boolean {
    return this.#started;
  }

  /** Whether no pipeline runs because of errors: in every file, or in the folder itself. */
  get nothingUsable(): boolean {
    return this.#nothingUsable;
  }

  /** Bytes that were read and not acknowledged when `stop` was over; the next start reads them again. */
  get unsettledBytes(): number {
    return this.#unsettledBytes;
  }

  /**
   * No new files, no new turns; what was read is sent and acknowledged until the deadline; then saved and closed.
   * Unacknowledged stays unsaved, so a restart sends it again. Returns whether everything was acknowledged in time.
   */
  async stop(): Promise<"clean" | "deadline"> {
    const { clock, discovery, store, log } = this.#world;
    const deadlineMs = clock.monotonicMs() + this.#options.stopTimeoutMs;
    for (const pipeline of this.#pipelines) pipeline.stopInputs();
    this.tail.stopReading();
    this.#limits.stop();
    const flushers = this.#pipelines.flatMap((pipeline) => pipeline.flushers);
    const remainingMs = Math.max(0, deadlineMs - clock.monotonicMs());
    // What one flusher does must not keep the others' acknowledgements from being saved.
    const stops = await Promise.allSettled(flushers.map((flusher) => flusher.stop(remainingMs)));
    for (const stop of stops) {
      if (stop.status === "rejected") {
        log.error("Flusher did not stop", { error: describeError(stop.reason) });
      }
    }
    const clean = clock.monotonicMs() < deadlineMs;
    const saved = this.tail.save();
    this.#unsettledBytes = this.tail.unsettledBytes();
    this.tail.close();
    await discovery.stop();
    store.close();
    log.info("Agent stopped", { clean, saved });
    return clean ? "clean" : "deadline";
  }

  /** A folder that was mounted empty, or files that all have errors: running, and of no use. */
  #sayIdle(): void {
    const { config } = this.#options;
    this.#world.log.warn("No pipeline runs, so nothing is collected", {
      folder: "folder" in config ? config.folder : undefined,
      expected: "at least one *.yaml or *.yml without errors; start again when it is there",
    });
  }

  #read(): {
    configs: readonly PipelineConfig[];
    problems: Problem[];
    files: number;
    texts: Readonly<Record<string, string>>;
  } {
    const { config } = this.#options;
    const { files, env, granted } = this.#world;
    if ("folder" in config) {
      const loaded = loadFolder(config.folder, this.#plugins, { files, env, granted });
      const configs = [...loaded.pipelines, ...loaded.drafts];
      return { configs, problems: [...loaded.problems], files: loaded.files, texts: loaded.texts };
    }
    const configs: PipelineConfig[] = [];
    const problems: Problem[] = [];
    for (const [name, text] of Object.entries(config.files)) {
      const read = readPipelineFile(name, text, this.#plugins, {
        env,
        granted,
        readText: (path) => files.readText(path),
      });
      problems.push(...read.problems);
      const config = read.config ?? read.draft;
      if (config !== null) configs.push(config);
    }
    return { configs, problems, files: Object.keys(config.files).length, texts: config.files };
  }

  #sharedValue<T>(key: string, make: () => T): T {
    if (!this.#shared.has(key)) this.#shared.set(key, make());
    return this.#shared.get(key) as T;
  }
}
