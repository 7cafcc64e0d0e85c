import type { Granted } from "../core/grants.ts";
import type { Clock, Files, Random } from "../core/host.ts";
import type { CheckpointStore } from "../core/checkpoint.ts";
import type { Discovery } from "../core/container.ts";
import type { NodeIdentity } from "../core/plugin.ts";
import type { Shard } from "../core/shard.ts";
import type { Log, Metrics } from "../core/telemetry.ts";

/** Settings of one run, from flags and environment. */
export interface AgentOptions {
  /** Folder of pipeline files, or the pipelines themselves (`start`): name of the file -> YAML text. */
  readonly config: { readonly folder: string } | { readonly files: Readonly<Record<string, string>> };
  /** `/logtail_host` where that exists, else `/`. */
  readonly hostRoot: string;
  /** Reads every file from its beginning, tail limits notwithstanding. */
  readonly fromStart: boolean;
  /** Time for draining at stop. */
  readonly stopTimeoutMs: number;
  /** Cores; `null`: no limit. */
  readonly cpuLimitCores: number | null;
  /** MiB; `null`: no limit. */
  readonly memoryLimitMb: number | null;
  /** Bytes between reading and acknowledgement. */
  readonly budgetBytes: number;
  /** Bytes of unfinished records cached. */
  readonly heldBytes: number;
  /** Bytes of deleted files held by open descriptors. */
  readonly deletedBytes: number;
  readonly node: NodeIdentity;
  /** Threads that do the work; absent: one. */
  readonly workers?: number;
  /** Whether the checkpoint is only kept in memory. */
  readonly forgetful?: boolean;
  /** The part of the targets that is followed; absent: all. */
  readonly shard?: Shard;
}

/** Figures of this process. */
export interface ProcessFigures {
  rssBytes(): number;
  /** User and system seconds of all threads. */
  cpuSeconds(): number;
  /** Gives memory back that nobody refers to; nothing else runs meanwhile, 55 to 330 ms on a busy machine. */
  collectGarbage(): void;
}

/** The machine, as main hands it in. */
export interface World {
  readonly clock: Clock;
  readonly files: Files;
  readonly random: Random;
  readonly env: (name: string) => string | undefined;
  /** What the program may do at all; absent: everything. */
  readonly granted?: Granted;
  readonly log: Log;
  /** Keeps a secret of a pipeline out of the own log. */
  readonly hide: (secret: string) => void;
  readonly metrics: Metrics;
  readonly process: ProcessFigures;
  readonly store: CheckpointStore;
  readonly discovery: Discovery;
  /** What flushers need: Kafka connections, codecs, writers. */
  readonly flusherHost: Readonly<Record<string, unknown>>;
}
