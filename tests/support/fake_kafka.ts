import zlib from "node:zlib";
import type { Codec } from "../../src/core/codec.ts";
import { RetriableError } from "../../src/core/errors.ts";
import type {
  ClusterInfo,
  KafkaCapabilities,
  KafkaPort,
  ProduceReply,
  ProduceRequest,
  ProducerIdentity,
} from "../../src/core/kafka_port.ts";
import { crc32c } from "../../src/base/crc32c.ts";
import { readRecord } from "../../src/flushers/kafka/record_batch.ts";

/** A request that waits for the fake cluster's answer. */
export interface HeldRequest {
  readonly node: number;
  readonly topic: string;
  readonly partition: number;
  readonly sequence: number;
  readonly epoch: number;
  readonly records: number;
  readonly bytes: number;
  /** Takes the batch as a broker would, with its checks of sequence and size, and answers. */
  accept(): void;
  /** Takes the batch, but the answer is lost with the connection. */
  acceptAndLose(): void;
  /** Refuses it with this code. */
  refuse(code: number): void;
  /** The connection broke before the batch arrived. */
  lose(): void;
}

interface Log {
  values: Uint8Array[];
  keys: (Uint8Array | null)[];
  timesMs: number[];
  /** Producer id -> epoch, next sequence, and the recent batches' first sequences. */
  producers: Map<bigint, { epoch: number; next: number; recent: string[] }>;
}

/**
 * A cluster in memory behind the producer's port. Brokers check what Kafka checks: checksum, sequences and epochs per
 * producer, batch size. With `auto` requests are accepted at once; else they wait in `held` for the test's decision.
 */
export class FakeKafka implements KafkaPort {
  readonly held: HeldRequest[] = [];
  readonly logs: Map<string, Log> = new Map();
  /** topic -> leader of each partition. */
  readonly topics: Map<string, number[]> = new Map();
  /** Codes instead of descriptions. */
  readonly topicCodes: Map<string, number> = new Map();
  /** Nodes that cannot be reached. */
  readonly down: Set<number> = new Set();
  auto = true;
  reachable = true;
  batchBytesMax = Infinity;
  idCode = 0;
  nextId = 100n;
  closed = 0;
  /** Topics of each question. */
  readonly asked: (readonly string[])[] = [];
  capabilities: KafkaCapabilities | null = null;

  /** The last question about topics was allowed to make them. */
  mayCreate: boolean | undefined;

  metadata(topics: readonly string[], mayCreate = true): Promise<ClusterInfo> {
    this.asked.push(topics);
    this.mayCreate = mayCreate;
    if (!this.reachable) return Promise.reject(new RetriableError("KAFKA_CONNECTION", "No broker answers"));
    this.capabilities = { produceVersion: 7 };
    return Promise.resolve({
      brokers: [],
      topics: topics.map((topic) => {
        const leaders = this.topics.get(topic);
        const code = this.topicCodes.get(topic) ?? (leaders === undefined ? 3 : 0);
        const partitions = code === 0 ? leaders!.map((leader, partition) => ({ partition, leader })) : [];
        return { topic, code, partitions };
      }),
    });
  }

  producerId(): Promise<ProducerIdentity> {
    if (!this.reachable) return Promise.reject(new RetriableError("KAFKA_CONNECTION", "No broker answers"));
    return Promise.resolve({ code: this.idCode, id: this.nextId++, epoch: 0 });
  }

  produce(request: ProduceRequest): Promise<ProduceReply> {
    return new Promise((resolve, reject) => {
      // The broker sees the bytes as they are when they are sent.
      const batch = request.buffer.slice(request.begin, request.end);
      const view = new DataView(batch.buffer);
      const lose = () => reject(new RetriableError("KAFKA_CONNECTION", "The connection failed"));
      const held: HeldRequest = {
        node: request.node,
        topic: request.topic,
        partition: request.partition,
        sequence: view.getInt32(53),
        epoch: view.getInt16(51),
        records: view.getInt32(57),
        bytes: batch.length,
        accept: () => resolve({ code: this.#append(request, batch), baseOffset: 0 }),
        acceptAndLose: () => {
          this.#append(request, batch);
          lose();
        },
        refuse: (code) => resolve({ code, baseOffset: -1 }),
        lose,
      };
      if (this.down.has(request.node)) lose();
      else if (this.auto) held.accept();
      else this.held.push(held);
    });
  }

  close(): void {
    this.closed++;
  }

  /** Answers everything that waits, until nothing more comes, in order. */
  take(): HeldRequest {
    const request = this.held.shift();
    if (request === undefined) throw new Error("no request waits");
    return request;
  }

  log(topic: string, partition: number): Log {
    const key = `${topic}/${partition}`;
    let log = this.logs.get(key);
    if (log === undefined) {
      this.logs.set(key, log = { values: [], keys: [], timesMs: [], producers: new Map() });
    }
    return log;
  }

  /** Values of a partition as text. */
  texts(topic: string, partition = 0): string[] {
    return this.log(topic, partition).values.map((value) => new TextDecoder().decode(value));
  }

  #append(request: ProduceRequest, batch: Uint8Array): number {
    const leader = this.topics.get(request.topic)?.[request.partition];
    if (leader === undefined) return 3;
    if (leader !== request.node) return 6;
    if (batch.length > this.batchBytesMax) return 10;
    const view = new DataView(batch.buffer);
    if (view.getUint32(17) !== crc32c(batch, 21, batch.length) || view.getInt32(8) !== batch.length - 12) {
      return 2;
    }
    const log = this.log(request.topic, request.partition);
    const code = this.#sequence(log, view);
    if (code === 0) appendRecords(log, batch, view);
    return code;
  }

  /** What ProducerStateManager of Kafka checks. */
  #sequence(log: Log, view: DataView): number {
    const id = view.getBigInt64(43),
      epoch = view.getInt16(51),
      sequence = view.getInt32(53),
      count = view.getInt32(57);
    if (id < 0n) return 0;
    const known = log.producers.get(id);
    if (known !== undefined) {
      if (epoch < known.epoch) return 47;
      if (epoch === known.epoch) {
        if (known.recent.includes(`${sequence}+${count}`)) return 46;
        if (sequence !== known.next) return 45;
      } else if (sequence !== 0) return 45;
    }
    const recent = known?.epoch === epoch ? known.recent : [];
    recent.push(`${sequence}+${count}`);
    log.producers.set(id, { epoch, next: (sequence + count) % 2 ** 31, recent: recent.slice(-5) });
    return 0;
  }
}

function appendRecords(log: Log, batch: Uint8Array, view: DataView): void {
  const packed = batch.subarray(61);
  const bytes = unpack(packed, view.getInt16(21) & 7);
  const base = Number(view.getBigInt64(27));
  let at = 0;
  for (let i = 0; i < view.getInt32(57); i++) {
    const record = readRecord(bytes, at);
    log.values.push(bytes.slice(record.valueBegin, record.valueEnd));
    log.keys.push(record.keyBegin < 0 ? null : bytes.slice(record.keyBegin, record.keyEnd));
    log.timesMs.push(base + record.timestampDelta);
    at = record.end;
  }
  if (at !== bytes.length) throw new Error("a batch holds more than its records");
}

function unpack(packed: Uint8Array, codec: number): Uint8Array {
  if (codec === 0) return packed;
  if (codec === 1) return new Uint8Array(zlib.gunzipSync(packed));
  if (codec === 4) return new Uint8Array(zlib.zstdDecompressSync(packed));
  throw new Error(`no codec ${codec}`);
}

/** gzip without pooling, for tests. */
export const testGzip: Codec = {
  name: "gzip",
  id: 1,
  level: 1,
  compress: (bytes, begin, end) => new Uint8Array(zlib.gzipSync(bytes.subarray(begin, end))),
  decompress: (bytes) => new Uint8Array(zlib.gunzipSync(bytes)),
};
