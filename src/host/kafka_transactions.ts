import { Buffer } from "node:buffer";
import { PermanentError } from "../core/errors.ts";
import type {
  FetchReply,
  PartitionName,
  ProducerIdentity,
  TransactionPort,
  TransactionWriter,
} from "../core/kafka_port.ts";
import type { LinkAnswer } from "./kafka_link.ts";
import { decodeInitProducerId, INIT_PRODUCER_ID, Reader } from "./kafka_messages.ts";

/** A request other than Produce, in the one version that is spoken. */
export interface SmallRequest {
  readonly key: number;
  readonly name: string;
  readonly newest: number;
}

/*
 * Versions that Kafka 0.11 to 4.x answer, the last ones without the flexible encoding or older (protocol guide). In these
 * versions the producer names the partitions of a transaction itself, before it writes there.
 */
const LIST_OFFSETS: SmallRequest = { key: 2, name: "ListOffsets", newest: 1 };
const FETCH: SmallRequest = { key: 1, name: "Fetch", newest: 4 };
const FIND_COORDINATOR: SmallRequest = { key: 10, name: "FindCoordinator", newest: 1 };
const ADD_PARTITIONS: SmallRequest = { key: 24, name: "AddPartitionsToTxn", newest: 0 };
const END_TXN: SmallRequest = { key: 26, name: "EndTxn", newest: 0 };
/** Kafka 1.1 to 4.x. */
const DESCRIBE_CONFIGS: SmallRequest = { key: 32, name: "DescribeConfigs", newest: 1 };
/** What DescribeConfigs calls a topic. */
const TOPIC_RESOURCE = 2;

/** What one answer of Fetch may bring; a single larger batch comes all the same. */
const FETCH_BYTES_MAX = 1024 * 1024;

/** How requests reach brokers. */
export interface Asking {
  any(api: SmallRequest, body: Uint8Array): Promise<LinkAnswer>;
  node(node: number, api: SmallRequest, body: Uint8Array): Promise<LinkAnswer>;
}

/** See {@linkcode TransactionPort}. */
export class HostTransactions implements TransactionPort {
  readonly #ask: Asking;

  constructor(ask: Asking) {
    this.#ask = ask;
  }

  /** FindCoordinator 1: key, type 1 (transaction). -> throttle 4 | code 2 | message? | node 4, host, port 4. */
  async coordinator(transactionalId: string): Promise<{ code: number; node: number }> {
    const body = new Writer().string(transactionalId).int8(1).done();
    const reader = new Reader((await this.#ask.any(FIND_COORDINATOR, body)).payload);
    reader.int32();
    const code = reader.int16();
    reader.string();
    return { code, node: reader.int32() };
  }

  /** InitProducerId 0: transactionalId, transactionTimeout 4. */
  async fence(node: number, transactionalId: string, timeoutMs: number): Promise<ProducerIdentity> {
    const body = new Writer().string(transactionalId).int32(timeoutMs).done();
    return decodeInitProducerId((await this.#ask.node(node, INIT_PRODUCER_ID, body)).payload);
  }

  /**
   * AddPartitionsToTxn 0: transactionalId, id 8, epoch 2, topics [name, partitions [4]].
   * -> throttle 4 | topics [name, partitions [partition 4, code 2]].
   */
  async addPartitions(
    node: number,
    writer: TransactionWriter,
    partitions: readonly PartitionName[],
  ): Promise<readonly number[]> {
    const byTopic = Map.groupBy(partitions, ({ topic }) => topic);
    const body = writerHead(writer);
    body.array([...byTopic], ([topic, names]) => {
      body.string(topic).array(names, ({ partition }) => body.int32(partition));
    });
    const reader = new Reader((await this.#ask.node(node, ADD_PARTITIONS, body.done())).payload);
    reader.int32();
    const codes = new Map<string, number>();
    reader.array(() => {
      const topic = reader.string();
      reader.array(() => codes.set(`${topic}/${reader.int32()}`, reader.int16()));
    });
    return partitions.map(({ topic, partition }) => codes.get(`${topic}/${partition}`) ?? -1);
  }

  /** EndTxn 0: transactionalId, id 8, epoch 2, commit 1. -> throttle 4 | code 2. */
  async end(node: number, writer: TransactionWriter, commit: boolean): Promise<number> {
    const body = writerHead(writer).int8(commit ? 1 : 0).done();
    const reader = new Reader((await this.#ask.node(node, END_TXN, body)).payload);
    reader.int32();
    return reader.int16();
  }

  /** DescribeConfigs 1: resources [type 1, name, settings? [name]], synonyms 1. See {@linkcode decodeTopicSetting}. */
  async topicSetting(
    node: number,
    topic: string,
    name: string,
  ): Promise<{ code: number; value: string | null }> {
    const body = new Writer();
    body.array(
      [topic],
      () => body.int8(TOPIC_RESOURCE).string(topic).array([name], (one) => body.string(one)),
    );
    const answer = await this.#ask.node(node, DESCRIBE_CONFIGS, body.int8(0).done());
    return decodeTopicSetting(answer.payload, name);
  }

  /**
   * ListOffsets 1: replica -1, topics [name, partitions [partition 4, time 8 (-2: the first)]].
   * -> topics [name, partitions [partition 4, code 2, time 8, offset 8]].
   */
  async firstOffset(node: number, at: PartitionName): Promise<{ code: number; offset: number }> {
    const body = new Writer().int32(-1);
    body.array([at], ({ topic, partition }) => {
      body.string(topic).array([partition], (id) => body.int32(id).int64(-2n));
    });
    const reader = new Reader((await this.#ask.node(node, LIST_OFFSETS, body.done())).payload);
    let first = { code: -1, offset: -1 };
    reader.array(() => {
      reader.string();
      reader.array(() => {
        reader.int32();
        const code = reader.int16();
        reader.int64();
        first = { code, offset: Number(reader.int64()) };
      });
    });
    return first;
  }

  /**
   * Fetch 4: replica -1, wait 4, least 4, most 4, isolation 1 (0: everything), topics [name, partitions [partition 4,
   * offset 8, most 4]]. -> throttle 4 | topics [name, partitions [partition 4, code 2, high watermark 8, last stable 8,
   * aborted [id 8, first 8], record bytes]].
   */
  async fetch(node: number, at: PartitionName, offset: number): Promise<FetchReply> {
    const body = new Writer().int32(-1).int32(0).int32(0).int32(FETCH_BYTES_MAX).int8(0);
    body.array([at], ({ topic, partition }) => {
      body.string(topic).array([partition], (id) => {
        body.int32(id).int64(BigInt(offset)).int32(FETCH_BYTES_MAX);
      });
    });
    const reader = new Reader((await this.#ask.node(node, FETCH, body.done())).payload);
    reader.int32();
    let reply: FetchReply = { code: -1, highWatermark: -1, batches: new Uint8Array(0) };
    reader.array(() => {
      reader.string();
      reader.array(() => {
        reader.int32();
        const code = reader.int16();
        const highWatermark = Number(reader.int64());
        reader.int64();
        reader.array(() => [reader.int64(), reader.int64()]);
        reply = { code, highWatermark, batches: reader.bytes() };
      });
    });
    return reply;
  }
}

/*
 * DescribeConfigs 1: throttle 4 | resources [code 2, message?, type 1, name, settings [name, value?, read-only 1, source 1,
 *   sensitive 1, synonyms [name, value?, source 1]]]
 */
export function decodeTopicSetting(
  payload: Uint8Array,
  name: string,
): { code: number; value: string | null } {
  const reader = new Reader(payload);
  reader.int32();
  const found: { code: number; value: string | null } = { code: -1, value: null };
  reader.array(() => {
    found.code = reader.int16();
    reader.string();
    reader.int8();
    reader.string();
    reader.array(() => {
      const isAsked = reader.string() === name;
      const value = reader.string();
      if (isAsked) found.value = value;
      reader.int8();
      reader.int8();
      reader.int8();
      reader.array(() => [reader.string(), reader.string(), reader.int8()]);
    });
  });
  return found;
}

/** Says what a broker's list of requests lacks. */
export function notOffered(broker: string, api: SmallRequest): PermanentError {
  return new PermanentError(
    "KAFKA_NO_TRANSACTIONS",
    `The broker '${broker}' knows no transactions: it has no ${api.name} in version ${api.newest}`,
  );
}

function writerHead({ transactionalId, id, epoch }: TransactionWriter): Writer {
  return new Writer().string(transactionalId).int64(id).int16(epoch);
}

/** Big-endian numbers one after the other. For small requests. */
class Writer {
  #bytes = Buffer.alloc(256);
  #at = 0;

  int8(value: number): this {
    this.#at = this.#room(1).writeInt8(value, this.#at);
    return this;
  }

  int16(value: number): this {
    this.#at = this.#room(2).writeInt16BE(value, this.#at);
    return this;
  }

  int32(value: number): this {
    this.#at = this.#room(4).writeInt32BE(value, this.#at);
    return this;
  }

  int64(value: bigint): this {
    this.#at = this.#room(8).writeBigInt64BE(value, this.#at);
    return this;
  }

  string(value: string): this {
    const bytes = Buffer.from(value);
    this.int16(bytes.length);
    bytes.copy(this.#room(bytes.length), this.#at);
    this.#at += bytes.length;
    return this;
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }

  done(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  #room(bytes: number): Buffer {
    if (this.#at + bytes > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], 2 * this.#bytes.length + bytes);
    }
    return this.#bytes;
  }
}
