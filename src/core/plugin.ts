import type { LaneKey, SavedLane } from "./checkpoint.ts";
import type { Discovery } from "./container.ts";
import type { Clock, Files, Random } from "./host.ts";
import type { Batch } from "./batch.ts";
import type { KeyTable } from "./keys.ts";
import type { LaneOutput, Sink, SourceInfo } from "./lane.ts";
import type { Static, TObject } from "./schema.ts";
import type { TagSet } from "./tags.ts";
import type { TailPort } from "./tailing.ts";
import type { Log, Metrics } from "./telemetry.ts";

/** What a plugin says about options that have the right shape and still cannot work. */
export interface Report {
  /** An error: this pipeline does not load. `path` leads to the option, `["Keys", 0]`. */
  error(path: readonly (string | number)[], code: string, message: string, expected?: string): void;
  /** A warning: the pipeline loads. */
  warn(path: readonly (string | number)[], code: string, message: string): void;
}

/** Services every plugin gets. */
export interface PluginContext {
  /** Stem of the pipeline's file. */
  readonly pipeline: string;
  /** Type with id, else ordinal, for instance `flusher_kafka_v2#0`. */
  readonly id: string;
  readonly keys: KeyTable;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Named environment variables; `undefined` when unset. */
  readonly env: (name: string) => string | undefined;
}

/** Pipeline-wide settings of the `global` section that reach inputs. */
export interface PipelineGlobals {
  readonly timeSource: "clock" | "record";
  /** Constant tags of the pipeline (`global.Tags`), in order. */
  readonly tags: readonly { readonly name: string; readonly value: string }[];
  /** `TopicType` and `TopicFormat` of the section, as `TopicFormat` of a file input says it; `none`: no topic. */
  readonly topicFormat: string;
}

/** What the agent says of itself and its node in tags. */
export interface NodeIdentity {
  readonly name: string;
  /** "" if unknown. */
  readonly ip: string;
  /** Value of `__user_defined_id__` (`ALIYUN_LOGTAIL_USER_DEFINED_ID`, else `default`). */
  readonly userDefinedId: string;
  /** Environment variables of the agent that become tags, in order (`ALIYUN_LOG_ENV_TAGS`). */
  readonly envTags: readonly string[];
  /** Whether name and address of the node become tags. */
  readonly hostTags: boolean;
}

/** What an input reads, as far as it depends on mounts and sockets: output or files of containers, files of the host. */
export type InputNeed = "container_output" | "container_files" | "host_files";

/** What a flusher found when it tried its destination. */
export interface Probed {
  /** `broker 'kafka.example:9092'`, `topic 'access-log'`. */
  readonly name: string;
  readonly state: "ok" | "warning" | "wrong";
  /** Half a sentence: `answers`. */
  readonly found: string;
  /** What to do; empty when it is well. */
  readonly remedy: string;
}

export interface InputContext extends PluginContext {
  readonly globals: PipelineGlobals;
  readonly node: NodeIdentity;
  readonly discovery: Discovery;
  readonly tail: TailPort;
  readonly files: Files;
  /** Host root, `/logtail_host` or `/`. */
  readonly hostRoot: string;
  /** Flusher ids of the pipeline, in order. */
  readonly flushers: readonly string[];
  /** Composes processors and flushers behind one source; one output per flusher. */
  readonly outputs: (source: SourceInfo) => readonly LaneOutput[];
}

export interface FlusherContext extends PluginContext {
  readonly random: Random;
  /** Name of the node, part of the default partitioner. */
  readonly node: string;
  /** Call when a sink that had no room has room again. */
  readonly wake: () => void;
  /**
   * One value for the whole agent: made on first use, shared by all pipelines that name the same key. How flushers
   * share one Kafka client per cluster.
   */
  readonly shared: <T>(key: string, make: () => T) => T;
  /** What the host offers to flushers (Kafka port, codecs, output streams); each flusher knows its type. */
  readonly host: Readonly<Record<string, unknown>>;
  /** Counted bytes and the cap of each holder, agent-wide. */
  readonly budget: Budget;
  /** What the agent keeps over restarts. */
  readonly keeping: Keeping;
}

/** What flushers that keep resume points themselves need to know of the checkpoint. */
export interface Keeping {
  /** False with `--checkpoint=memory`. */
  readonly outlives: boolean;
  /** Threads that do the work. */
  readonly workers: number;
  /** A text kept in the checkpoint folder under a name, `null` when there is none. Only while the agent runs. */
  note(name: string): string | null;
  /** Keeps a text under a name. Throws a `RetriableError` when the disk refuses. */
  setNote(name: string, text: string): void;
}

/** The agent-wide limit on bytes between reading and acknowledgement (contract "Budget"). */
export interface Budget {
  /** Registers a holder (a Kafka client); its cap follows from how many hold bytes. */
  holder(name: string): BudgetHolder;
}

/** One client's part of the budget. */
export interface BudgetHolder {
  /** Bytes held now: open accumulators, sealed and in-flight bytes (x3 while copies exist in the client). */
  used: number;
  /** True while something is unacknowledged for 10 s: the cap is the floor then. */
  stalled: boolean;
  /** Bytes this holder may hold at most now. */
  cap(): number;
  close(): void;
}

/** Finds records; runs until stopped. */
export interface Input {
  /** Begins to follow; returns at once. */
  start(): void;
  /** Stops following: no new files, no new turns. */
  stop(): void;
}

/** Edits the records `batch.from … batch.to` in place, synchronously; keeps nothing and waits for nothing. */
export interface Processor {
  process(batch: Batch): void;
}

/** Delivers. */
export interface Flusher {
  /** One sink per lane. */
  open(source: SourceInfo): Sink;
  /** Seals what is open and resolves when all is acknowledged, or at the latest after `deadlineMs`. */
  stop(deadlineMs: number): Promise<void>;
  /**
   * For a flusher that keeps resume points itself: those of its lanes. Resolves when it may deliver, however long that
   * takes; before that nothing of the pipeline is read.
   */
  prepare?(): Promise<readonly SavedLane[]>;
  /** What {@linkcode prepare} waits for, as words for a person behind "is waiting for". */
  readonly preparesFrom?: string;
  /** A lane's resume point is of no use any more. */
  forget?(key: LaneKey): void;
  /** Tries the destination without changing anything there, for `denotail doctor`; ends soon after `limitMs`. */
  probe?(limitMs: number): Promise<readonly Probed[]>;
}

/** A case printed on the reference page and run by the tests. */
export interface Example {
  readonly title: string;
  /** The plugin's own YAML, without the list dash. */
  readonly config: string;
  /** Records in, as ordered fields, for processors. */
  readonly given?: readonly (readonly (readonly [string, string])[])[];
  /** Records that must come out. */
  readonly gives?: readonly (readonly (readonly [string, string])[])[];
}

interface Made {
  input: Input;
  processor: Processor;
  flusher: Flusher;
}

interface Contexts {
  input: InputContext;
  processor: PluginContext;
  flusher: FlusherContext;
}

export type PluginKind = keyof Made;

/** Everything known about one plugin: code, schema and page. */
export interface Plugin<K extends PluginKind = PluginKind, S extends TObject = TObject> {
  readonly kind: K;
  /** Name in `Type:`. */
  readonly type: string;
  /** The plugin this one is another name of, with its own option names. */
  readonly aliasOf?: string;
  readonly summary: string;
  /** Further sentences of the page. */
  readonly description?: string;
  readonly schema: S;
  readonly examples: readonly Example[];
  /** For inputs: what it reads with these options. */
  // deno-lint-ignore no-explicit-any -- as `create`
  needs?(options: any): readonly InputNeed[];
  /**
   * Builds it; opens nothing and touches no network, so that `validate` runs the same code. Mistakes go to `report`;
   * with an error there the result is not used.
   */
  // deno-lint-ignore no-explicit-any -- a list of plugins holds many option types
  create(options: any, context: Contexts[K], report: Report): Promise<Made[K]>;
}

/** Fixes the types of a plugin; adds nothing. */
export function definePlugin<K extends PluginKind, S extends TObject>(
  plugin: Omit<Plugin<K, S>, "create" | "needs"> & {
    needs?(options: Static<S>): readonly InputNeed[];
    create(options: Static<S>, context: Contexts[K], report: Report): Promise<Made[K]>;
  },
): Plugin<K, S> {
  return plugin;
}

export type { TagSet };
