import { ByteBudget } from "../../src/agent/budget.ts";
import type { Batch } from "../../src/core/batch.ts";
import { FieldLookup } from "../../src/core/envelope/field_lookup.ts";
import { makeEnvelope } from "../../src/core/envelope/make_envelope.ts";
import type { Clock } from "../../src/core/host.ts";
import type { KeyTable } from "../../src/core/keys.ts";
import type { LaneOutput } from "../../src/core/lane.ts";
import type { LedgerEntry } from "../../src/core/ledger.ts";
import type { Log, Metrics } from "../../src/core/telemetry.ts";
import { KafkaSink } from "../../src/flushers/kafka/kafka_sink.ts";
import { makePartitioner } from "../../src/flushers/kafka/partitioner.ts";
import { Producer } from "../../src/flushers/kafka/producer.ts";
import type { ProducerSettings } from "../../src/flushers/kafka/producer_settings.ts";
import { NO_HEADERS } from "../../src/flushers/kafka/record_builder.ts";
import type { SinkPlan } from "../../src/flushers/kafka/sink_plan.ts";
import { Sources } from "../../src/flushers/kafka/source_places.ts";
import { TopicTemplate } from "../../src/flushers/kafka/topic_template.ts";
import type { Dice } from "./model.ts";
import type { SimCluster } from "./sim_cluster.ts";
import { type Handed, type Order, SimReader } from "./sim_reader.ts";
import type { SimLane } from "./sim_lane.ts";
import { SimPort } from "./sim_port.ts";

/** What one life of the agent gives to its clients. */
export interface LifeParts {
  readonly clock: Clock;
  readonly keys: KeyTable;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly budget: ByteBudget;
  readonly wake: () => void;
}

/** Sizes and times of sending, so small that all boundaries are hit. */
export function someSettings(dice: Dice): ProducerSettings {
  return {
    acks: dice.chance(0.1) ? 1 : -1,
    brokerTimeoutMs: 1_000,
    inFlightMax: dice.pick([1, 2, 5, 5]),
    sealBytes: dice.pick([200, 1_000, 5_000, 64 * 1024]),
    recordsMax: dice.pick([1, 2, 5, 50]),
    lingerMs: dice.pick([0, 0, 0, 20, 500]),
    retryFirstMs: dice.pick([1, 50, 200]),
    retryMaxMs: 1_000,
    warnAfterRetries: 3,
    metadataRetryMs: 100,
    metadataRefreshMs: dice.pick([2_000, 600_000]),
  };
}

/** One Kafka client in one life of the agent: the real producer and sinks over the model broker. */
export class SimClient {
  readonly reader: SimReader;
  readonly #producer: Producer;
  readonly #port: SimPort;
  readonly #parts: LifeParts;
  readonly #sources = new Sources();
  readonly #plans: Map<string, SinkPlan> = new Map();
  readonly #outputs: Set<SimKafkaOutput> = new Set();
  readonly #isEarly: boolean;
  /** The most that one push has brought. */
  pushedBytesMax = 0;

  constructor(
    cluster: SimCluster,
    settings: ProducerSettings,
    parts: LifeParts,
    wrong: (text: string) => void,
    isEarly: boolean,
  ) {
    this.#parts = parts;
    this.#isEarly = isEarly;
    this.reader = new SimReader(cluster.name, settings.acks === -1, wrong, () => this.sweep());
    this.#port = new SimPort(cluster, this.reader);
    const { clock, log, metrics, budget } = parts;
    const random = () => cluster.dice.next();
    const services = { name: cluster.name, clock, random, log, metrics, budget: budget.holder(cluster.name) };
    this.#producer = new Producer(this.#port, settings, services);
    this.#producer.onRoom(parts.wake);
  }

  /** What a lane of the tail writes into. */
  output(pipeline: string, lane: SimLane, path: string, nowMs: () => number): SimKafkaOutput {
    const source = this.#sources.open(`${lane.source}:${path}`);
    const sink = new KafkaSink(
      this.#plan(pipeline),
      { counter: -1, key: null, codec: null },
      this.#producer,
      source,
    );
    const order = this.reader.order(lane, path);
    const output = new SimKafkaOutput(this, sink, lane, path, order, nowMs, this.#isEarly);
    this.#outputs.add(output);
    return output;
  }

  /** Looks which batches of the lanes were settled. */
  sweep(): void {
    for (const output of this.#outputs) if (output.sweep()) this.#outputs.delete(output);
  }

  drain(deadlineMs: number): Promise<void> {
    return this.#producer.drain(deadlineMs);
  }

  /** The process ends. */
  kill(): void {
    this.#port.close();
  }

  get used(): number {
    return this.#producer.services.budget.used;
  }

  get cap(): number {
    return this.#producer.services.budget.cap();
  }

  /** Bytes out; they count three times. */
  get outBytes(): number {
    return this.#port.outBytes;
  }

  #plan(pipeline: string): SinkPlan {
    const known = this.#plans.get(pipeline);
    if (known !== undefined) return known;
    const { keys } = this.#parts;
    const plan: SinkPlan = {
      topic: TopicTemplate.parse(pipeline) as TopicTemplate,
      fallbackTopic: null,
      style: {
        envelope: makeEnvelope({ protocol: "custom_single", keys }),
        headers: NO_HEADERS,
        eventTime: false,
        valueBytesMax: 1 << 20,
      },
      codecs: [],
      partitioner: makePartitioner("source", "node"),
      hashKeys: [],
      hashOnce: false,
      lookup: new FieldLookup(keys, {}),
      oversize: "split",
      splitKey: keys.permanent("_split_"),
    };
    this.#plans.set(pipeline, plan);
    return plan;
  }
}

interface Pushed {
  readonly entry: LedgerEntry;
  readonly handed: readonly Handed[];
}

/** The verifier between lane and sink: it numbers each record, and sees when its batch is settled. */
export class SimKafkaOutput implements LaneOutput {
  readonly #client: SimClient;
  readonly #sink: KafkaSink;
  readonly #lane: SimLane;
  readonly #session: Set<string>;
  readonly #path: string;
  readonly #order: Order;
  readonly #nowMs: () => number;
  readonly #isEarly: boolean;
  readonly #waiting: Pushed[] = [];
  #isClosed = false;

  constructor(
    client: SimClient,
    sink: KafkaSink,
    lane: SimLane,
    path: string,
    order: Order,
    nowMs: () => number,
    isEarly: boolean,
  ) {
    this.#client = client;
    this.#sink = sink;
    this.#lane = lane;
    this.#session = lane.session;
    this.#path = path;
    this.#order = order;
    this.#nowMs = nowMs;
    this.#isEarly = isEarly;
  }

  get client(): object {
    return this.#sink.client;
  }

  room(joining?: boolean): number {
    return this.#sink.room(joining);
  }

  push(batch: Batch, entry: LedgerEntry): void {
    const content = batch.keys.permanent("content");
    const number = batch.keys.permanent(NUMBER);
    const handed: Handed[] = [];
    for (let record = 0; record < batch.count; record++) {
      const text = batch.text(batch.find(record, content));
      const one = this.#order.hand(text, this.#lane.take(text, this.#path));
      handed.push(one);
      batch.appendText(record, number, String(one.number));
    }
    this.#lane.said(`    ${this.#lane.name} takes ${handed.length} of ${this.#path}: ${keysOf(handed)}`);
    const before = this.#client.used;
    this.#sink.write(batch, this.#isEarly ? FREE_ENTRY : entry);
    this.#client.pushedBytesMax = Math.max(this.#client.pushedBytesMax, this.#client.used - before);
    this.#waiting.push({ entry, handed });
  }

  caughtUp(): void {
    this.#sink.caughtUp();
  }

  close(): void {
    this.#isClosed = true;
    this.#sink.close();
  }

  /** Takes note of what was settled; true when nothing more will be. */
  sweep(): boolean {
    let count = 0;
    while (count < this.#waiting.length && this.#waiting[count].entry.settled) {
      for (const one of this.#waiting[count++].handed) this.#settled(one);
    }
    if (count > 0) this.#waiting.splice(0, count);
    return this.#isClosed && this.#waiting.length === 0;
  }

  #settled(one: Handed): void {
    if (one.key === null) return;
    if (!one.isThere && !one.isCut && !this.#isEarly) {
      this.#order.reader.wrong(`${this.#lane.name}: ${one.key} is settled and not in the log`);
    }
    // A record that no broker takes, which is said and counted.
    if (one.isCut) this.#lane.delivered.add(one.key);
    // A lane that was followed again since then knows nothing of what its forerunner still had in flight.
    if (this.#session === this.#lane.session) this.#lane.settledMs.set(one.key, this.#nowMs());
  }
}

/** The field with a record's number. */
export const NUMBER = "n";

/** A planted fault: nobody waits for the acknowledgement. */
const FREE_ENTRY = { hold: () => {}, settle: () => {} } as unknown as LedgerEntry;

function keysOf(handed: readonly Handed[]): string {
  return handed.map(({ number, key }) => `${key ?? "-"}#${number}`).join(" ");
}
