import assert from "node:assert/strict";
import type { SavedLane } from "../../../src/core/checkpoint.ts";
import { PRODUCE_HEAD_BYTES } from "../../../src/core/kafka_port.ts";
import { BufferPool } from "../../../src/flushers/kafka/buffer_pool.ts";
import { CONTROL_BIT, stampBatch } from "../../../src/flushers/kafka/record_batch.ts";
import { recordBatches } from "../../../src/flushers/kafka/resume_batches.ts";
import {
  laneRecord,
  laneRecordKey,
  markerRecord,
  ResumeReader,
} from "../../../src/flushers/kafka/resume_records.ts";
import { testGzip } from "../../support/fake_kafka.ts";

function lane(source: string, done: number): SavedLane {
  const key = { pipeline: "p", input: "i", flusher: "f", source, device: 1, inode: 2 };
  const head = { length: 3, hash: 4 };
  return { key, done: [done], head, anchor: { at: done, length: 0, hash: 0 }, hostPath: "/x", savedMs: 5 };
}

/** One batch of a producer, at an offset; `packed`: compressed by the broker. */
function batch(
  offset: number,
  producer: bigint,
  records: [Uint8Array, Uint8Array | null][],
  { transactional = true, control = false, packed = false } = {},
): Uint8Array {
  const [wire] = recordBatches(records, new BufferPool(), 0, 0);
  let { buffer, end } = wire;
  if (packed) {
    const body = testGzip.compress(buffer, PRODUCE_HEAD_BYTES + 61, end);
    const front = buffer.slice(0, PRODUCE_HEAD_BYTES + 61);
    buffer = new Uint8Array([...front, ...body]);
    end = buffer.length;
  }
  const codec = (packed ? 1 : 0) | (control ? CONTROL_BIT : 0);
  const head = { records: wire.records, baseTimeMs: 0, maxTimeMs: 0, producerEpoch: 0, baseSequence: 0 };
  stampBatch(buffer, PRODUCE_HEAD_BYTES, end, { ...head, codec, producerId: producer, transactional });
  const bytes = buffer.slice(PRODUCE_HEAD_BYTES, end);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(offset));
  return bytes;
}

const ending = (offset: number, producer: bigint, isCommit: boolean) =>
  batch(offset, producer, [[Uint8Array.of(0, 0, 0, isCommit ? 1 : 0), new Uint8Array(6)]], { control: true });

function joined(...batches: Uint8Array[]): Uint8Array {
  return Uint8Array.from(batches.flatMap((bytes) => [...bytes]));
}

const reader = () => new ResumeReader("me", (id) => id === 1 ? testGzip : undefined);
const done = (read: ResumeReader) => read.committed().lanes.map(({ key, done }) => [key.source, done[0]]);

Deno.test("ResumeReader takes what its own id has committed, and nothing of aborted, open or foreign ones", () => {
  const read = reader();
  const next = read.take(joined(
    batch(0, 7n, [laneRecord("me", lane("a", 10)), markerRecord("me", { instance: "x", number: 1 })]),
    batch(2, 8n, [laneRecord("other", lane("a", 99)), laneRecord("me2", lane("b", 98))]),
    ending(4, 7n, true),
    batch(5, 7n, [laneRecord("me", lane("a", 20)), markerRecord("me", { instance: "x", number: 2 })]),
    ending(7, 8n, true),
    ending(8, 7n, false),
    batch(9, 7n, [laneRecord("me", lane("c", 30)), laneRecord("me", lane("a", 15))]),
  ));
  assert.equal(next, 11);
  assert.deepEqual(read.committed(), { marker: { instance: "x", number: 1 }, lanes: [lane("a", 10)] });
  // What was open is decided in the next piece.
  assert.equal(read.take(ending(11, 7n, true)), 12);
  assert.deepEqual(done(read), [["a", 15], ["c", 30]]);
});

Deno.test("ResumeReader forgets deleted rows, unpacks what brokers have packed, and leaves a cut-off batch for later", () => {
  const read = reader();
  const rows = [laneRecord("me", lane("a", 1)), laneRecord("me", lane("b", 2))];
  const first = batch(0, -1n, rows, { transactional: false, packed: true });
  const second = batch(2, -1n, [[laneRecordKey("me", lane("a", 1).key), null]], { transactional: false });
  const both = joined(first, second);
  assert.equal(read.take(both.subarray(0, both.length - 1)), 2);
  assert.deepEqual(done(read), [["a", 1], ["b", 2]]);
  assert.equal(read.take(both.subarray(first.length)), 3);
  assert.deepEqual(done(read), [["b", 2]]);
  assert.equal(read.take(new Uint8Array(0)), null);
});

Deno.test("ResumeReader says so when it cannot unpack a batch", () => {
  const packed = batch(0, -1n, [laneRecord("me", lane("a", 1))], { transactional: false, packed: true });
  assert.throws(() => new ResumeReader("me", () => undefined).take(packed), { code: "KAFKA_RESUME_TOPIC" });
});

Deno.test("recordBatches closes batches before they are too large for a broker", () => {
  const records: [Uint8Array, Uint8Array][] = Array.from(
    { length: 100 },
    (_, i) => [Uint8Array.of(i), new Uint8Array(10_000)],
  );
  const batches = recordBatches(records, new BufferPool(), 0, 0);
  assert.equal(batches.reduce((sum, { records }) => sum + records, 0), 100);
  assert.ok(batches.length >= 4 && batches.every(({ wireBytes }) => wireBytes < 300_000));
});
