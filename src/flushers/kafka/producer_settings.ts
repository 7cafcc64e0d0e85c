import type { Clock, Random } from "../../core/host.ts";
import type { BudgetHolder } from "../../core/plugin.ts";
import type { Log, Metrics } from "../../core/telemetry.ts";

/** How one client sends; see the options of flusher_kafka_v2. */
export interface ProducerSettings {
  /** -1 (idempotent), 1 or 0. */
  readonly acks: number;
  /** How long a broker may wait for its replicas. */
  readonly brokerTimeoutMs: number;
  readonly inFlightMax: number;
  /** Bytes of records (before compression) at which a batch is sealed. */
  readonly sealBytes: number;
  readonly recordsMax: number;
  /** How long a batch stays open. 0: it goes as soon as the lanes have read everything. */
  readonly lingerMs: number;
  readonly retryFirstMs: number;
  readonly retryMaxMs: number;
  /** Failures in a row before the one warning. */
  readonly warnAfterRetries: number;
  readonly metadataRetryMs: number;
  readonly metadataRefreshMs: number;
}

export const DEFAULT_SETTINGS: ProducerSettings = {
  acks: -1,
  brokerTimeoutMs: 10_000,
  inFlightMax: 5,
  sealBytes: 384 * 1024,
  recordsMax: 2048,
  lingerMs: 0,
  retryFirstMs: 100,
  retryMaxMs: 60_000,
  warnAfterRetries: 3,
  metadataRetryMs: 250,
  metadataRefreshMs: 600_000,
};

/** What the producer needs of the agent. */
export interface ProducerServices {
  /** Names the client in messages and metrics. */
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly budget: BudgetHolder;
}

/** Open batches per client; a further one seals the oldest. */
export const OPEN_BATCHES_MAX = 200;

/** Sealed batches that wait in one partition before its lanes stop reading: short queues, short latency. */
export const WAITING_BATCHES_MAX = 8;

/**
 * The same for lines that are read anyway. A lane that stopped in the middle of a chunk would read the rest again, and
 * lanes on one file that stopped one by one, as their partitions are never equally full, would read it one by one.
 */
export const JOINING_BATCHES_MAX = 16;

/** What a partition that gets nothing through may hold, beside the budget's own floor. */
export const STUCK_BYTES_MAX = 64 * 1024;

/** With `lingerMs` 0: how long an open batch waits when no lane has read to the end. */
export const BACKLOG_LINGER_MS = 200;

/** With `lingerMs` 0: how long a batch of caught-up lanes waits for what is in flight before it. */
export const CAUGHT_UP_LINGER_MS = 20;

/** Without an acknowledgement for this long while something waits, the client counts as stalled. */
export const STALLED_AFTER_MS = 10_000;
