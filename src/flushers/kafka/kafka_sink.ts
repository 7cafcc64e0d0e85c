import type { Batch } from "../../core/batch.ts";
import type { Codec } from "../../core/codec.ts";
import type { Sink } from "../../core/lane.ts";
import type { LedgerEntry } from "../../core/ledger.ts";
import { appendPieces, appendTruncated, type TryAppend } from "./oversize.ts";
import type { Partition, Topic } from "./partition.ts";
import { fnv1a } from "./partitioner.ts";
import type { Producer } from "./producer.ts";
import { STUCK_BYTES_MAX } from "./producer_settings.ts";
import { encodeKey, NULL_KEY } from "./record_builder.ts";
import { DYNAMIC_TOPICS_MAX, type SinkPlan } from "./sink_plan.ts";
import type { Source, SourcePlace } from "./source_places.ts";

const encoder = new TextEncoder();

/** What the lanes of one flusher share beyond the plan. */
export interface SinkState {
  /** Next seed of `roundrobin`. */
  counter: number;
  /** The key of `HashOnce`. */
  key: Uint8Array | null;
  /** Codec in use; `undefined` until the brokers are known. */
  codec: Codec | null | undefined;
}

/** One lane's way into a Kafka client. */
export class KafkaSink implements Sink {
  readonly #plan: SinkPlan;
  readonly #state: SinkState;
  readonly #producer: Producer;
  readonly #source: Source;
  readonly #random: () => number;
  /** With a fixed topic. */
  readonly #topic: Topic | null;
  /** With a fixed topic and the `source` partitioner: all records go to one place. */
  readonly #place: SourcePlace | null;
  /** Partitions that got records since they were last found idle: the latest, and others, of which there mostly are none. */
  #latest: Partition | null = null;
  #touched: Set<Partition> | null = null;
  /** Topics of unknown partitions that got records. */
  #waiting: Set<Topic> | null = null;
  #lastName = "";
  #lastTopic: Topic | null = null;
  #isOpen = true;

  constructor(
    plan: SinkPlan,
    state: SinkState,
    producer: Producer,
    source: Source,
  ) {
    this.#plan = plan;
    this.#state = state;
    this.#producer = producer;
    this.#source = source;
    this.#random = producer.services.random;
    this.#topic = plan.topic.fixed === null ? null : producer.topic(plan.topic.fixed);
    if (this.#topic !== null) this.#topic.users++;
    this.#place = this.#topic !== null && plan.partitioner.name === "source"
      ? source.place(this.#topic, plan.partitioner)
      : null;
  }

  get client(): object {
    return this.#producer;
  }

  room(joining = false): number {
    if (!this.#isOpen) return 0;
    if (this.#waiting !== null && this.#isStuck(this.#waiting)) return this.#producer.noRoom();
    const latest = this.#latest;
    if (latest?.idle) this.#latest = null;
    let room = this.#producer.room(this.#topic, latest, joining);
    if (this.#touched === null) return room;
    for (const partition of this.#touched) {
      if (partition.idle) this.#touched.delete(partition);
      room = Math.min(room, this.#producer.room(this.#topic, partition, joining));
    }
    return room;
  }

  /** Whether too much waits for a topic of unknown partitions; forgets topics that are known by now. */
  #isStuck(waiting: Set<Topic>): boolean {
    for (const topic of waiting) {
      if (topic.unassigned.length === 0) waiting.delete(topic);
      else if (topic.unassignedBytes >= STUCK_BYTES_MAX) return true;
    }
    if (waiting.size === 0) this.#waiting = null;
    return false;
  }

  #touch(partition: Partition): void {
    const latest = this.#latest;
    if (latest === partition) return;
    this.#latest = partition;
    if (latest !== null) (this.#touched ??= new Set()).add(latest);
  }

  write(batch: Batch, entry: LedgerEntry): void {
    if (this.#place !== null) this.#writeAll(batch, entry, this.#place);
    else this.#writeEach(batch, entry);
  }

  caughtUp(): void {
    if (this.#latest !== null) this.#producer.caughtUp(this.#latest);
    if (this.#touched !== null) { for (const partition of this.#touched) this.#producer.caughtUp(partition); }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.caughtUp();
    this.#isOpen = false;
    this.#source.users--;
    if (this.#topic !== null) this.#topic.users--;
  }

  /** The plain case: one topic, one partition, no key. */
  #writeAll(batch: Batch, entry: LedgerEntry, place: SourcePlace): void {
    let from = 0;
    while (from < batch.count && batch.first[from] < 0) from++;
    if (from === batch.count) return;
    const partition = place.partition();
    if (partition !== null) this.#fill(partition, batch, from, batch.count, entry, NULL_KEY, place);
    else {
      for (let record = from; record < batch.count; record++) {
        if (batch.first[record] >= 0) {
          this.#wait(this.#topic!, this.#source.seed, batch, record, entry, NULL_KEY);
        }
      }
    }
  }

  #writeEach(batch: Batch, entry: LedgerEntry): void {
    const { partitioner } = this.#plan;
    for (let record = 0; record < batch.count; record++) {
      if (batch.first[record] < 0) continue;
      const topic = this.#topic ?? this.#topicOf(batch, record);
      const key = partitioner.name === "hash" ? this.#key(batch, record) : null;
      const coded = key === null ? NULL_KEY : encodeKey(key);
      let place: SourcePlace | null = null;
      let partition: Partition | null = null;
      let seed = 0;
      if (partitioner.name === "source") {
        place = this.#source.place(topic, partitioner);
        partition = place.partition();
        seed = this.#source.seed;
      } else {
        seed = this.#seed(key);
        const count = topic.partitions.length;
        if (count > 0) partition = topic.partitions[partitioner.place(seed, count)];
      }
      if (partition === null) this.#wait(topic, seed, batch, record, entry, coded);
      else this.#fill(partition, batch, record, record + 1, entry, coded, place);
    }
  }

  #seed(key: Uint8Array | null): number {
    if (key !== null) return fnv1a(key);
    if (this.#plan.partitioner.name === "random") return Math.floor(this.#random() * 0x7fffffff);
    return this.#state.counter = (this.#state.counter + 1) & 0x3fffffff;
  }

  /** Values of the fields that are there, joined as iLogtail joins them. */
  #key(batch: Batch, record: number): Uint8Array {
    if (this.#state.key !== null) return this.#state.key;
    let key = "";
    let found = 0;
    for (const { kind, name } of this.#plan.hashKeys) {
      const value = this.#plan.lookup.lookup(batch, record, kind, name);
      if (value !== undefined) key += found++ === 0 ? value : `###${value}`;
    }
    const bytes = encoder.encode(key);
    if (this.#plan.hashOnce) this.#state.key = bytes;
    return bytes;
  }

  #topicOf(batch: Batch, record: number): Topic {
    const { topic, fallbackTopic, lookup } = this.#plan;
    let name = topic.resolve(batch, record, lookup);
    if (name === this.#lastName && !this.#lastTopic!.forgotten) return this.#lastTopic!;
    if (name === null || (!this.#producer.knows(name) && this.#producer.topicCount >= DYNAMIC_TOPICS_MAX)) {
      const instead = fallbackTopic ?? topic.keyText;
      const { log } = this.#producer.services;
      this.#producer.counters.redirected(name === null ? "no_field" : "topic_limit");
      if (name === null) {
        log.warnOnce(`kafka topic ${instead}`, "Record has no field for its topic, another is taken", {
          topic: instead,
        });
      } else {
        const fields = { topic: instead, limit: DYNAMIC_TOPICS_MAX };
        log.warnOnce(
          `kafka topics ${instead}`,
          "Log fields name more topics than the limit, another is taken",
          fields,
        );
      }
      name = instead;
    }
    this.#lastTopic = this.#producer.topic(name);
    this.#lastName = name;
    return this.#lastTopic;
  }

  /** The codec of new batches: the first that the brokers take; older ones refuse zstd (produce below 7). */
  #codec(): Codec | null {
    if (this.#state.codec !== undefined) return this.#state.codec;
    const { codecs } = this.#plan;
    const version = this.#producer.produceVersion;
    const taken = codecs.find((codec) => codec.name !== "zstd" || version === null || version >= 7);
    const codec = taken ?? codecs[codecs.length - 1] ?? null;
    if (version !== null) this.#state.codec = codec;
    return codec;
  }

  /** Appends records to the partition's open batch, sealing as batches get full. */
  #fill(
    partition: Partition,
    batch: Batch,
    from: number,
    to: number,
    entry: LedgerEntry,
    key: Uint8Array,
    place: SourcePlace | null,
  ): void {
    const { style } = this.#plan;
    this.#touch(partition);
    for (let record = from; record < to;) {
      const wire = this.#producer.batch(partition, this.#codec(), style.eventTime);
      const builder = wire.builder!;
      const bytes = builder.bytes;
      const count = builder.count;
      record = builder.appendRun(batch, record, to, style, key);
      if (builder.count > count) {
        wire.carry(entry);
        this.#producer.grew(partition, builder.bytes - bytes);
        if (place !== null) place.last = wire;
      }
      if (builder.oversize) {
        const append = () => this.#tryAppend(partition, batch, record, entry, key, place);
        this.#tooLong(partition.topic, batch, record, builder.oversizeBytes, append);
        record++;
      } else if (record < to || builder.full) this.#producer.seal(partition, wire);
    }
  }

  /** A record above `MaxMessageBytes`: never blocks, never passes without a trace. */
  #tooLong(topic: Topic, batch: Batch, record: number, bytes: number, append: TryAppend): void {
    const { oversize, splitKey, style } = this.#plan;
    const { counters, services } = this.#producer;
    if (oversize === "split" && appendPieces(batch, record, splitKey, style.valueBytesMax, append)) return;
    const fields = { topic: topic.name, bytes, limit: style.valueBytesMax };
    const lost = oversize === "drop"
      ? -1
      : appendTruncated(batch, record, bytes - style.valueBytesMax, append);
    if (lost >= 0) {
      counters.truncatedBytes.value += lost;
      services.log.warn("Record is longer than MaxMessageBytes and was truncated", { ...fields, lost });
    } else {
      counters.dropped("too_large", 1);
      services.log.warn("Record is longer than MaxMessageBytes and was dropped", fields);
    }
  }

  #tryAppend(
    partition: Partition,
    batch: Batch,
    record: number,
    entry: LedgerEntry,
    key: Uint8Array,
    place: SourcePlace | null,
  ): boolean {
    for (;;) {
      const wire = this.#producer.batch(partition, this.#codec(), this.#plan.style.eventTime);
      const builder = wire.builder!;
      const bytes = builder.bytes;
      if (builder.appendRun(batch, record, record + 1, this.#plan.style, key) > record) {
        wire.carry(entry);
        this.#producer.grew(partition, builder.bytes - bytes);
        if (place !== null) place.last = wire;
        if (builder.full) this.#producer.seal(partition, wire);
        return true;
      }
      if (builder.oversize) return false;
      this.#producer.seal(partition, wire);
    }
  }

  /** The topic's partitions are not known: the record waits until they are. */
  #wait(topic: Topic, seed: number, batch: Batch, record: number, entry: LedgerEntry, key: Uint8Array): void {
    const { style, partitioner } = this.#plan;
    (this.#waiting ??= new Set()).add(topic);
    const waiting = this.#producer.unassigned(topic, this.#codec(), style.eventTime, partitioner);
    const { builder } = waiting;
    const append = () => {
      const bytes = builder.bytes;
      if (builder.appendRun(batch, record, record + 1, style, key) === record) {
        if (!builder.oversize) throw new Error("BUG: a batch without limits is full");
        return false;
      }
      waiting.batch.carry(entry);
      waiting.seeds.push(seed);
      waiting.owners.push(entry);
      this.#producer.grewUnassigned(builder.bytes - bytes);
      return true;
    };
    if (!append()) this.#tooLong(topic, batch, record, builder.oversizeBytes, append);
  }
}
