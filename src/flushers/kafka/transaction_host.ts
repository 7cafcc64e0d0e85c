import type { Partition, Topic } from "./partition.ts";
import type { TransactionCalls } from "./transaction_calls.ts";
import type { WireBatch } from "./wire_batch.ts";

/** How a client sends exactly once. */
export interface TransactionSetup {
  readonly calls: TransactionCalls;
  /** Topic of the resume points, and which of so many partitions holds this client's. */
  readonly topic: string;
  /** A broker of the cluster, for commands that a person is told. */
  readonly bootstrap: string;
  readonly place: (partitions: number) => number;
}

/** What the producer does for its transactions. */
export interface TransactionHost {
  topic(name: string): Topic;
  /** All topics that are known. */
  topics(): Iterable<Topic>;
  /** The cluster may have changed: ask it. */
  refresh(): void;
  /** Closes all open batches. */
  sealAll(): void;
  /** Queues a sealed batch with these records. */
  queueRecords(
    partition: Partition,
    generation: number,
    records: readonly [Uint8Array, Uint8Array | null][],
  ): void;
  /** Puts a sealed batch to the front of its partition's queue. */
  requeue(partition: Partition, batch: WireBatch): void;
  /** A committed batch settles what it carries. */
  finish(partition: Partition, batch: WireBatch): void;
  /** Something is to be done soon. */
  soon(): void;
  step(): void;
}
