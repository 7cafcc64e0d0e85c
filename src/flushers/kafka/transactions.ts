import type { LaneKey, SavedLane } from "../../core/checkpoint.ts";
import { describeError } from "../../core/errors.ts";
import { kafkaErrorName } from "../../core/kafka_port.ts";
import { backoffMs } from "./backoff.ts";
import type { Partition, Topic } from "./partition.ts";
import type { ProducerServices, ProducerSettings } from "./producer_settings.ts";
import { KeptBatches } from "./kept_batches.ts";
import { lookAtResumeTopic } from "./look_at_resume_topic.ts";
import { isSameMarker, type Marker, markerRecord } from "./resume_records.ts";
import { sayFenced } from "./say_fenced.ts";
import type { TransactionHost, TransactionSetup } from "./transaction_host.ts";
import {
  coordinatorVerdict,
  Refused,
  TRANSACTION_TIMEOUT_MS,
  type TransactionCalls,
  transactionRemedy,
} from "./transaction_calls.ts";
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
  readonly #setup: TransactionSetup;
  readonly #calls: TransactionCalls;
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
  readonly #kept = new KeptBatches();
  #isSaved = false;
  #isEndSent = false;
  #isPrepared = false;
  /** The latest one that is known to be committed. */
  #last: Marker | null = null;
  #asking = false;
  #failures = 0;
  #retryAtMs = 0;

  constructor(
    setup: TransactionSetup,
    settings: ProducerSettings,
    services: ProducerServices,
    host: TransactionHost,
  ) {
    this.#setup = setup;
    this.#calls = setup.calls;
    this.#settings = settings;
    this.#services = services;
    this.#host = host;
    const { promise, resolve } = Promise.withResolvers<readonly SavedLane[]>();
    this.prepared = promise;
    this.#resolve = resolve;
    this.#instance = Math.floor(services.random() * 2 ** 48).toString(16).padStart(12, "0");
    const { metrics } = services;
    const labels = { client: services.name };
    this.#commits = metrics.counter(
      "denotail_kafka_transactions_total",
      "Transactions committed to Kafka.",
      labels,
    );
    this.#aborts = metrics.counter(
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
    return this.#begunMs < 0 && this.#kept.count === 0;
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
      this.#wanted.add(this.#resumePartition(this.#resumeTopic));
    }
    if (this.#wanted.has(partition)) return false;
    this.#wanted.add(partition);
    this.#host.soon();
    return false;
  }

  /** A broker has the batch; it is kept until the commit. */
  written(partition: Partition, batch: WireBatch): void {
    this.#kept.add(partition, batch);
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
    this.#kept.forget(key);
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
      const isFull = this.#kept.bytes >= this.#services.budget.cap() * HELD_PART;
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

  /** The resume points that the commit settles, and the mark of the transaction. */
  #save(): void {
    this.#isSaved = true;
    const id = this.transactionalId;
    const records = this.#kept.resumeRecords(id, this.#services.clock.wallMs());
    const marker = markerRecord(id, { instance: this.#instance, number: this.#current });
    const partition = this.#resumePartition(this.#resumeTopic);
    this.#host.queueRecords(partition, this.#current, [...records, marker]);
  }

  get #resumeTopic(): Topic {
    return this.#host.topic(this.#setup.topic);
  }

  #resumePartition(topic: Topic): Partition {
    return topic.partitions[this.#setup.place(topic.partitions.length)];
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
      remedy: transactionRemedy(code, this.#setup.topic),
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
    this.#clear();
    this.#isSaved = false;
    this.#current = this.generation;
    this.#phase = "open";
    for (const { partition, batch } of this.#kept.take()) this.#host.finish(partition, batch);
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
      const fields = { client: this.#services.name, reason, batches: this.#kept.count };
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
    sayFenced(this.#services, this.transactionalId, reason);
  }

  /** What is out has to come back first: it may still be written. */
  #prepareIfQuiet(): number {
    for (const partition of this.#partitions()) if (partition.inFlight > 0) return Infinity;
    const topic = this.#resumeTopic;
    if (!topic.ready) return Infinity;
    const partition = this.#resumePartition(topic);
    if (partition.leader < 0) {
      this.#host.refresh();
      return this.#services.clock.monotonicMs() + this.#settings.metadataRetryMs;
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
    for (const known of this.#partitions()) known.beginAnew();
    if (this.#isPrepared) return;
    this.#isPrepared = true;
    this.#last = marker;
    this.#services.log.info("Kafka transactions begin", {
      client: this.#services.name,
      transactionalId: this.transactionalId,
      lanes: lanes.length,
    });
    this.#resolve(lanes);
    // Not waited for: it changes nothing of what happens now.
    const look = { node: partition.leader, topic: at.topic, bootstrap: this.#setup.bootstrap };
    lookAtResumeTopic(this.#calls, look, this.#services.log);
  }

  /** Nobody else has committed. */
  #isKnown(marker: Marker | null): boolean {
    return isSameMarker(marker, this.#last) || this.#isOwn(marker);
  }

  /** The transaction whose end was in doubt is committed. */
  #isOwn(marker: Marker | null): boolean {
    return this.#isEndSent && isSameMarker(marker, { instance: this.#instance, number: this.#current });
  }

  /** What brokers had of the transaction goes to the front of its queues. */
  #sendAgain(): void {
    this.#clear();
    this.#phase = this.generation > this.#current ? "closing" : "open";
    for (const { partition, batch } of this.#kept.take().reverse()) this.#host.requeue(partition, batch);
  }
}
