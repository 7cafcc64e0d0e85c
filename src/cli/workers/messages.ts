import type { Birth, LaneKey, SavedLane } from "../../core/checkpoint.ts";
import type { Container, RuntimeStatus } from "../../core/container.ts";
import type { GivenBack } from "../../core/grants.ts";
import type { Shard } from "../../core/shard.ts";
import type { LogFields } from "../../core/telemetry.ts";
import type { LogLevel } from "../../telemetry/log.ts";
import type { MetricFigures } from "../../telemetry/merged_metrics.ts";
import type { CliOptions } from "../options.ts";

/** How often a worker tells its status. */
export const STATUS_EVERY_MS = 1_000;

/** What a worker needs to load its pipelines. */
export interface WorkerOrder {
  readonly shard: Shard;
  readonly options: CliOptions;
  /** The pipelines as the main thread read them: name of the file -> YAML text. All workers run the same ones. */
  readonly texts: Readonly<Record<string, string>>;
  /** Name and address of the node. */
  readonly name: string;
  readonly ip: string;
  /** Saved lanes of its part. */
  readonly lanes: readonly SavedLane[];
  readonly birth: Birth;
}

/** What became different in the list of containers, as far as it is about one part of them. */
export interface ContainerChange {
  /** New or different ones. */
  readonly changed: readonly Container[];
  readonly gone: readonly string[];
  readonly complete: boolean;
  readonly runtimes: readonly RuntimeStatus[];
}

/** From the main thread to a worker. */
export type ToWorker =
  | { readonly kind: "load"; readonly order: WorkerOrder }
  | {
    readonly kind: "start";
    readonly giveBack: readonly GivenBack[];
    /** See `CheckpointStore.firstSeenMs`. */
    readonly firstSeenMs: ReadonlyMap<string, number>;
  }
  | { readonly kind: "containers"; readonly change: ContainerChange }
  /** The answer to `write` or `sync`: bytes that were written, or why none was. */
  | { readonly kind: "written"; readonly id: number; readonly bytes: number }
  | {
    readonly kind: "unwritten";
    readonly id: number;
    readonly code: string;
    readonly message: string;
    readonly isFinal: boolean;
  }
  | { readonly kind: "stop" };

/** How a worker is. */
export interface WorkerStatus {
  readonly metrics: readonly MetricFigures[];
  /** See `ReadyFacts`. */
  readonly checkpointError: string;
  /** See `LiveFacts`. */
  readonly loopStalledMs: number;
  readonly waitingFiles: readonly { readonly path: string; readonly idleMs: number }[];
  /** Only for people at a terminal. */
  readonly report: WorkerReport | null;
}

/** See `ReportFacts`. */
export interface WorkerReport {
  readonly refused: ReadonlyMap<string, { readonly count: number; readonly paths: readonly string[] }>;
  readonly openFiles: ReadonlyMap<string, number>;
  readonly unsettledBytes: number;
  readonly backlogBytes: number;
}

/** From a worker to the main thread. */
export type FromWorker =
  /** Its modules are loaded: it listens from now on. */
  | { readonly kind: "ready" }
  /** Its pipelines are loaded; nothing asks for the environment any more. */
  | { readonly kind: "loaded" }
  | { readonly kind: "status"; readonly status: WorkerStatus }
  | { readonly kind: "said"; readonly line: SaidLine }
  /** Asked, see `CheckpointStore.save`: the answer is empty, or why the disk refused. */
  | { readonly kind: "save"; readonly changed: readonly SavedLane[]; readonly removed: readonly LaneKey[] }
  /** See `Discovery.keepEnv`. */
  | { readonly kind: "keep"; readonly names: readonly string[] }
  /** See `Discovery.refresh`. */
  | { readonly kind: "refresh" }
  /** Appends whole events to a file, or to standard output (`null`). */
  | {
    readonly kind: "write";
    readonly id: number;
    readonly path: string | null;
    readonly bytes: Uint8Array;
  }
  | { readonly kind: "sync"; readonly id: number; readonly path: string | null }
  | { readonly kind: "stopped"; readonly isClean: boolean; readonly unsettledBytes: number }
  | { readonly kind: "failed"; readonly reason: string };

/** A line of the own log. */
export interface SaidLine {
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
  /** Key of `warnOnce`. */
  readonly once?: string;
}
