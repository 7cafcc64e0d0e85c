import { describeError } from "../../core/errors.ts";
import { kafkaErrorName, type KafkaPort, PRODUCE_HEAD_BYTES } from "../../core/kafka_port.ts";
import { backoffMs } from "./backoff.ts";
import type { BufferPool } from "./buffer_pool.ts";
import type { ClusterView } from "./cluster_view.ts";
import type { Counters } from "./counters.ts";
import type { Identity } from "./identity.ts";
import { Node, type Partition } from "./partition.ts";
import type { ProducerServices, ProducerSettings } from "./producer_settings.ts";
import { Resizer } from "./resizer.ts";
import type { Transactions } from "./transactions.ts";
import { remedyOf, verdictOf } from "./verdict.ts";
import type { WireBatch } from "./wire_batch.ts";

/** What the sender tells the producer. */
export interface SenderEvents {
  /** Bytes held by a partition changed by this much. */
  held(partition: Partition, bytes: number): void;
  /** A batch is acknowledged, or dropped on purpose. */
  settled(partition: Partition, batch: WireBatch): void;
  /** Something changed: look at everything again. */
  wakeUp(): void;
}

/** A node that lost its connection is left alone for at most this long. */
const NODE_RETRY_MAX_MS = 10_000;

/**
 * A broker forgets a producer that has written nothing for long (`producer.id.expiration.ms`, a day by default): after
 * this time it may not know it any more.
 */
const FORGOTTEN_AFTER_MS = 600_000;

/** The largest producer epoch; then another id is needed. */
const EPOCH_MAX = 32_767;

/** In a transaction these end it: sequences and epochs are lost, or the partition is in no transaction (48, 120). */
function needsEpoch(code: number): boolean {
  const verdict = verdictOf(code);
  return verdict === "sequence" || verdict === "forgotten" || verdict === "identity" || code === 48 ||
    code === 120;
}

/**
 * Sealed batches -> acknowledged ones. The law of order, per partition: batches go out in order with consecutive
 * sequences; after any failure nothing more goes out until nothing is in flight, then everything unacknowledged goes
 * again, in the same order with the same sequences. Nothing is ever given up for a failure.
 */
export class Sender {
  readonly #port: KafkaPort;
  readonly #settings: ProducerSettings;
  readonly #services: ProducerServices;
  readonly #view: ClusterView;
  readonly #identity: Pick<Identity, "id" | "epoch" | "ask" | "forget">;
  readonly #transactions: Transactions | null;
  readonly #pool: BufferPool;
  readonly #counters: Counters;
  readonly #events: SenderEvents;
  readonly #resizer: Resizer;
  readonly #nodes: Map<number, Node> = new Map();

  constructor(
    port: KafkaPort,
    settings: ProducerSettings,
    services: ProducerServices,
    parts: {
      view: ClusterView;
      identity: Identity;
      /** With these, batches count as acknowledged when they are committed. */
      transactions: Transactions | null;
      pool: BufferPool;
      counters: Counters;
      events: SenderEvents;
    },
  ) {
    this.#port = port;
    this.#settings = settings;
    this.#services = services;
    this.#view = parts.view;
    this.#identity = parts.identity;
    this.#transactions = parts.transactions;
    this.#pool = parts.pool;
    this.#counters = parts.counters;
    this.#events = parts.events;
    this.#resizer = new Resizer(parts.pool, parts.counters, services, parts.events);
  }

  /** Sends what may go out now; returns when to look again, `Infinity` if an answer will call back. */
  launch(partition: Partition, nowMs: number): number {
    if (partition.queue.length === 0) return Infinity;
    if (partition.muted) {
      if (partition.inFlight > 0) return Infinity;
      if (nowMs < partition.retryAtMs) return partition.retryAtMs;
      this.#recover(partition, nowMs);
    }
    if (!partition.topic.ready) return Infinity;
    if (partition.leader < 0) {
      this.#view.want(nowMs + this.#settings.metadataRetryMs);
      return Infinity;
    }
    // What is out with the former leader has to come back first, else order is left to luck.
    if (partition.inFlight > 0 && partition.sentTo !== partition.leader) return Infinity;
    if (partition.inFlight === 0 && nowMs - partition.ackedMs > FORGOTTEN_AFTER_MS) partition.cautious = true;
    const node = this.#node(partition.leader);
    while (partition.inFlight < partition.queue.length && partition.inFlight < this.#limit(partition)) {
      if (nowMs < node.blockedUntilMs) return node.blockedUntilMs;
      const transactions = this.#transactions;
      if (transactions !== null && !transactions.admits(partition, partition.queue[partition.inFlight])) {
        return Infinity;
      }
      // A node that has failed is tried with one request, not with five.
      if (node.inFlight >= (node.failures > 0 ? 1 : this.#settings.inFlightMax)) return Infinity;
      if (
        transactions === null && this.#settings.acks === -1 && partition.producerId < 0n &&
        this.#identity.id < 0n
      ) {
        return this.#identity.ask(nowMs);
      }
      this.#send(partition, partition.queue[partition.inFlight], node);
    }
    return Infinity;
  }

  /** Without idempotence only one request at a time keeps the order when one fails. */
  #limit(partition: Partition): number {
    return this.#settings.acks !== -1 || partition.cautious ? 1 : this.#settings.inFlightMax;
  }

  #node(id: number): Node {
    let node = this.#nodes.get(id);
    if (node === undefined) this.#nodes.set(id, node = new Node(id));
    return node;
  }

  #send(partition: Partition, batch: WireBatch, node: Node): void {
    if (!batch.stamped) this.#stamp(partition, batch);
    const before = batch.heldBytes;
    batch.inFlight = true;
    batch.sentAtMs = this.#services.clock.monotonicMs();
    partition.inFlight++;
    partition.sentTo = node.id;
    node.inFlight++;
    this.#events.held(partition, batch.heldBytes - before);
    this.#port.produce({
      node: node.id,
      topic: partition.topic.name,
      partition: partition.id,
      acks: this.#settings.acks,
      timeoutMs: this.#settings.brokerTimeoutMs,
      buffer: batch.buffer,
      begin: PRODUCE_HEAD_BYTES,
      end: batch.end,
      transactionalId: this.#transactions?.transactionalId,
    }).then(
      (reply) => this.#answered(partition, batch, node, reply.code),
      (error) => this.#lost(partition, batch, node, error),
    );
  }

  #stamp(partition: Partition, batch: WireBatch): void {
    if (this.#settings.acks !== -1) return batch.stamp(-1n, -1, -1);
    if (partition.producerId < 0n) {
      const identity = this.#transactions ?? this.#identity;
      partition.producerId = identity.id;
      partition.producerEpoch = identity.epoch;
      partition.nextSequence = 0;
    }
    // Halves of a batch that was too large keep the sequences it had.
    const sequence = batch.sequence >= 0 ? batch.sequence : partition.nextSequence;
    if (batch.sequence < 0) partition.nextSequence = (sequence + batch.records) % 2 ** 31;
    batch.stamp(partition.producerId, partition.producerEpoch, sequence, this.#transactions !== null);
  }

  #landed(partition: Partition, batch: WireBatch, node: Node): void {
    const before = batch.heldBytes;
    batch.inFlight = false;
    partition.inFlight--;
    node.inFlight--;
    this.#events.held(partition, batch.heldBytes - before);
  }

  #lost(partition: Partition, batch: WireBatch, node: Node, error: unknown): void {
    this.#landed(partition, batch, node);
    const now = this.#services.clock.monotonicMs();
    this.#counters.error("CONNECTION");
    // One lost connection fails all that was out with it: one failure of the node.
    if (now >= node.blockedUntilMs) {
      node.failures++;
      const { retryFirstMs } = this.#settings;
      node.blockedUntilMs = now +
        backoffMs(node.failures, retryFirstMs, NODE_RETRY_MAX_MS, this.#services.random);
    }
    this.#view.want(now);
    this.#mute(partition, now, describeError(error), "");
    this.#events.wakeUp();
  }

  #answered(partition: Partition, batch: WireBatch, node: Node, code: number): void {
    this.#landed(partition, batch, node);
    this.#counters.answered(this.#services.clock.monotonicMs() - batch.sentAtMs);
    node.failures = 0;
    node.blockedUntilMs = 0;
    if (verdictOf(code) === "done") this.#done(partition, batch);
    else this.#refused(partition, batch, code);
    this.#events.wakeUp();
  }

  #done(partition: Partition, batch: WireBatch): void {
    partition.queue.splice(partition.queue.indexOf(batch), 1);
    partition.failures = 0;
    partition.cautious = false;
    partition.ackedMs = this.#services.clock.monotonicMs();
    if (partition.warned) {
      partition.warned = false;
      this.#services.log.info("Kafka partition takes records again", this.#fields(partition));
    }
    this.#view.wrote(partition.topic);
    this.#counters.batches.value++;
    this.#counters.records.value += batch.records;
    this.#counters.bytes.value += batch.wireBytes;
    if (this.#transactions === null) return this.finish(partition, batch);
    this.#transactions.written(partition, batch);
    this.#events.settled(partition, batch);
  }

  /** Acknowledged for good: settles what it carries. */
  finish(partition: Partition, batch: WireBatch): void {
    this.#events.held(partition, -batch.heldBytes);
    batch.finish(this.#pool);
    this.#events.settled(partition, batch);
  }

  #refused(partition: Partition, batch: WireBatch, code: number): void {
    const now = this.#services.clock.monotonicMs();
    const isFirst = partition.queue[0] === batch;
    const verdict = verdictOf(code);
    this.#counters.error(kafkaErrorName(code));
    if (verdict === "sequence" && !isFirst) {
      // Follows from the failure of one before it, which decides what happens.
      this.#pause(partition, now);
    } else if (verdict === "too_large") {
      batch.tooLarge = true;
      this.#pause(partition, now);
    } else if (verdict === "topic") {
      this.#view.park(partition.topic, code, now);
      this.#pause(partition, partition.topic.retryAtMs);
    } else if (this.#transactions !== null && needsEpoch(code)) {
      this.#pause(partition, now);
      this.#transactions.refused(code);
    } else if (verdict === "sequence" || verdict === "forgotten" || verdict === "identity") {
      if (partition.rebase !== "id") partition.rebase = verdict === "identity" ? "id" : "epoch";
      this.#mute(partition, now, kafkaErrorName(code), "");
    } else {
      if (verdict === "moved") this.#view.want(now);
      const pause = backoffMs(
        partition.failures + 1,
        this.#settings.retryFirstMs,
        this.#settings.retryMaxMs,
        this.#services.random,
      );
      this.#mute(partition, now + pause, kafkaErrorName(code), remedyOf(code, partition.topic.name));
    }
  }

  #pause(partition: Partition, untilMs: number): void {
    partition.muted = true;
    if (untilMs > partition.retryAtMs) partition.retryAtMs = untilMs;
  }

  /** Counts a failure, warns once per row of failures, and stops the partition until then. */
  #mute(partition: Partition, untilMs: number, error: string, remedy: string): void {
    if (!partition.muted) partition.failures++;
    this.#pause(partition, untilMs);
    if (partition.failures <= this.#settings.warnAfterRetries || partition.warned) return;
    partition.warned = true;
    this.#services.log.warn("Kafka partition takes no records, they are sent again until it does", {
      ...this.#fields(partition),
      retries: partition.failures,
      error,
      remedy,
    });
  }

  #fields(partition: Partition): Record<string, string | number> {
    return {
      client: this.#services.name,
      topic: partition.topic.name,
      partition: partition.id,
      node: partition.leader,
    };
  }

  /** Nothing is in flight: puts right what was wrong, then the partition may send again. */
  #recover(partition: Partition, nowMs: number): void {
    partition.muted = false;
    partition.retryAtMs = 0;
    if (partition.queue.some((batch) => batch.tooLarge)) this.#resizer.resize(partition, nowMs);
    if (partition.rebase !== "no") this.#rebase(partition);
    this.#counters.retries.value += Math.min(partition.queue.length, this.#limit(partition));
  }

  /** Stamps everything anew, from sequence 0, under an epoch or an id that the broker has not seen here. */
  #rebase(partition: Partition): void {
    // The epoch is the coordinator's to give.
    if (this.#transactions !== null) return this.#transactions.restart("a record was dropped");
    if (partition.rebase === "id" || partition.producerEpoch >= EPOCH_MAX) {
      this.#identity.forget(partition.producerId);
      partition.producerId = -1n;
    } else {
      partition.producerEpoch++;
    }
    partition.rebase = "no";
    partition.nextSequence = 0;
    partition.cautious = true;
    for (const batch of partition.queue) {
      batch.stamped = false;
      batch.sequence = -1;
    }
  }
}
