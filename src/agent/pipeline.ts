import type { PipelineConfig } from "../config/pipeline_config.ts";
import type { LaneKey, SavedLane } from "../core/checkpoint.ts";
import { describeError } from "../core/errors.ts";
import type { KeyTable } from "../core/keys.ts";
import type { SourceInfo } from "../core/lane.ts";
import type {
  Flusher,
  FlusherContext,
  Input,
  InputContext,
  InputNeed,
  PluginContext,
  Processor,
} from "../core/plugin.ts";
import type { TailPort } from "../core/tailing.ts";
import { PipelineCounters, ProcessedOutput } from "./lane_output.ts";
import type { AgentOptions, World } from "./options.ts";

/** What all pipelines share. */
export interface PipelineServices {
  readonly options: AgentOptions;
  readonly world: World;
  readonly keys: KeyTable;
  readonly tail: TailPort;
  readonly budget: FlusherContext["budget"];
  readonly shared: FlusherContext["shared"];
  readonly wake: () => void;
}

/** One running pipeline file: inputs -> processors -> flushers. */
export class Pipeline {
  readonly stem: string;
  readonly inputs: readonly Input[];
  readonly flushers: readonly Flusher[];
  /** Ids of the flushers, in order. */
  readonly flusherIds: readonly string[];
  #isStopped = false;
  /** Flushers that do not know yet where to begin. */
  readonly #preparing: Set<Flusher> = new Set();
  /** What its inputs read. */
  readonly needs: ReadonlySet<InputNeed>;

  private constructor(
    stem: string,
    inputs: readonly Input[],
    flushers: readonly Flusher[],
    flusherIds: readonly string[],
    needs: ReadonlySet<InputNeed>,
  ) {
    this.stem = stem;
    this.inputs = inputs;
    this.flushers = flushers;
    this.flusherIds = flusherIds;
    this.needs = needs;
  }

  /**
   * Builds the plugins of a file. `null` when the file has an error: then this only brings out what its plugins
   * find, so that all problems are said at once.
   */
  static async create(config: PipelineConfig, services: PipelineServices): Promise<Pipeline | null> {
    const { world, keys } = services;
    const context = (id: string): PluginContext => ({
      pipeline: config.stem,
      id,
      keys,
      log: world.log,
      metrics: world.metrics,
      clock: world.clock,
      env: world.env,
    });
    const flushers: Flusher[] = [];
    for (const part of config.flushers) {
      const made = await create(part, { ...context(part.id), ...flusherServices(services) });
      if (made !== null) flushers.push(made);
    }
    const processors: Processor[] = [];
    for (const part of config.processors) {
      const made = await create(part, context(part.id));
      if (made !== null) processors.push(made);
    }
    const counters = new PipelineCounters(config.stem, world.metrics, world.log);
    const inputs: Input[] = [];
    for (const part of config.inputs) {
      const inputContext: InputContext = {
        ...context(part.id),
        globals: config.globals,
        node: services.options.node,
        discovery: world.discovery,
        tail: services.tail,
        files: world.files,
        hostRoot: services.options.hostRoot,
        flushers: config.flushers.map((flusher) => flusher.id),
        outputs: (source: SourceInfo) =>
          flushers.map((flusher) => new ProcessedOutput(processors, flusher.open(source), counters)),
      };
      const made = await create(part, inputContext);
      if (made !== null) inputs.push(made);
    }
    if (config.problems.some((problem) => problem.level === "error")) return null;
    const needs = config.inputs.flatMap(({ plugin, options }) => plugin.needs?.(options) ?? []);
    const ids = config.flushers.map((flusher) => flusher.id);
    return new Pipeline(config.stem, inputs, flushers, ids, new Set(needs));
  }

  /** Begins to follow; flushers that know where to begin are asked first, and `restore` is told what they say. */
  start(restore: (lanes: readonly SavedLane[]) => void, failed: (error: unknown) => void): void {
    const knowing = this.flushers.filter((flusher) => flusher.prepare !== undefined);
    if (knowing.length === 0) return this.#startInputs();
    for (const flusher of knowing) this.#preparing.add(flusher);
    const prepared = knowing.map(async (flusher) => {
      const lanes = await flusher.prepare!();
      this.#preparing.delete(flusher);
      return lanes;
    });
    Promise.all(prepared).then((lanes) => {
      if (this.#isStopped) return;
      restore(lanes.flat());
      this.#startInputs();
    }).catch(failed);
  }

  /** What it waits for before it reads its first line, one sentence each. */
  get waiting(): readonly string[] {
    return [...this.#preparing].map(({ preparesFrom }) =>
      `the pipeline '${this.stem}' reads nothing yet, it is waiting for ${preparesFrom ?? "its flusher"}`
    );
  }

  #startInputs(): void {
    for (const input of this.inputs) input.start();
  }

  /** No new files, no new turns. */
  stopInputs(): void {
    this.#isStopped = true;
    for (const input of this.inputs) input.stop();
  }

  /** Whether the flusher of a lane keeps its resume points itself. */
  keepsResume(key: LaneKey): boolean {
    return this.flushers[this.flusherIds.indexOf(key.flusher)]?.prepare !== undefined;
  }

  /** A lane's resume point is of no use any more. */
  forget(key: LaneKey): void {
    this.flushers[this.flusherIds.indexOf(key.flusher)]?.forget?.(key);
  }
}

function flusherServices(services: PipelineServices): Omit<FlusherContext, keyof PluginContext> {
  return {
    random: services.world.random,
    node: services.options.node.name,
    wake: services.wake,
    shared: services.shared,
    host: services.world.flusherHost,
    budget: services.budget,
    keeping: {
      outlives: services.options.forgetful !== true,
      workers: services.options.workers ?? 1,
      note: (name) => services.world.store.note(name),
      setNote: (name, text) => services.world.store.setNote(name, text),
    },
  };
}

/** Calls a plugin's constructor; what it throws is a problem of the file, not of the agent. */
async function create<C, M>(
  part: {
    readonly plugin: { create(options: unknown, context: C, report: never): Promise<M> };
    readonly options: unknown;
    readonly report: { error(path: readonly string[], code: string, message: string): void };
  },
  context: C,
): Promise<M | null> {
  try {
    return await part.plugin.create(part.options, context, part.report as never);
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("BUG")) throw error;
    part.report.error([], "CONFIG_PLUGIN", describeError(error));
    return null;
  }
}
