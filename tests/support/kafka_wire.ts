/**
 * A few requests of Kafka's protocol, spoken by hand over one plain TCP connection each: create and delete
 * topics, end offsets. Independent of the product's client and of kafkajs, on purpose.
 * Versions are the last ones before the flexible encoding; Kafka 4.x still answers them.
 * Source: the protocol guide of Apache Kafka, messages CreateTopics, DeleteTopics, ListOffsets, Metadata.
 */

const text = new TextEncoder();

/** Grows a request: big-endian integers, strings with a 16-bit length, arrays with a 32-bit count. */
class Writer {
  private bytes: number[] = [];
  int8(value: number): this {
    this.bytes.push(value & 255);
    return this;
  }
  int16(value: number): this {
    return this.int8(value >> 8).int8(value);
  }
  int32(value: number): this {
    return this.int16(value >> 16).int16(value);
  }
  int64(value: bigint): this {
    return this.int32(Number(BigInt.asIntN(32, value >> 32n))).int32(Number(BigInt.asIntN(32, value)));
  }
  string(value: string): this {
    const encoded = text.encode(value);
    this.int16(encoded.length);
    for (const byte of encoded) this.bytes.push(byte);
    return this;
  }
  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length);
    for (const item of items) write(item);
    return this;
  }
  finish(): Uint8Array {
    return Uint8Array.from(this.bytes);
  }
}

/** Reads an answer in the same encoding. */
class Reader {
  private view: DataView;
  private at = 0;
  constructor(private bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  int8(): number {
    return this.view.getInt8((this.at += 1) - 1);
  }
  int16(): number {
    return this.view.getInt16((this.at += 2) - 2);
  }
  int32(): number {
    return this.view.getInt32((this.at += 4) - 4);
  }
  int64(): bigint {
    return this.view.getBigInt64((this.at += 8) - 8);
  }
  string(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    return new TextDecoder().decode(this.bytes.subarray(this.at, this.at += length));
  }
  array<T>(read: () => T): T[] {
    return Array.from({ length: Math.max(0, this.int32()) }, read);
  }
}

async function readExactly(connection: Deno.Conn, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await connection.read(bytes.subarray(at));
    if (count === null) throw new Error("the broker closed the connection");
    at += count;
  }
  return bytes;
}

/** One request, one answer: length, apiKey, version, correlation id, client id, body; answer behind the id. */
async function call(bootstrap: string, apiKey: number, version: number, body: Writer): Promise<Reader> {
  const colon = bootstrap.lastIndexOf(":");
  const connection = await Deno.connect({
    hostname: bootstrap.slice(0, colon),
    port: Number(bootstrap.slice(colon + 1)),
  });
  const timer = setTimeout(() => connection.close(), 30_000);
  try {
    const head = new Writer().int16(apiKey).int16(version).int32(1).string("denotail-test").finish();
    const tail = body.finish();
    const length = new Writer().int32(head.length + tail.length).finish();
    const request = new Uint8Array([...length, ...head, ...tail]);
    for (let at = 0; at < request.length;) at += await connection.write(request.subarray(at));
    const size = new DataView((await readExactly(connection, 4)).buffer).getInt32(0);
    return new Reader((await readExactly(connection, size)).subarray(4));
  } finally {
    clearTimeout(timer);
    try {
      connection.close();
    } catch {
      // The timer was faster.
    }
  }
}

/** A number of the protocol's error table, as an exception. */
export class KafkaWireError extends Error {
  constructor(readonly code: number, what: string, detail: string | null) {
    super(`${what}: Kafka error ${code}${detail ? ` (${detail})` : ""}`);
  }
}

/** Creates one topic, by default with one copy of each partition. Throws {@linkcode KafkaWireError}; 36 = it exists already. */
export async function createTopic(
  bootstrap: string,
  topic: string,
  partitions: number,
  config: Record<string, string>,
  copies = 1,
): Promise<void> {
  const body = new Writer();
  body.array([topic], (name) => {
    body.string(name).int32(partitions).int16(copies).int32(0);
    body.array(Object.entries(config), ([key, value]) => body.string(key).string(value));
  }).int32(10_000).int8(0);
  const answer = await call(bootstrap, 19, 4, body);
  answer.int32();
  answer.array(() => {
    const name = answer.string();
    const code = answer.int16();
    const detail = answer.string();
    if (code !== 0) throw new KafkaWireError(code, `create topic '${name}'`, detail);
  });
}

/** Deletes one topic. Throws {@linkcode KafkaWireError}; 3 = there is no such topic. */
export async function deleteTopic(bootstrap: string, topic: string): Promise<void> {
  const body = new Writer();
  body.array([topic], (name) => body.string(name)).int32(10_000);
  const answer = await call(bootstrap, 20, 3, body);
  answer.int32();
  answer.array(() => {
    const name = answer.string();
    const code = answer.int16();
    if (code !== 0) throw new KafkaWireError(code, `delete topic '${name}'`, null);
  });
}

/** Gives a topic more partitions: so many in all. Throws {@linkcode KafkaWireError}. */
export async function addPartitions(bootstrap: string, topic: string, partitions: number): Promise<void> {
  const body = new Writer();
  body.array([topic], (name) => body.string(name).int32(partitions).int32(-1)).int32(10_000).int8(0);
  const answer = await call(bootstrap, 37, 0, body);
  answer.int32();
  answer.array(() => {
    const name = answer.string();
    const code = answer.int16();
    const detail = answer.string();
    if (code !== 0) throw new KafkaWireError(code, `add partitions to '${name}'`, detail);
  });
}

/** Node number of the leader of each partition, -1 where there is none. */
export async function topicLeaders(bootstrap: string, topic: string): Promise<number[]> {
  return (await metadata(bootstrap, [topic])).get(topic) ?? [];
}

/** What Metadata says of the topics (all of them without a list): name -> number of partitions with a leader. */
export async function topicPartitions(bootstrap: string, topics?: string[]): Promise<Map<string, number>> {
  const found = await metadata(bootstrap, topics);
  return new Map([...found].map(([name, leaders]) => [name, leaders.filter((leader) => leader >= 0).length]));
}

/** Topic -> leader of each partition. */
async function metadata(bootstrap: string, topics?: string[]): Promise<Map<string, number[]>> {
  const body = new Writer();
  if (topics === undefined) body.int32(-1);
  else body.array(topics, (name) => body.string(name));
  body.int8(0);
  const answer = await call(bootstrap, 3, 4, body);
  answer.int32();
  answer.array(() => [answer.int32(), answer.string(), answer.int32(), answer.string()]);
  answer.string();
  answer.int32();
  const found = new Map<string, number[]>();
  answer.array(() => {
    const code = answer.int16();
    const name = answer.string()!;
    answer.int8();
    const leaders: number[] = [];
    answer.array(() => {
      answer.int16();
      const id = answer.int32();
      leaders[id] = answer.int32();
      answer.array(() => answer.int32());
      answer.array(() => answer.int32());
    });
    if (code === 0) found.set(name, leaders);
  });
  return found;
}

/** The next offset of every partition of a topic, in partition order. */
export async function endOffsets(bootstrap: string, topic: string): Promise<number[]> {
  const partitions = (await topicPartitions(bootstrap, [topic])).get(topic) ?? 0;
  const body = new Writer().int32(-1);
  body.array([topic], (name) => {
    body.string(name);
    body.array([...Array(partitions).keys()], (partition) => body.int32(partition).int64(-1n));
  });
  const answer = await call(bootstrap, 2, 1, body);
  const ends: number[] = [];
  answer.array(() => {
    answer.string();
    answer.array(() => {
      const partition = answer.int32();
      const code = answer.int16();
      answer.int64();
      const offset = answer.int64();
      if (code !== 0) throw new KafkaWireError(code, `end offset of '${topic}' ${partition}`, null);
      ends[partition] = Number(offset);
    });
  });
  return ends;
}
