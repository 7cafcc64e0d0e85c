import { Buffer } from "node:buffer";
import {
  type ClusterInfo,
  PRODUCE_HEAD_BYTES,
  type ProduceReply,
  type ProduceRequest,
  type ProducerIdentity,
} from "../core/kafka_port.ts";

/**
 * The three requests of a producer, in versions that Kafka 0.11 to 4.x answer (protocol guide; numbers big-endian,
 * strings with a 16-bit length, arrays with a 32-bit count). A request's head, version 1:
 *
 *   size 4 | apiKey 2 | apiVersion 2 | correlationId 4 | clientId string
 */
export const PRODUCE = { key: 0, name: "Produce", oldest: 3, newest: 7 };
export const METADATA = { key: 3, name: "Metadata", oldest: 4, newest: 4 };
export const INIT_PRODUCER_ID = { key: 22, name: "InitProducerId", oldest: 0, newest: 0 };

/** What Metadata tells, with addresses in two parts. */
export interface DescribedCluster extends ClusterInfo {
  readonly brokers: readonly {
    readonly node: number;
    readonly address: string;
    readonly host: string;
    readonly port: number;
  }[];
  readonly throttleMs: number;
}

/** Metadata 4: topics array (string), allowAutoTopicCreation 1. An empty array asks for brokers only. */
export function encodeMetadata(topics: readonly string[], mayCreate = true): Uint8Array {
  const names = topics.map((topic) => Buffer.from(topic));
  const body = Buffer.alloc(5 + names.reduce((sum, name) => sum + 2 + name.length, 0));
  let at = body.writeInt32BE(names.length, 0);
  for (const name of names) {
    at = body.writeInt16BE(name.length, at);
    at += name.copy(body, at);
  }
  body.writeInt8(mayCreate ? 1 : 0, at);
  return body;
}

/** Each one below the highest number costs state: a damaged or hostile answer must not make millions. */
const PARTITIONS_MAX = 100_000;

/*
 * Metadata 4: throttle 4 | brokers [node 4, host, port 4, rack?] | clusterId? | controller 4
 *   | topics [code 2, name, internal 1, partitions [code 2, id 4, leader 4, replicas [4], inSync [4]]]
 */
export function decodeMetadata(payload: Uint8Array): DescribedCluster {
  const reader = new Reader(payload);
  const throttleMs = reader.int32();
  const brokers = reader.array(() => {
    const node = reader.int32();
    const host = reader.string() ?? "";
    const port = reader.int32();
    reader.string();
    return { node, host, port, address: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}` };
  });
  reader.string();
  reader.int32();
  const topics = reader.array(() => {
    const code = reader.int16();
    const topic = reader.string() ?? "";
    reader.int8();
    const partitions = reader.array(() => {
      reader.int16();
      const partition = reader.int32();
      if (partition < 0 || partition >= PARTITIONS_MAX) {
        throw new RangeError(`A broker names the partition '${partition}' of the topic '${topic}'`);
      }
      const leader = reader.int32();
      reader.array(() => reader.int32());
      reader.array(() => reader.int32());
      return { partition, leader };
    });
    return { topic, code, partitions };
  });
  return { brokers, topics, throttleMs };
}

/** InitProducerId 0: transactionalId? (none), transactionTimeout 4. */
export function encodeInitProducerId(): Uint8Array {
  const body = Buffer.alloc(6);
  body.writeInt16BE(-1, 0);
  body.writeInt32BE(60_000, 2);
  return body;
}

/** InitProducerId 0: throttle 4 | code 2 | id 8 | epoch 2. */
export function decodeInitProducerId(payload: Uint8Array): ProducerIdentity {
  const reader = new Reader(payload);
  reader.int32();
  return { code: reader.int16(), id: reader.int64(), epoch: reader.int16() };
}

/** A whole frame from head and body. */
export function encodeFrame(
  apiKey: number,
  version: number,
  correlationId: number,
  clientId: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  const out = Buffer.alloc(14 + clientId.length + body.length);
  let at = out.writeInt32BE(out.length - 4, 0);
  at = out.writeInt16BE(apiKey, at);
  at = out.writeInt16BE(version, at);
  at = out.writeInt32BE(correlationId, at);
  at = out.writeInt16BE(clientId.length, at);
  out.set(clientId, at);
  out.set(body, at + clientId.length);
  return out;
}

/**
 * Writes head and body of a Produce request into the room in front of the batch, so that the whole request is one
 * buffer; returns it.
 *
 *   head | transactionalId? | acks 2 | timeout 4 | 1 topic: name | 1 partition: id 4, bytes 4, the batch
 */
export function encodeProduce(
  request: ProduceRequest,
  version: number,
  correlationId: number,
  clientId: Uint8Array,
): Uint8Array {
  const { buffer, begin, end, topic, transactionalId } = request;
  // Topic names are ASCII, checked at load, and transactional ids are made of ASCII.
  const headBytes = 14 + clientId.length + 26 + topic.length + (transactionalId?.length ?? 0);
  if (headBytes > PRODUCE_HEAD_BYTES) {
    throw new Error("BUG: a Produce request's head is longer than its room");
  }
  const start = begin - headBytes;
  const out = Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start);
  let at = out.writeInt32BE(end - start - 4, 0);
  at = out.writeInt16BE(PRODUCE.key, at);
  at = out.writeInt16BE(version, at);
  at = out.writeInt32BE(correlationId, at);
  at = out.writeInt16BE(clientId.length, at);
  out.set(clientId, at);
  at = out.writeInt16BE(transactionalId?.length ?? -1, at + clientId.length);
  if (transactionalId !== undefined) at += out.write(transactionalId, at, "latin1");
  at = out.writeInt16BE(request.acks, at);
  at = out.writeInt32BE(request.timeoutMs, at);
  at = out.writeInt32BE(1, at);
  at = out.writeInt16BE(topic.length, at);
  at += out.write(topic, at, "latin1");
  at = out.writeInt32BE(1, at);
  at = out.writeInt32BE(request.partition, at);
  at = out.writeInt32BE(end - begin, at);
  if (at !== headBytes) throw new Error("BUG: a Produce request's head is not as long as computed");
  return out;
}

/*
 * Produce 3 to 7: topics [name, partitions [id 4, code 2, baseOffset 8, logAppendTime 8, (5 and newer: logStart 8)]]
 *   | throttle 4
 */
export function decodeProduce(payload: Uint8Array, version: number): ProduceReply & { throttleMs: number } {
  const reader = new Reader(payload);
  let reply: ProduceReply = { code: -1, baseOffset: -1 };
  reader.array(() => {
    reader.string();
    reader.array(() => {
      reader.int32();
      reply = { code: reader.int16(), baseOffset: Number(reader.int64()) };
      reader.int64();
      if (version >= 5) reader.int64();
    });
  });
  return { ...reply, throttleMs: reader.int32() };
}

/** Big-endian numbers one after the other; a RangeError behind the end. */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  int8(): number {
    return this.#view.getInt8(this.#at++);
  }

  int16(): number {
    this.#at += 2;
    return this.#view.getInt16(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#view.getInt32(this.#at - 4);
  }

  int64(): bigint {
    this.#at += 8;
    return this.#view.getBigInt64(this.#at - 8);
  }

  string(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    this.#at += length;
    return decoder.decode(this.#bytes.subarray(this.#at - length, this.#at));
  }

  /** Bytes with a 32-bit length; what is cut off is missing. */
  bytes(): Uint8Array {
    const length = Math.max(0, this.int32());
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  array<T>(item: () => T): T[] {
    const count = this.int32();
    const items: T[] = [];
    for (let i = 0; i < count; i++) items.push(item());
    return items;
  }
}

const decoder = new TextDecoder();
