import type { LedgerEntry } from "../../core/ledger.ts";
import type { Partitioner } from "./partitioner.ts";
import type { RecordBuilder } from "./record_builder.ts";
import type { WireBatch } from "./wire_batch.ts";

/** How a partition's sequences start over, when nothing is in flight: not, with a new epoch, with a new id. */
export type Rebase = "no" | "epoch" | "id";

/** State of one partition: what is open, what waits, what is out, and how its retry stands. */
export class Partition {
  readonly topic: Topic;
  readonly id: number;
  /** Node that takes its records; -1: unknown at the moment. */
  leader = -1;
  /** Open batches, one per codec in use. */
  open: WireBatch[] = [];
  /** Sealed batches in order; the first `inFlight` of them are out while it is not muted. */
  queue: WireBatch[] = [];
  inFlight = 0;
  /** Node of what is in flight. */
  sentTo = -1;
  heldBytes = 0;
  /** The latest batch was sealed for its size. */
  lastWasFull = false;

  /** Something failed: nothing goes out until nothing is in flight and `retryAtMs` has come. */
  muted = false;
  retryAtMs = 0;
  failures = 0;
  /** The one warning of this row of failures was given. */
  warned = false;

  rebase: Rebase = "no";
  /**
   * One batch at a time until one is acknowledged, at the start, after a rebase and after a long rest: a broker that does
   * not know the producer takes any first sequence, so a second batch must not overtake a first one that fails.
   */
  cautious = true;
  /** When a batch was acknowledged last, on the monotonic clock. */
  ackedMs = -Infinity;
  producerId = -1n;
  producerEpoch = -1;
  nextSequence = 0;

  constructor(topic: Topic, id: number) {
    this.topic = topic;
    this.id = id;
  }

  /** Everything begins with sequence 0 of another identity, while nothing is in flight. */
  beginAnew(): void {
    this.producerId = -1n;
    this.nextSequence = 0;
    this.cautious = true;
    this.rebase = "no";
    for (const batch of this.queue) {
      batch.stamped = false;
      batch.sequence = -1;
    }
  }

  /** Nothing open and nothing unacknowledged. */
  get idle(): boolean {
    return this.open.length === 0 && this.queue.length === 0;
  }
}

/** Records of a topic whose partitions are not known yet; spread over them when they are. */
export interface Unassigned {
  readonly batch: WireBatch;
  readonly builder: RecordBuilder;
  readonly partitioner: Partitioner;
  /** Per record: what its partition will be computed from. */
  readonly seeds: number[];
  /** Per record: the entry it belongs to. */
  readonly owners: LedgerEntry[];
}

/** State of one topic of a client. */
export class Topic {
  readonly name: string;
  /** Empty until the cluster has described it; then it never shrinks. */
  partitions: Partition[] = [];
  unassigned: Unassigned[] = [];
  /** Kafka error code of the last description or refusal; 0: it takes records. */
  code = 0;
  failures = 0;
  /** Its trouble was named. */
  named = false;
  retryAtMs = 0;
  /** Seal size; halved when the broker finds batches too large. */
  sealBytes: number;
  /** Sinks that write to it by its fixed name. */
  users = 0;
  lastUsedMs = 0;
  /** Nobody used it for long: the client has forgotten it, ask for it again. */
  forgotten = false;

  constructor(name: string, sealBytes: number) {
    this.name = name;
    this.sealBytes = sealBytes;
  }

  /** Known and not parked. */
  get ready(): boolean {
    return this.code === 0 && this.partitions.length > 0;
  }

  /** Bytes of records whose partition is not known yet. */
  get unassignedBytes(): number {
    let bytes = 0;
    for (const { builder } of this.unassigned) bytes += builder.bytes;
    return bytes;
  }

  /** Nothing of it is open or unacknowledged. */
  get idle(): boolean {
    return this.unassigned.length === 0 && this.partitions.every((partition) => partition.idle);
  }
}

/** State of one broker. */
export class Node {
  readonly id: number;
  inFlight = 0;
  failures = 0;
  /** Nothing goes there before this monotonic time. */
  blockedUntilMs = 0;

  constructor(id: number) {
    this.id = id;
  }
}
