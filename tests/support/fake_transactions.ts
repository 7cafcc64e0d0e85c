import type {
  FetchReply,
  PartitionName,
  ProduceReply,
  ProduceRequest,
  ProducerIdentity,
  TransactionPort,
  TransactionWriter,
} from "../../src/core/kafka_port.ts";
import { PRODUCE_HEAD_BYTES } from "../../src/core/kafka_port.ts";
import { RetriableError } from "../../src/core/errors.ts";
import { BufferPool } from "../../src/flushers/kafka/buffer_pool.ts";
import {
  CONTROL_BIT,
  readRecord,
  stampBatch,
  TRANSACTIONAL_BIT,
} from "../../src/flushers/kafka/record_batch.ts";
import { RecordBuilder } from "../../src/flushers/kafka/record_builder.ts";
import { FakeKafka } from "./fake_kafka.ts";

const COORDINATOR = 9;

type Call = "coordinator" | "fence" | "add" | "end" | "fetch" | "setting";

interface Writer {
  id: bigint;
  epoch: number;
  added: Set<string>;
  isOpen: boolean;
  /** How the last one ended, for a commit that is asked for twice. */
  ended: "none" | "committed" | "aborted";
}

interface StoredBatch {
  readonly bytes: Uint8Array;
  readonly producer: bigint;
  state: "open" | "committed" | "aborted" | "plain" | "control";
}

/** A cluster in memory with a transaction coordinator that checks what Kafka's checks. */
export class FakeTransactions extends FakeKafka {
  readonly writers: Map<string, Writer> = new Map();
  readonly stored: Map<string, StoredBatch[]> = new Map();
  /** Codes that the next calls of a kind are answered with. */
  readonly refusals: [Call, number][] = [];
  /** The next commit is done, and its answer is lost. */
  losesEnd = false;
  /** The next commit does not arrive. */
  losesEndRequest = false;
  commits = 0;
  /** Of every topic. */
  cleanupPolicy = "compact";
  /** Every call, in order. */
  readonly calls: Call[] = [];

  readonly transactions: TransactionPort = {
    coordinator: () => {
      const code = this.#refusal("coordinator");
      return Promise.resolve({ code, node: COORDINATOR });
    },
    fence: (_node, name) => Promise.resolve(this.#fence(name)),
    addPartitions: (_node, writer, partitions) => Promise.resolve(this.#add(writer, partitions)),
    end: (_node, writer, commit) => this.#endAsked(writer, commit),
    topicSetting: () => Promise.resolve({ code: this.#refusal("setting"), value: this.cleanupPolicy }),
    firstOffset: () => Promise.resolve({ code: 0, offset: 0 }),
    fetch: (_node, at, offset) => Promise.resolve(this.#fetch(at, offset)),
  };

  override async produce(request: ProduceRequest): Promise<ProduceReply> {
    const batch = request.buffer.slice(request.begin, request.end);
    const view = new DataView(batch.buffer);
    const isTransactional = (view.getInt16(21) & TRANSACTIONAL_BIT) !== 0;
    const key = `${request.topic}/${request.partition}`;
    const producer = view.getBigInt64(43);
    const epoch = view.getInt16(51);
    if (isTransactional) {
      const writer = this.writers.get(request.transactionalId ?? "");
      if (writer === undefined || writer.id !== producer) return { code: 49, baseOffset: -1 };
      if (epoch !== writer.epoch) return { code: 47, baseOffset: -1 };
      if (!writer.added.has(key)) return { code: 48, baseOffset: -1 };
    }
    const reply = await super.produce(request);
    if (reply.code === 0) {
      // It may have been fenced while the request was held.
      const isStale = isTransactional && this.writers.get(request.transactionalId!)!.epoch !== epoch;
      this.#store(key, batch, producer, isStale ? "aborted" : isTransactional ? "open" : "plain");
    }
    return reply;
  }

  /** Values that a `read_committed` consumer sees, as text. */
  committed(topic: string, partition = 0): string[] {
    const values: string[] = [];
    for (const { bytes, state } of this.stored.get(`${topic}/${partition}`) ?? []) {
      if (state === "open") break;
      if (state !== "committed" && state !== "plain") continue;
      const count = new DataView(bytes.buffer).getInt32(57);
      for (let i = 0, at = 61; i < count; i++) {
        const record = readRecord(bytes, at);
        at = record.end;
        values.push(new TextDecoder().decode(bytes.subarray(record.valueBegin, record.valueEnd)));
      }
    }
    return values;
  }

  /** As the coordinator does when a transaction is open for too long. */
  timeOut(): void {
    for (const writer of this.writers.values()) {
      if (!writer.isOpen) continue;
      this.#decide(writer, "aborted");
      writer.epoch++;
    }
  }

  /** Another producer begins under every id. */
  fenceAll(): void {
    for (const name of this.writers.keys()) this.#fence(name);
  }

  #refusal(call: Call): number {
    this.calls.push(call);
    const at = this.refusals.findIndex(([kind]) => kind === call);
    return at < 0 ? 0 : this.refusals.splice(at, 1)[0][1];
  }

  #fence(name: string): ProducerIdentity {
    const code = this.#refusal("fence");
    if (code !== 0) return { code, id: -1n, epoch: -1 };
    const writer = this.writers.get(name) ??
      { id: this.nextId++, epoch: -1, added: new Set(), isOpen: false, ended: "none" };
    this.writers.set(name, writer);
    if (writer.isOpen) this.#decide(writer, "aborted");
    writer.epoch++;
    writer.ended = "none";
    return { code: 0, id: writer.id, epoch: writer.epoch };
  }

  #check(asked: TransactionWriter): Writer | number {
    const writer = this.writers.get(asked.transactionalId);
    if (writer === undefined || writer.id !== asked.id) return 49;
    return writer.epoch === asked.epoch ? writer : 47;
  }

  #add(asked: TransactionWriter, partitions: readonly PartitionName[]): number[] {
    const code = this.#refusal("add");
    const writer = this.#check(asked);
    if (code !== 0 || typeof writer === "number") return partitions.map(() => code || writer as number);
    writer.isOpen = true;
    for (const { topic, partition } of partitions) writer.added.add(`${topic}/${partition}`);
    return partitions.map(() => 0);
  }

  #endAsked(asked: TransactionWriter, commit: boolean): Promise<number> {
    const code = this.#refusal("end");
    if (code !== 0) return Promise.resolve(code);
    const lost = new RetriableError("KAFKA_CONNECTION", "The connection failed");
    if (this.losesEndRequest) {
      this.losesEndRequest = false;
      return Promise.reject(lost);
    }
    const writer = this.#check(asked);
    if (typeof writer === "number") return Promise.resolve(writer);
    const wanted = commit ? "committed" : "aborted";
    if (!writer.isOpen) return Promise.resolve(writer.ended === wanted ? 0 : 48);
    this.#decide(writer, wanted);
    if (commit) this.commits++;
    if (!this.losesEnd) return Promise.resolve(0);
    this.losesEnd = false;
    return Promise.reject(lost);
  }

  #decide(writer: Writer, state: "committed" | "aborted"): void {
    for (const key of writer.added) {
      for (const batch of this.stored.get(key) ?? []) {
        if (batch.state === "open" && batch.producer === writer.id) batch.state = state;
      }
      this.#store(key, controlBatch(writer, state === "committed" ? 1 : 0), writer.id, "control");
    }
    writer.added.clear();
    writer.isOpen = false;
    writer.ended = state;
  }

  #store(key: string, bytes: Uint8Array, producer: bigint, state: StoredBatch["state"]): void {
    const log = this.stored.get(key) ?? [];
    this.stored.set(key, log);
    const last = log.at(-1)?.bytes;
    const end = last === undefined ? 0 : endOf(last);
    new DataView(bytes.buffer, bytes.byteOffset).setBigInt64(0, BigInt(end));
    log.push({ bytes, producer, state });
  }

  #fetch({ topic, partition }: PartitionName, offset: number): FetchReply {
    const code = this.#refusal("fetch");
    const log = this.stored.get(`${topic}/${partition}`) ?? [];
    const highWatermark = log.length === 0 ? 0 : endOf(log.at(-1)!.bytes);
    // One batch for each answer: the reader has to ask again.
    const next = log.find(({ bytes }) => endOf(bytes) > offset);
    return { code, highWatermark, batches: next?.bytes ?? new Uint8Array(0) };
  }
}

function endOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Number(view.getBigInt64(0)) + view.getInt32(23) + 1;
}

function controlBatch({ id, epoch }: Writer, type: number): Uint8Array {
  const builder = new RecordBuilder(new BufferPool(), { sealBytes: 1000, recordsMax: 1 });
  builder.appendPlain(Uint8Array.of(0, 0, 0, type), new Uint8Array(6));
  const head = {
    records: 1,
    baseTimeMs: 0,
    maxTimeMs: 0,
    producerId: id,
    producerEpoch: epoch,
    baseSequence: -1,
  };
  stampBatch(builder.buffer, PRODUCE_HEAD_BYTES, builder.at, {
    ...head,
    codec: CONTROL_BIT,
    transactional: true,
  });
  return builder.buffer.slice(PRODUCE_HEAD_BYTES, builder.at);
}
