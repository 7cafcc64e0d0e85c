import assert from "node:assert/strict";
import { PRODUCE_HEAD_BYTES } from "../../src/core/kafka_port.ts";
import {
  decodeInitProducerId,
  decodeMetadata,
  decodeProduce,
  encodeMetadata,
  encodeProduce,
} from "../../src/host/kafka_messages.ts";

/** Bytes from numbers and texts: `n2(5)` is 5 in two bytes, a text goes in with its length in two. */
const bytes = (...parts: (number[] | string)[]) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "string" ? [...n(2, part.length), ...new TextEncoder().encode(part)] : part
    ),
  );
const n = (size: number, value: number) =>
  Array.from(
    { length: size },
    (_, i) => Number(BigInt.asUintN(8, BigInt(value) >> BigInt(8 * (size - 1 - i)))),
  );

Deno.test("encodeProduce writes the documented head in front of the batch, in the same buffer", () => {
  const buffer = new Uint8Array(PRODUCE_HEAD_BYTES + 3);
  buffer.set([7, 8, 9], PRODUCE_HEAD_BYTES);
  const request = {
    node: 1,
    topic: "logs",
    partition: 6,
    acks: -1,
    timeoutMs: 1500,
    buffer,
    begin: PRODUCE_HEAD_BYTES,
    end: buffer.length,
  };
  const frame = encodeProduce(request, 7, 42, new TextEncoder().encode("me"));
  const rest = bytes(
    n(2, 0),
    n(2, 7),
    n(4, 42),
    "me",
    n(2, -1),
    n(2, -1),
    n(4, 1500),
    n(4, 1),
    "logs",
    n(4, 1),
    n(4, 6),
    n(4, 3),
    [7, 8, 9],
  );
  assert.deepEqual([...frame], [...n(4, rest.length), ...rest]);
  assert.equal(frame.buffer, buffer.buffer);
});

Deno.test("encodeProduce fits its room when client id and topic are as long as they may be", () => {
  const buffer = new Uint8Array(PRODUCE_HEAD_BYTES + 1);
  const request = {
    node: 1,
    topic: "t".repeat(249),
    partition: 1,
    acks: 1,
    timeoutMs: 1,
    buffer,
    begin: PRODUCE_HEAD_BYTES,
    end: buffer.length,
  };
  assert.doesNotThrow(() => encodeProduce(request, 3, 1, new Uint8Array(200)));
});

Deno.test("decodeProduce reads code and offset when the version is old or new", () => {
  for (const version of [3, 7]) {
    const start = version >= 5 ? n(8, 0) : [];
    const answer = bytes(n(4, 1), "logs", n(4, 1), n(4, 6), n(2, 45), n(8, 1234), n(8, -1), start, n(4, 250));
    assert.deepEqual(decodeProduce(answer, version), { code: 45, baseOffset: 1234, throttleMs: 250 });
  }
});

Deno.test("decodeMetadata reads brokers, topics and leaders, also those with errors", () => {
  const answer = bytes(
    n(4, 0),
    ...[n(4, 2), n(4, 1), "host", n(4, 9092), n(2, -1), n(4, 2), "::1", n(4, 9093), "rack"],
    ...["cluster", n(4, 1)],
    ...[n(4, 2), n(2, 0), "good", [0], n(4, 1), n(2, 5), n(4, 0), n(4, -1), n(4, 1), n(4, 1), n(4, 0)],
    ...[n(2, 3), "bad", [0], n(4, 0)],
  );
  const { brokers, topics } = decodeMetadata(answer);
  assert.deepEqual(brokers.map(({ node, address }) => [node, address]), [[1, "host:9092"], [
    2,
    "[::1]:9093",
  ]]);
  assert.deepEqual(topics, [
    { topic: "good", code: 0, partitions: [{ partition: 0, leader: -1 }] },
    { topic: "bad", code: 3, partitions: [] },
  ]);
});

Deno.test("decodeMetadata throws when the answer ends too early", () => {
  assert.throws(() => decodeMetadata(bytes(n(4, 0), n(4, 1), n(4, 1))), RangeError);
});

Deno.test("decodeMetadata throws when a partition's number is below 0 or far beyond what a topic has", () => {
  const answer = (partition: number) =>
    bytes(
      ...[n(4, 0), n(4, 0), n(2, -1), n(4, 1), n(4, 1), n(2, 0), "t", [0], n(4, 1)],
      ...[n(2, 0), n(4, partition), n(4, 1), n(4, 0), n(4, 0)],
    );
  assert.equal(decodeMetadata(answer(99_999)).topics[0].partitions[0].partition, 99_999);
  for (const bad of [-1, 100_000, 2 ** 31 - 1]) assert.throws(() => decodeMetadata(answer(bad)), RangeError);
});

Deno.test("encodeMetadata lists topics and lets brokers create them", () => {
  assert.deepEqual([...encodeMetadata(["a"])], [...bytes(n(4, 1), "a", [1])]);
  assert.deepEqual([...encodeMetadata(["a"], false)], [...bytes(n(4, 1), "a", [0])], "unless told");
});

Deno.test("decodeInitProducerId reads id and epoch", () => {
  assert.deepEqual(decodeInitProducerId(bytes(n(4, 0), n(2, 0), n(8, 4000), n(2, 3))), {
    code: 0,
    id: 4000n,
    epoch: 3,
  });
});
