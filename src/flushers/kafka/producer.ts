import type { Codec } from "../../core/codec.ts";
import type { KafkaPort } from "../../core/kafka_port.ts";
import { Alarm } from "./alarm.ts";
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
  STUCK_BYTES_MAX,
  WAITING_BATCHES_MAX,
} from "./producer_settings.ts";
import { readRecord } from "./record_batch.ts";
import { RecordBuilder, RECORDS_BEGIN } from "./record_builder.ts";
import { Sender } from "./sender.ts";
import { WireBatch } from "./wire_batch.ts";

/** Room in the budget that allows to begin batches at full size, and what the last record may need beyond it. */
const BUSY_ROOM_BYTES = 2 * 1024 * 1024;
const BUSY_SLACK_BYTES = 16 * 1024;

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
  readonly #alarm: Alarm;
  /** Partitions with something open or unacknowledged, least recently served first. */
  readonly #active: Set<Partition> = new Set();
  /** Open batches in the order of their opening. */
  readonly #open: Map<WireBatch, Partition> = new Map();
  readonly #wakes: Set<() => void> = new Set();
  #drains: (() => void)[] = [];
  #refusedRoom = false;
  #parkedBytes = 0;
  #lastAckMs = 0;
  #stopping = false;
  #closed = false;

  constructor(port: KafkaPort, settings: ProducerSettings, services: ProducerServices) {
    this.settings = settings;
    this.services = services;
    this.#port = port;
    this.counters = new Counters(services.metrics, services.name);
    this.#alarm = new Alarm(services.clock, () => this.#step());
    const wakeUp = () => this.#step();
    this.#identity = new Identity(port, settings, services, wakeUp);
    // With a topic its sequences are forgotten. Under the same id new ones would begin at 0 again, and the broker
    // would take their first batches for repeats: acknowledged, and lost.
    const forgot = () => this.#identity.forget(this.#identity.id);
    this.#view = new ClusterView(port, settings, services, () => this.#described(), forgot);
    this.#sender = new Sender(port, settings, services, {
      view: this.#view,
      identity: this.#identity,
      pool: this.pool,
      counters: this.counters,
      events: {
        held: (partition, bytes) => this.#held(partition, bytes),
        settled: (partition, batch) => this.#settled(partition, batch),
        wakeUp,
      },
    });
  }

  /** The newest Produce version of brokers and client; `null` until the first connection. */
  get produceVersion(): number | null {
    return this.#port.capabilities?.produceVersion ?? null;
  }

  /** Calls back when a lane that had no room has some. Returns how to end that. */
  onRoom(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  /** A topic's state; asks the cluster about it on first use. */
  topic(name: string): Topic {
    const topic = this.#view.topic(name, this.#now());
    if (!topic.ready) this.#alarm.at(this.#now());
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

  /** Bytes that may be written to these partitions now; a `null` topic is one whose description is missing. */
  room(topic: Topic | null, partition: Partition | null): number {
    let room = 0;
    if (topic === null || topic.partitions.length > 0) {
      room = this.#freeBytes();
      if (partition !== null && this.#isStuck(partition)) room = 0;
      // What is open goes out, so that there will be room.
      const short = Math.min(this.settings.sealBytes, this.services.budget.cap() / 4);
      if (room < short && this.#open.size > 0) this.#sealSoon();
    } else {
      this.topic(topic.name);
    }
    return room > 0 ? room : this.noRoom();
  }

  /** A lane was refused: it is called when that may have changed. */
  noRoom(): number {
    this.#refusedRoom = true;
    return 0;
  }

  /**
   * What waits for a topic that takes nothing must not stop the topics beside it, so it does not count, up to half
   * of the cap: a lane notices that its topic is parked only after it has written there.
   */
  #freeBytes(): number {
    const { budget } = this.services;
    const cap = budget.cap();
    return cap - budget.used + Math.min(this.#parkedBytes, cap / 2);
  }

  #countParked(): void {
    this.#parkedBytes = 0;
    for (const partition of this.#active) {
      if (!partition.topic.ready) this.#parkedBytes += partition.heldBytes;
    }
    for (const topic of this.#view.topics.values()) this.#parkedBytes += topic.unassignedBytes;
  }

  /** Short queues make short latency; and what gets nothing through must not fill the budget of the others. */
  #isStuck(partition: Partition): boolean {
    if (partition.queue.length - partition.inFlight >= WAITING_BATCHES_MAX) return true;
    const fails = partition.failures > 0 || !partition.topic.ready;
    return fails && partition.heldBytes >= STUCK_BYTES_MAX;
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
    return isBusy ? partition.topic.sealBytes + BUSY_SLACK_BYTES : 0;
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
    if (this.#active.size > 0) return false;
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
    for (const batch of this.#open.keys()) next = Math.min(next, batch.deadlineMs);
    this.#watchStall(now);
    this.#countParked();
    if (this.#active.size > 0) next = Math.min(next, now + 1000);
    if (next < Infinity) this.#alarm.at(next);
    this.#giveRoom();
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

  #giveRoom(): void {
    if (!this.#refusedRoom) return;
    if (this.#freeBytes() <= 0) return;
    this.#refusedRoom = false;
    for (const wake of this.#wakes) wake();
  }

  /** Metadata came, or could not be had. */
  #described(): void {
    for (const topic of this.#view.topics.values()) {
      if (topic.unassigned.length > 0 && topic.partitions.length > 0) this.#assign(topic);
    }
    this.#step();
  }

  /** Spreads the records that waited for the topic's description over its partitions, in their order. */
  #assign(topic: Topic): void {
    const waiting = topic.unassigned;
    topic.unassigned = [];
    for (const { batch, builder, partitioner, seeds, owners } of waiting) {
      const bytes = builder.buffer;
      this.grewUnassigned(-builder.bytes);
      let at = RECORDS_BEGIN;
      for (let i = 0; i < builder.count; i++) {
        const record = readRecord(bytes, at);
        const partition = topic.partitions[partitioner.place(seeds[i], topic.partitions.length)];
        const target = this.batch(partition, batch.codec, batch.eventTime);
        const before = target.builder!.bytes;
        target.builder!.appendCopy(
          bytes,
          record,
          builder.baseTimeMs + record.timestampDelta,
          batch.eventTime,
        );
        target.carry(owners[i]);
        target.deadlineMs = this.#now();
        this.grew(partition, target.builder!.bytes - before);
        if (target.builder!.full) this.seal(partition, target);
        at = record.end;
      }
      builder.release();
      batch.finish(this.pool);
    }
  }
}
