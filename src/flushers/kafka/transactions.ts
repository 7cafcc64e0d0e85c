import type { LaneKey, SavedLane } from "../../core/checkpoint.ts";
import { describeError } from "../../core/errors.ts";
import { kafkaErrorName } from "../../core/kafka_port.ts";
import { type LedgerEntry, resumesWithout } from "../../core/ledger.ts";
import { backoffMs } from "./backoff.ts";
import type { Partition, Topic } from "./partition.ts";
import type { ProducerServices, ProducerSettings } from "./producer_settings.ts";
import { keyText, laneRecord, laneRecordKey, type Marker, markerRecord } from "./resume_records.ts";
import {
  coordinatorVerdict,
  Refused,
  TRANSACTION_TIMEOUT_MS,
  type TransactionCalls,
} from "./transaction_calls.ts";
import { remedyOf } from "./verdict.ts";
import type { WireBatch } from "./wire_batch.ts";

/** A transaction is committed so long after its first batch. */
export const TRANSACTION_MS = 250;
/** It is committed earlier when it holds this part of what the client may hold. */
const HELD_PART = 1 / 4;
/** Pause before a coordinator is asked again that is still busy with the transaction before. */
const BUSY_RETRY_MS = 20;
const RETRY_MAX_MS = 10_000;
/** A transaction that was open for this much less than its limit was not ended by the coordinator. */
const TIMEOUT_SLACK_MS = 5_000;

const CONCURRENT_TRANSACTIONS = 51;

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

/**
 * One transaction after the other, for everything that a client sends:
 *
 *   preparing -> open -> closing -> ending -> open …      and from anywhere: -> preparing, or -> fenced
 *
 * `preparing` fences whoever wrote under the id before, and reads what is committed. `open`: batches go out; after 250 ms
 * all that lanes have given by then is closed, so that a transaction has whole ledger entries, and all of them up to one
 * moment. `closing`: the last of them go out, then the resume points that they settle. `ending`: the commit is under way.
 * What lanes give meanwhile belongs to the next one (`generation`). Batches are kept until they are committed; when a
 * transaction comes to nothing, they go again in the next one, in the same order, under a new epoch.
 */
export class Transactions {
  /** The identity of batches; -1: none at the moment. */
  id = -1n;
  epoch = -1;
  /** Transaction to which batches belong that are made now. */
  generation = 1;
  /** Resolves with what was committed by former runs. */
  readonly prepared: Promise<readonly SavedLane[]>;
  readonly #calls: TransactionCalls;
  readonly #topicName: string;
  readonly #place: (partitions: number) => number;
  readonly #settings: ProducerSettings;
  readonly #services: ProducerServices;
  readonly #host: TransactionHost;
  readonly #resolve: (lanes: readonly SavedLane[]) => void;
  readonly #instance: string;
  readonly #commits;
  readonly #aborts;
  #phase: "preparing" | "open" | "closing" | "ending" | "fenced" = "preparing";
  /** The one that is open. */
  #current = 1;
  #begunMs = -1;
  #begunWallMs = 0;
  readonly #added: Set<Partition> = new Set();
  readonly #wanted: Set<Partition> = new Set();
  /** Batches that brokers have, in order. */
  #kept: { readonly partition: Partition; readonly batch: WireBatch }[] = [];
  #keptBytes = 0;
  /** Rows to delete with the next transaction. */
  readonly #gone: Map<string, LaneKey> = new Map();
  #isSaved = false;
  #isEndSent = false;
  #isPrepared = false;
  /** The latest one that is known to be committed. */
  #last: Marker | null = null;
  #asking = false;
  #failures = 0;
  #retryAtMs = 0;

  /** `place` says which of so many partitions of the topic holds the id's records. */
  constructor(
    calls: TransactionCalls,
    topic: string,
    place: (partitions: number) => number,
    settings: ProducerSettings,
    services: ProducerServices,
    host: TransactionHost,
  ) {
    this.#calls = calls;
    this.#topicName = topic;
    this.#place = place;
    this.#settings = settings;
    this.#services = services;
    this.#host = host;
    const { promise, resolve } = Promise.withResolvers<readonly SavedLane[]>();
    this.prepared = promise;
    this.#resolve = resolve;
    this.#instance = Math.floor(services.random() * 2 ** 48).toString(16).padStart(12, "0");
    const labels = { client: services.name };
    this.#commits = services.metrics.counter(
      "denotail_kafka_transactions_total",
      "Transactions committed to Kafka.",
      labels,
    );
    this.#aborts = services.metrics.counter(
      "denotail_kafka_transactions_aborted_total",
      "Transactions that came to nothing and were sent again.",
      labels,
    );
  }

  get transactionalId(): string {
    return this.#calls.id;
  }

  /** Another agent writes under this id: nothing goes out any more. */
  get fenced(): boolean {
    return this.#phase === "fenced";
  }

  /** Nothing is open or in doubt. */
  get idle(): boolean {
    return this.#begunMs < 0 && this.#kept.length === 0;
  }

  // ---- what the sender asks and tells -----------------------------------------------------------------------------

  /** Whether a batch may go out now; if not, it will be asked again when it may. */
  admits(partition: Partition, batch: WireBatch): boolean {
    if ((this.#phase !== "open" && this.#phase !== "closing") || batch.generation > this.#current) {
      return false;
    }
    if (this.#added.has(partition)) return true;
    if (this.#begunMs < 0) {
      this.#begunMs = this.#services.clock.monotonicMs();
      this.#begunWallMs = this.#services.clock.wallMs();
      this.#wanted.add(this.#resumePartition(this.#host.topic(this.#topicName)));
    }
    if (this.#wanted.has(partition)) return false;
    this.#wanted.add(partition);
    this.#host.soon();
    return false;
  }

  /** A broker has the batch; it is kept until the commit. */
  written(partition: Partition, batch: WireBatch): void {
    partition.topic.users++;
    this.#kept.push({ partition, batch });
    this.#keptBytes += batch.wireBytes;
  }

  /** A broker refused a batch in a way that only a new epoch mends. */
  refused(code: number): void {
    this.#fail(code);
  }

  /** A batch was dropped on purpose, or sequences were forgotten: those behind it need a new epoch. */
  restart(reason: string): void {
    if (this.#phase !== "fenced") this.#prepareAgain(reason);
  }

  /** A lane's row is of no use any more. */
  forget(key: LaneKey): void {
    this.#gone.set(keyText(key), key);
  }

  // ---- the clockwork ----------------------------------------------------------------------------------------------

  /** Does what is due; returns when to call again, `Infinity` if an answer will call back. */
  step(nowMs: number, isHurried: boolean): number {
    if (this.#asking || this.#phase === "fenced") return Infinity;
    if (nowMs < this.#retryAtMs) return this.#retryAtMs;
    if (this.#phase === "preparing") return this.#prepareIfQuiet();
    if (this.#wanted.size > 0) return this.#run(() => this.#add());
    if (this.#phase === "open") {
      if (this.#begunMs < 0) return Infinity;
      const isFull = this.#keptBytes >= this.#services.budget.cap() * HELD_PART;
      const dueMs = this.#begunMs + TRANSACTION_MS;
      if (nowMs < dueMs && !isFull && !isHurried) return dueMs;
      // Records whose topic is not known yet belong to entries of this transaction.
      for (const { unassigned } of this.#host.topics()) if (unassigned.length > 0) return Infinity;
      this.#host.sealAll();
      this.generation = this.#current + 1;
      this.#phase = "closing";
    }
    if (this.#phase === "closing") {
      if (this.#hasUnwritten()) return Infinity;
      if (!this.#isSaved) {
        this.#save();
        this.#host.soon();
        return Infinity;
      }
      this.#phase = "ending";
    }
    return this.#run(() => this.#end());
  }

  *#partitions(): Iterable<Partition> {
    for (const { partitions } of this.#host.topics()) yield* partitions;
  }

  #hasUnwritten(): boolean {
    const current = this.#current;
    for (const { queue, open } of this.#partitions()) {
      if (queue.length > 0 && queue[0].generation <= current) return true;
      for (const batch of open) if (batch.generation <= current) return true;
    }
    return false;
  }

  /** The resume points that the commit settles, those and no others, and the mark of the transaction. */
  #save(): void {
    this.#isSaved = true;
    const { transactionalId: id } = this;
    const released = new Map<LedgerEntry, number>();
    for (const { batch } of this.#kept) {
      for (const entry of batch.entries) released.set(entry, (released.get(entry) ?? 0) + 1);
    }
    const savedMs = this.#services.clock.wallMs();
    const rows = new Map<string, [Uint8Array, Uint8Array | null]>();
    for (const [name, key] of this.#gone) rows.set(name, [laneRecordKey(id, key), null]);
    this.#gone.clear();
    for (const [ledger, resume] of resumesWithout(released)) {
      const lane = ledger.owner?.savedAt(resume, savedMs) ?? null;
      // Of two lanes with one key the later counts: it began to write later.
      if (lane !== null) rows.set(keyText(lane.key), laneRecord(id, lane));
    }
    const marker = markerRecord(id, { instance: this.#instance, number: this.#current });
    const partition = this.#resumePartition(this.#host.topic(this.#topicName));
    this.#host.queueRecords(partition, this.#current, [...rows.values(), marker]);
  }

  #resumePartition(topic: Topic): Partition {
    return topic.partitions[this.#place(topic.partitions.length)];
  }

  // ---- requests ---------------------------------------------------------------------------------------------------

  #run(ask: () => Promise<void>): number {
    this.#asking = true;
    ask().then(() => {
      this.#failures = 0;
      this.#retryAtMs = 0;
    }, (error) => {
      if (error instanceof Error && error.message.startsWith("BUG")) throw error;
      if (
        error instanceof Refused && this.#phase !== "preparing" && coordinatorVerdict(error.code) !== "again"
      ) {
        this.#fail(error.code);
      } else this.#retryLater(error);
    }).finally(() => {
      this.#asking = false;
      this.#host.step();
    });
    return Infinity;
  }

  #retryLater(error: unknown): void {
    const { clock, log, name, random } = this.#services;
    const code = error instanceof Refused ? error.code : 0;
    if (code === CONCURRENT_TRANSACTIONS) {
      this.#retryAtMs = clock.monotonicMs() + BUSY_RETRY_MS;
      return;
    }
    this.#failures++;
    this.#host.refresh();
    const pause = backoffMs(this.#failures, this.#settings.retryFirstMs, RETRY_MAX_MS, random);
    this.#retryAtMs = clock.monotonicMs() + pause;
    if (this.#failures !== 3) return;
    log.warn("Kafka transaction cannot go on, tried again", {
      client: name,
      transactionalId: this.transactionalId,
      error: describeError(error),
      remedy: remedyOf(code, this.#topicName),
    });
  }

  async #add(): Promise<void> {
    const wanted = [...this.#wanted];
    const names = wanted.map((partition) => ({ topic: partition.topic.name, partition: partition.id }));
    await this.#calls.addPartitions(this.#writer, names);
    for (const partition of wanted) {
      this.#wanted.delete(partition);
      this.#added.add(partition);
    }
  }

  get #writer() {
    return { transactionalId: this.transactionalId, id: this.id, epoch: this.epoch };
  }

  async #end(): Promise<void> {
    this.#isEndSent = true;
    await this.#calls.commit(this.#writer);
    if (this.#phase === "ending") this.#committed();
  }

  #committed(): void {
    this.#last = { instance: this.#instance, number: this.#current };
    this.#commits.value++;
    const kept = this.#kept;
    this.#clear();
    this.#kept = [];
    this.#keptBytes = 0;
    this.#isSaved = false;
    this.#current = this.generation;
    this.#phase = "open";
    for (const { partition, batch } of kept) {
      partition.topic.users--;
      this.#host.finish(partition, batch);
    }
  }

  /** No transaction is open. */
  #clear(): void {
    this.#begunMs = -1;
    this.#isEndSent = false;
    this.#added.clear();
    this.#wanted.clear();
  }

  // ---- failures ---------------------------------------------------------------------------------------------------

  #fail(code: number): void {
    if (this.#phase === "fenced" || this.#phase === "preparing") return;
    const { clock } = this.#services;
    // A machine that slept has lost its transaction as well, and only the wall clock tells.
    const openMs = Math.max(clock.monotonicMs() - this.#begunMs, clock.wallMs() - this.#begunWallMs);
    const isInTime = this.#begunMs < 0 || openMs < TRANSACTION_TIMEOUT_MS - TIMEOUT_SLACK_MS;
    if (coordinatorVerdict(code) === "fenced" && isInTime) this.#fence(kafkaErrorName(code));
    else this.#prepareAgain(kafkaErrorName(code));
  }

  #prepareAgain(reason: string): void {
    if (this.#phase === "preparing") return;
    if (!this.idle) {
      const fields = { client: this.#services.name, reason, batches: this.#kept.length };
      this.#services.log.warn(
        "Kafka transaction came to nothing, its records are sent again in another",
        fields,
      );
      this.#aborts.value++;
    }
    this.#phase = "preparing";
    this.id = -1n;
    this.#host.soon();
  }

  /** Two agents under one id would repeat each other's lines for ever: this one ends. */
  #fence(reason: string): void {
    this.#phase = "fenced";
    this.id = -1n;
    this.#services.log.error(
      "Kafka flusher is stopped for good: another agent writes under its transactional id; lines wait in their files. " +
        "Give each agent a checkpoint folder of its own, never a copy, and start this one again",
      {
        code: "PRODUCER_FENCED",
        client: this.#services.name,
        transactionalId: this.transactionalId,
        reason,
      },
    );
  }

  /** What is out has to come back first: it may still be written. */
  #prepareIfQuiet(): number {
    for (const partition of this.#partitions()) if (partition.inFlight > 0) return Infinity;
    const topic = this.#host.topic(this.#topicName);
    if (!topic.ready) return Infinity;
    const partition = this.#resumePartition(topic);
    if (partition === undefined || partition.leader < 0) {
      return this.#services.clock.monotonicMs() + BUSY_RETRY_MS;
    }
    return this.#run(() => this.#prepare(partition));
  }

  async #prepare(partition: Partition): Promise<void> {
    const at = { topic: partition.topic.name, partition: partition.id };
    // Before it is fenced: one that has taken over must not be stopped by one that was only away.
    if (this.#isPrepared) {
      const { marker } = await this.#calls.read(partition.leader, at);
      if (!this.#isKnown(marker)) return this.#fence("it has committed since");
    }
    const { id, epoch } = await this.#calls.fence();
    const { marker, lanes } = await this.#calls.read(partition.leader, at);
    if (this.#isPrepared && !this.#isKnown(marker)) return this.#fence("it has committed since");
    const isCommitted = this.#isPrepared && this.#isOwn(marker);
    this.id = id;
    this.epoch = epoch;
    if (isCommitted) this.#committed();
    else this.#sendAgain();
    this.#restamp();
    if (this.#isPrepared) return;
    this.#isPrepared = true;
    this.#last = marker;
    this.#services.log.info("Kafka transactions begin", {
      client: this.#services.name,
      transactionalId: this.transactionalId,
      lanes: lanes.length,
    });
    this.#resolve(lanes);
  }

  /** Nobody else has committed. */
  #isKnown(marker: Marker | null): boolean {
    return isSame(marker, this.#last) || this.#isOwn(marker);
  }

  /** The transaction whose end was in doubt is committed. */
  #isOwn(marker: Marker | null): boolean {
    return this.#isEndSent && isSame(marker, { instance: this.#instance, number: this.#current });
  }

  /** What brokers had of the transaction goes to the front of its queues. */
  #sendAgain(): void {
    const kept = this.#kept;
    this.#kept = [];
    this.#keptBytes = 0;
    this.#clear();
    this.#phase = this.generation > this.#current ? "closing" : "open";
    for (const { partition, batch } of kept.reverse()) {
      partition.topic.users--;
      this.#host.requeue(partition, batch);
    }
  }

  /** Everything begins with sequence 0 of the new epoch. */
  #restamp(): void {
    for (const partition of this.#partitions()) {
      partition.producerId = -1n;
      partition.nextSequence = 0;
      partition.cautious = true;
      partition.rebase = "no";
      for (const batch of partition.queue) {
        batch.stamped = false;
        batch.sequence = -1;
      }
    }
  }
}

function isSame(a: Marker | null, b: Marker | null): boolean {
  return a?.instance === b?.instance && a?.number === b?.number;
}
