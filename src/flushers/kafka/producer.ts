import type { Codec } from "../../core/codec.ts";
import type { KafkaPort } from "../../core/kafka_port.ts";
import { Alarm } from "./alarm.ts";
import { assignWaiting } from "./assign_waiting.ts";
import { BufferPool } from "./buffer_pool.ts";
import { ClusterView } from "./cluster_view.ts";
import { Counters } from "./counters.ts";
import { Identity } from "./identity.ts";
import type { Partition, Topic, Unassigned } from "./partition.ts";
import type { Partitioner } from "./partitioner.ts";
import {
  BACKLOG_LINGER_MS,
  CAUGHT_UP_LINGER_MS,
  OPEN_BATCHES_MAX,
  type ProducerServices,
  type ProducerSettings,
  STALLED_AFTER_MS,
} from "./producer_settings.ts";
import { RecordBuilder, SEAL_SLACK_BYTES } from "./record_builder.ts";
import { recordBatches } from "./resume_batches.ts";
import { Room } from "./room.ts";
import { Sender } from "./sender.ts";
import type { TransactionSetup } from "./transaction_host.ts";
import { Transactions } from "./transactions.ts";
import { WireBatch } from "./wire_batch.ts";

/** Room in the budget that allows to begin batches at full size. */
const BUSY_ROOM_BYTES = 2 * 1024 * 1024;

/** A record in an unassigned batch waits for metadata: these never fill. */
const NO_LIMITS = { sealBytes: Infinity, recordsMax: Infinity };

/**
 * One Kafka client: batches of all lanes of all pipelines that write to one cluster with one login. It decides when
 * a batch is closed and whether there is room; {@linkcode Sender} brings closed ones out, {@linkcode ClusterView}
 * knows where to. Everything happens in the calls of lanes, in answers of the port, and in one timer.
 */
export class Producer {
  readonly settings: ProducerSettings;
  readonly services: ProducerServices;
  readonly counters: Counters;
  readonly pool: BufferPool = new BufferPool();
  readonly #port: KafkaPort;
  readonly #view: ClusterView;
  readonly #identity: Identity;
  readonly #sender: Sender;
  /** `null`: each batch counts as acknowledged when a broker has it. */
  readonly transactions: Transactions | null;
  readonly #alarm: Alarm;
  /** Partitions with something open or unacknowledged, least recently served first. */
  readonly #active: Set<Partition> = new Set();
  /** Open batches in the order of their opening. */
  readonly #open: Map<WireBatch, Partition> = new Map();
  readonly #room: Room;
  #drains: (() => void)[] = [];
  #lastAckMs = 0;
  #stopping = false;
  #closed = false;

  constructor(
    port: KafkaPort,
    settings: ProducerSettings,
    services: ProducerServices,
    setup: TransactionSetup | null = null,
  ) {
    this.settings = settings;
    this.services = services;
    this.#port = port;
    this.#room = new Room(services.budget);
    this.counters = new Counters(services.metrics, services.name);
    this.#alarm = new Alarm(services.clock, () => this.#step());
    const wakeUp = () => this.#step();
    this.#identity = new Identity(port, settings, services, wakeUp);
    // With a topic its sequences are forgotten. Under the same id new ones would begin at 0 again, and the broker
    // would take their first batches for repeats: acknowledged, and lost.
    const forgot = () => {
      if (this.transactions === null) this.#identity.forget(this.#identity.id);
      else this.transactions.restart("a topic was forgotten");
    };
    this.#view = new ClusterView(port, settings, services, () => this.#described(), forgot);
    this.transactions = setup === null ? null : this.#makeTransactions(setup);
    this.#sender = new Sender(port, settings, services, {
      view: this.#view,
      identity: this.#identity,
      transactions: this.transactions,
      pool: this.pool,
      counters: this.counters,
      events: {
        held: (partition, bytes) => this.#held(partition, bytes),
        settled: (partition, batch) => this.#settled(partition, batch),
        wakeUp,
      },
    });
  }

  #makeTransactions(setup: TransactionSetup): Transactions {
    const { settings, services } = this;
    this.topic(setup.topic).users++;
    return new Transactions(setup, settings, services, {
      topic: (name) => this.topic(name),
      topics: () => this.#view.topics.values(),
      refresh: () => this.#view.want(this.#now()),
      sealAll: () => this.#sealAll(),
      queueRecords: (partition, generation, records) => {
        for (const batch of recordBatches(records, this.pool, this.#now(), services.clock.wallMs())) {
          batch.generation = generation;
          this.#held(partition, batch.heldBytes);
          partition.queue.push(batch);
        }
        this.#active.add(partition);
      },
      requeue: (partition, batch) => {
        partition.queue.unshift(batch);
        this.#active.add(partition);
      },
      finish: (partition, batch) => this.#sender.finish(partition, batch),
      soon: () => this.#alarm.at(this.#now()),
      step: () => this.#step(),
    });
  }

  /** The newest Produce version of brokers and client; `null` until the first connection. */
  get produceVersion(): number | null {
    return this.#port.capabilities?.produceVersion ?? null;
  }

  /** Calls back when a lane that had no room has some. Returns how to end that. */
  onRoom(wake: () => void): () => void {
    return this.#room.onRoom(wake);
  }

  /** A topic's state; asks the cluster about it on first use. */
  topic(name: string): Topic {
    const isNew = !this.#view.topics.has(name);
    const topic = this.#view.topic(name, this.#now());
    // Only then: each step calls lanes without room, which come here, and would turn round for ever.
    if (isNew) this.#alarm.at(this.#now());
    return topic;
  }

  /** Topics known, for the limit on names that come from log fields. */
  get topicCount(): number {
    return this.#view.topics.size;
  }

  /** Whether this name is known already. */
  knows(topic: string): boolean {
    return this.#view.topics.has(topic);
  }

  // ---- what lanes do ----------------------------------------------------------------------------------------------

  /** Bytes that may be written to these partitions now; a `null` topic is one that depends on the record. */
  room(topic: Topic | null, partition: Partition | null, joining: boolean): number {
    if (this.transactions?.fenced) return this.#room.refuse();
    if (topic !== null && topic.partitions.length === 0) {
      this.topic(topic.name);
      return this.#room.refuse();
    }
    const room = this.#room.bytes(partition, joining);
    // What is open goes out, so that there will be room.
    if (this.#room.isShort(this.settings.sealBytes) && this.#open.size > 0) this.#sealSoon();
    return room;
  }

  /** A lane was refused: it is called when that may have changed. */
  noRoom(): number {
    return this.#room.refuse();
  }

  /** The open batch of the partition for this codec. */
  batch(partition: Partition, codec: Codec | null, eventTime: boolean): WireBatch {
    for (const open of partition.open) {
      if (open.codec === codec && open.eventTime === eventTime) return open;
    }
    if (this.#open.size >= OPEN_BATCHES_MAX) this.#sealOldest();
    const { sealBytes } = partition.topic;
    const limits = { sealBytes, recordsMax: this.settings.recordsMax };
    const builder = new RecordBuilder(this.pool, limits, this.#bytesHint(partition));
    const linger = this.settings.lingerMs || BACKLOG_LINGER_MS;
    const batch = new WireBatch(builder, codec, eventTime, this.#now() + linger);
    if (this.transactions !== null) batch.generation = this.transactions.generation;
    partition.open.push(batch);
    this.#open.set(batch, partition);
    this.#active.add(partition);
    this.#alarm.at(batch.deadlineMs);
    return batch;
  }

  /** Under load a batch starts at full size, which saves growing it; otherwise small. */
  #bytesHint(partition: Partition): number {
    const { budget } = this.services;
    const isBusy = partition.lastWasFull && budget.cap() - budget.used > BUSY_ROOM_BYTES;
    return isBusy ? partition.topic.sealBytes + SEAL_SLACK_BYTES : 0;
  }

  /** Records were appended to an open batch. */
  grew(partition: Partition, bytes: number): void {
    this.#held(partition, bytes);
  }

  /** Closes an open batch and sends it when it may go. */
  seal(partition: Partition, batch: WireBatch): void {
    this.#close(partition, batch);
    this.#launch(partition, this.#now());
  }

  /** The open batch is to go out when the turn is over. */
  sealSoon(batch: WireBatch): void {
    batch.deadlineMs = this.#now();
    this.#alarm.at(batch.deadlineMs);
  }

  /** The lane has read everything: its open batch goes as soon as the turn is over and nothing is before it. */
  caughtUp(partition: Partition): void {
    if (this.settings.lingerMs > 0) return;
    const now = this.#now();
    const at = partition.queue.length === 0 ? now : now + CAUGHT_UP_LINGER_MS;
    for (const batch of partition.open) {
      batch.hurry = true;
      if (at < batch.deadlineMs) batch.deadlineMs = at;
      this.#alarm.at(batch.deadlineMs);
    }
  }

  /** Where records of a topic wait whose partitions are not known. */
  unassigned(topic: Topic, codec: Codec | null, eventTime: boolean, partitioner: Partitioner): Unassigned {
    for (const waiting of topic.unassigned) {
      const fits = waiting.batch.codec === codec && waiting.batch.eventTime === eventTime;
      if (fits && waiting.partitioner === partitioner) return waiting;
    }
    const builder = new RecordBuilder(this.pool, NO_LIMITS);
    const batch = new WireBatch(builder, codec, eventTime, Infinity);
    const waiting = { batch, builder, partitioner, seeds: [], owners: [] };
    topic.unassigned.push(waiting);
    return waiting;
  }

  /** Bytes were appended to an unassigned batch, or taken out. */
  grewUnassigned(bytes: number): void {
    this.services.budget.used += bytes;
  }

  // ---- stop -------------------------------------------------------------------------------------------------------

  /** Seals everything and resolves when all is acknowledged, or after `deadlineMs`. */
  drain(deadlineMs: number): Promise<void> {
    this.#stopping = true;
    return new Promise((resolve) => {
      const timer = this.services.clock.after(deadlineMs, () => this.#endDrains());
      this.#drains.push(() => {
        timer.cancel();
        resolve();
      });
      this.#sealAll();
      this.#step();
    });
  }

  /** Ends connections and the timer, for good. What is unacknowledged stays so. */
  close(): void {
    this.#closed = true;
    this.#alarm.cancel();
    this.#endDrains();
    this.services.budget.close();
    this.#port.close();
  }

  #endDrains(): void {
    this.#stopping = false;
    const drains = this.#drains;
    this.#drains = [];
    for (const end of drains) end();
  }

  #isEmpty(): boolean {
    if (this.transactions?.fenced) return true;
    if (this.#active.size > 0 || this.transactions?.idle === false) return false;
    for (const topic of this.#view.topics.values()) if (topic.unassigned.length > 0) return false;
    return true;
  }

  // ---- the clockwork ----------------------------------------------------------------------------------------------

  #now(): number {
    return this.services.clock.monotonicMs();
  }

  #held(partition: Partition, bytes: number): void {
    partition.heldBytes += bytes;
    this.services.budget.used += bytes;
  }

  /** Closes what is due, sends what may go, asks what is missing, and sets the timer for the rest. */
  #step(): void {
    if (this.#closed) return;
    const now = this.#now();
    this.#closeDue(now);
    let next = this.#view.ask(now);
    for (const partition of [...this.#active]) next = Math.min(next, this.#launch(partition, now));
    if (this.transactions !== null) {
      const isHurried = this.#stopping || this.#room.isShort(this.settings.sealBytes);
      next = Math.min(next, this.transactions.step(now, isHurried));
    }
    for (const batch of this.#open.keys()) next = Math.min(next, batch.deadlineMs);
    this.#watchStall(now);
    this.#room.count(this.#active, this.#view.topics.values());
    if (this.#active.size > 0) next = Math.min(next, now + 1000);
    if (next < Infinity) this.#alarm.at(next);
    this.#room.give();
    if (this.#drains.length > 0 && this.#isEmpty()) this.#endDrains();
  }

  #closeDue(now: number): void {
    for (const [batch, partition] of this.#open) {
      const free = batch.hurry && partition.queue.length === 0;
      if (free || this.#stopping || now >= batch.deadlineMs) this.#close(partition, batch);
    }
  }

  #launch(partition: Partition, now: number): number {
    const before = partition.inFlight;
    const next = this.#sender.launch(partition, now);
    // Who was served goes to the end of the line, so that nobody waits for ever behind a busy one.
    if (partition.inFlight > before && this.#active.delete(partition)) this.#active.add(partition);
    // The last batch may have been dropped on the way.
    if (partition.idle) this.#active.delete(partition);
    return next;
  }

  #close(partition: Partition, batch: WireBatch): void {
    partition.open.splice(partition.open.indexOf(batch), 1);
    this.#open.delete(batch);
    if (batch.builder!.count === 0) {
      // Its only record was longer than allowed and went another way.
      batch.builder!.release();
      if (partition.idle) this.#active.delete(partition);
      return;
    }
    const before = batch.heldBytes;
    partition.lastWasFull = batch.builder!.full;
    batch.seal(this.pool, this.#now(), this.services.clock.wallMs());
    this.#held(partition, batch.heldBytes - before);
    if (partition.queue.length === 0 && this.#quiet()) this.#lastAckMs = this.#now();
    partition.queue.push(batch);
    this.#active.add(partition);
  }

  #quiet(): boolean {
    for (const partition of this.#active) if (partition.queue.length > 0) return false;
    return true;
  }

  #sealOldest(): void {
    for (const [batch, partition] of this.#open) {
      this.seal(partition, batch);
      return;
    }
  }

  #sealAll(): void {
    for (const [batch, partition] of this.#open) this.#close(partition, batch);
  }

  #sealSoon(): void {
    const now = this.#now();
    for (const batch of this.#open.keys()) batch.deadlineMs = Math.min(batch.deadlineMs, now);
    this.#alarm.at(now);
  }

  #settled(partition: Partition, _batch: WireBatch): void {
    this.#lastAckMs = this.#now();
    if (partition.idle) this.#active.delete(partition);
  }

  #watchStall(now: number): void {
    this.services.budget.stalled = !this.#quiet() && now - this.#lastAckMs >= STALLED_AFTER_MS;
  }

  /** Metadata came, or could not be had. */
  #described(): void {
    for (const topic of this.#view.topics.values()) {
      if (topic.unassigned.length > 0 && topic.partitions.length > 0) assignWaiting(topic, this);
    }
    this.#step();
  }
}
