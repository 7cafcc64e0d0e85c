import { crc32c } from "../../src/base/crc32c.ts";
import { RetriableError } from "../../src/core/errors.ts";
import type {
  ClusterInfo,
  KafkaCapabilities,
  KafkaPort,
  ProduceReply,
  ProduceRequest,
  ProducerIdentity,
} from "../../src/core/kafka_port.ts";
import type { Receiver, SimCluster } from "./sim_cluster.ts";

/** A client that gets no answer for this long gives the connection up. */
const ANSWER_MS_MAX = 2_000;

/**
 * A promise that calls back at once when it is settled. The answers of the model broker come from timers, never inside a
 * call, so the order is that of real promises; and time need not stop for each of them.
 */
class Later<T> {
  #ok: (value: T) => void = () => {};
  #fail: (error: unknown) => void = () => {};

  then(ok: (value: T) => void, fail: (error: unknown) => void): void {
    this.#ok = ok;
    this.#fail = fail;
  }

  resolve(value: T): void {
    this.#ok(value);
  }

  reject(text: string): void {
    this.#fail(new RetriableError("KAFKA_CONNECTION", text));
  }
}

/** A produce request on its way. */
interface Wire {
  readonly request: ProduceRequest;
  readonly later: Later<ProduceReply>;
  /** Checksum of the bytes as they were when they went out. */
  readonly sum: number;
}

/** One connection: requests are processed one after another, in the order of the calls. */
interface Connection {
  readonly node: number;
  /** Sent and not answered; the broker is at the first one. */
  wires: Wire[];
  isBusy: boolean;
  isCut: boolean;
}

/** Why a producer may begin a partition's sequences anew, told to whoever checks that it does not do so otherwise. */
export interface Answers {
  /** `records`: how many the batch has. */
  answered(topic: string, partition: number, code: number, batch: Uint8Array): void;
  /** Something is amiss with what the client does. */
  wrong(text: string): void;
  /** An answer was taken in. */
  settled(): void;
}

/** The connections of one life of one client to the model broker. */
export class SimPort implements KafkaPort {
  capabilities: KafkaCapabilities | null = null;
  /** Bytes of requests without an answer. */
  outBytes = 0;
  readonly #cluster: SimCluster;
  readonly #receiver: Receiver & Answers;
  readonly #connections: Map<number, Connection> = new Map();
  #isDead = false;

  constructor(cluster: SimCluster, receiver: Receiver & Answers) {
    this.#cluster = cluster;
    this.#receiver = receiver;
  }

  metadata(topics: readonly string[]): Promise<ClusterInfo> {
    const { leaders, weather } = this.#cluster;
    return this.#soon((later) => {
      if (weather.isDown) return later.reject("No broker answers");
      this.capabilities = { produceVersion: 9 };
      later.resolve({
        brokers: [],
        topics: topics.map((topic) => ({
          topic,
          code: weather.topicCode,
          partitions: weather.topicCode !== 0
            ? []
            : leaders.map((_, partition) => ({ partition, leader: this.#cluster.leaders[partition] })),
        })),
      });
    });
  }

  producerId(): Promise<ProducerIdentity> {
    return this.#soon((later) => {
      const { idCode: code, isDown } = this.#cluster.weather;
      if (isDown) return later.reject("No broker answers");
      later.resolve({ code, id: code === 0 ? this.#cluster.newId() : -1n, epoch: code === 0 ? 0 : -1 });
    });
  }

  produce(request: ProduceRequest): Promise<ProduceReply> {
    const later = new Later<ProduceReply>();
    const wire = { request, later, sum: crc32c(request.buffer, request.begin, request.end) };
    const connection = this.#connection(request.node);
    connection.wires.push(wire);
    this.outBytes += request.end - request.begin;
    this.#process(connection);
    return later as unknown as Promise<ProduceReply>;
  }

  /** As when the process ends: what the brokers have got already they still take. */
  close(): void {
    this.#isDead = true;
    for (const connection of this.#connections.values()) this.#cut(connection, "closed");
  }

  #soon<T>(answer: (later: Later<T>) => void): Promise<T> {
    const later = new Later<T>();
    this.#after(this.#delayMs(), () => {
      if (this.#isDead) return;
      answer(later);
      this.#receiver.settled();
    });
    return later as unknown as Promise<T>;
  }

  #after(delayMs: number, job: () => void): void {
    this.#cluster.clock.after(delayMs, job);
  }

  #delayMs(): number {
    const { dice, weather } = this.#cluster;
    return dice.below(weather.delayMsMax);
  }

  #connection(node: number): Connection {
    let connection = this.#connections.get(node);
    if (connection === undefined) {
      connection = { node, wires: [], isBusy: false, isCut: false };
      this.#connections.set(node, connection);
    }
    return connection;
  }

  /** The broker begins with the next request of a connection. */
  #process(connection: Connection): void {
    if (connection.isBusy || connection.isCut || connection.wires.length === 0) return;
    connection.isBusy = true;
    const { dice, weather } = this.#cluster;
    const wire = connection.wires[0];
    const fate = weather.isDown ? { kind: "cut" as const, appended: false } : weather.fate(dice);
    this.#after(this.#delayMs(), () => {
      if (connection.isCut) return;
      if (fate.kind === "silent") {
        // The client waits in vain; whether the broker has got it shows when the connection is given up.
        return this.#after(ANSWER_MS_MAX, () => this.#cut(connection, "no answer in time", fate.appended));
      }
      const batch = this.#bytesOf(wire);
      let code = 0;
      if (fate.kind === "accept" || fate.appended) code = this.#append(wire.request, batch);
      if (fate.kind === "cut") return this.#cut(connection, "reset", false, true);
      if (fate.kind === "refuse" && (code === 0 || !fate.appended)) code = fate.code;
      this.#after(this.#delayMs(), () => this.#answer(connection, wire, code, batch));
    });
  }

  #answer(connection: Connection, wire: Wire, code: number, batch: Uint8Array): void {
    if (connection.isCut) return;
    connection.isBusy = false;
    connection.wires.shift();
    this.#land(wire);
    const { topic, partition } = wire.request;
    const [id, epoch, sequence, records] = identityOf(batch);
    this.#cluster.said(
      `    ${this.#cluster.name} ${topic}/${partition}: ${id}/${epoch} ${sequence}+${records} is answered ${code}`,
    );
    this.#receiver.answered(topic, partition, code, batch);
    wire.later.resolve({ code, baseOffset: -1 });
    this.#receiver.settled();
    this.#process(connection);
  }

  #append(request: ProduceRequest, batch: Uint8Array): number {
    return this.#cluster.append(request.node, request.topic, request.partition, batch, this.#receiver);
  }

  /**
   * The connection ends, and everything that was out with it fails at once. What the broker has read of it it still
   * takes, one after the other, whatever the client does meanwhile: `first` says so of the first request for certain.
   */
  #cut(connection: Connection, why: string, first = false, isPast = false): void {
    if (connection.isCut) return;
    connection.isCut = true;
    this.#connections.delete(connection.node);
    const { dice, clock } = this.#cluster;
    const wires = connection.wires;
    connection.wires = [];
    const left = isPast ? wires.slice(1) : wires;
    const count = first ? 1 + dice.below(left.length) : dice.chance(0.3) ? dice.below(left.length + 1) : 0;
    const late = left.slice(0, count).map((wire) => ({ request: wire.request, batch: this.#bytesOf(wire) }));
    if (late.length > 0) this.#cluster.said(`    ${this.#cluster.name} takes ${late.length} late`);
    const takeNext = () => {
      const next = late.shift();
      if (next === undefined) return;
      this.#append(next.request, next.batch);
      clock.after(dice.below(300), takeNext);
    };
    clock.after(dice.below(300), takeNext);
    for (const wire of wires) this.#land(wire);
    if (this.#isDead) return;
    for (const wire of wires) wire.later.reject(`The connection failed: ${why}`);
    this.#receiver.settled();
  }

  #bytesOf({ request, sum }: Wire): Uint8Array {
    const batch = request.buffer.slice(request.begin, request.end);
    if (crc32c(batch, 0, batch.length) !== sum) {
      this.#receiver.wrong(
        `${request.topic}/${request.partition}: bytes of a request changed while it was out`,
      );
    }
    return batch;
  }

  #land(wire: Wire): void {
    this.outBytes -= wire.request.end - wire.request.begin;
    if (!this.#isDead) this.#bytesOf(wire);
  }
}

/** Producer id, epoch, first sequence and record count of a batch. */
export function identityOf(batch: Uint8Array): [bigint, number, number, number] {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
  return [view.getBigInt64(43), view.getInt16(51), view.getInt32(53), view.getInt32(57)];
}
