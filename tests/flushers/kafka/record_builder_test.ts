import assert from "node:assert/strict";
import fc from "fast-check";
import { Batch, IN_ARENA, UTF8_VALID } from "../../../src/core/batch.ts";
import type { Envelope } from "../../../src/core/envelope/envelope.ts";
import { PRODUCE_HEAD_BYTES } from "../../../src/core/kafka_port.ts";
import { KeyTable } from "../../../src/core/keys.ts";
import { NO_TAGS } from "../../../src/core/tags.ts";
import { BufferPool } from "../../../src/flushers/kafka/buffer_pool.ts";
import { readRecord, stampBatch } from "../../../src/flushers/kafka/record_batch.ts";
import {
  encodeHeaders,
  encodeKey,
  NO_HEADERS,
  NULL_KEY,
  RecordBuilder,
  RECORDS_BEGIN,
} from "../../../src/flushers/kafka/record_builder.ts";

/** Writes the first field's bytes as they are; the bound is rough. */
const verbatim: Envelope = {
  name: "verbatim",
  bytesMax: (batch, record) =>
    6 * (batch.cells[batch.first[record] + 2] - batch.cells[batch.first[record] + 1]),
  encode(batch, record, out, at) {
    const [, begin, end] = batch.cells.subarray(batch.first[record]);
    out.set(batch.arena.subarray(begin, end), at);
    return at + end - begin;
  },
  encodeWithin(batch, record, out, at, limit) {
    return at + this.bytesMax(batch, record) > limit ? -1 : this.encode(batch, record, out, at);
  },
};

function batchOf(values: readonly Uint8Array[], times: readonly number[] = []): Batch {
  const keys = new KeyTable();
  const batch = new Batch(keys);
  const arena = new Uint8Array(values.reduce((sum, value) => sum + value.length, 0));
  batch.begin(NO_TAGS, arena, UTF8_VALID, 1000);
  let at = 0;
  values.forEach((value, i) => {
    arena.set(value, at);
    batch.append(batch.addRecord(times[i] ?? 0), 0, at, at += value.length, IN_ARENA);
  });
  return batch;
}

const style = { envelope: verbatim, headers: NO_HEADERS, eventTime: false, valueBytesMax: 1e9 };
const limits = { sealBytes: 384 * 1024, recordsMax: 2048 };

/** One record by the protocol guide, byte by byte. */
function plainRecord(
  offset: number,
  delta: number,
  key: Uint8Array | null,
  value: Uint8Array,
  headers: Uint8Array,
): number[] {
  const varint = (number: number) => {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, (BigInt(number) << 1n) ^ (BigInt(number) >> 63n));
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    return [...bytes, Number(rest)];
  };
  const keyPart = key === null ? varint(-1) : [...varint(key.length), ...key];
  const body = [
    0,
    ...varint(delta),
    ...varint(offset),
    ...keyPart,
    ...varint(value.length),
    ...value,
    ...headers,
  ];
  return [...varint(body.length), ...body];
}

Deno.test("RecordBuilder writes what the protocol guide says when values, keys, headers and times are any", () => {
  const value = fc.oneof(
    fc.uint8Array({ maxLength: 80 }),
    fc.nat(20_000).map((length) => new Uint8Array(length).fill(length)),
  );
  const run = fc.record({
    values: fc.array(value, { minLength: 1, maxLength: 40 }),
    key: fc.option(fc.uint8Array({ maxLength: 200 }), { nil: null }),
    headers: fc.array(fc.record({ key: fc.string(), value: fc.string() }), { maxLength: 3 }),
    times: fc.array(fc.nat(1e12)),
    eventTime: fc.boolean(),
  });
  fc.assert(fc.property(run, ({ values, key, headers, times, eventTime }) => {
    const builder = new RecordBuilder(new BufferPool(), { sealBytes: Infinity, recordsMax: Infinity });
    const batch = batchOf(values, times);
    const coded = encodeHeaders(headers);
    const code = key === null ? NULL_KEY : encodeKey(key);
    const end = builder.appendRun(batch, 0, values.length, { ...style, headers: coded, eventTime }, code);
    assert.equal(end, values.length);
    const time = (i: number) => times[i] || 1000;
    const expected = values.flatMap((value, i) => {
      return plainRecord(i, eventTime ? time(i) - time(0) : 0, key, value, coded);
    });
    assert.deepEqual([...builder.buffer.subarray(RECORDS_BEGIN, builder.at)], expected);
  }));
});

Deno.test("RecordBuilder stops at the first record that does not go in when it is full", () => {
  const batch = batchOf(Array.from({ length: 10 }, () => new Uint8Array(1000)));
  const small = new RecordBuilder(new BufferPool(), { ...limits, sealBytes: 3000 });
  assert.equal(small.appendRun(batch, 0, 10, style, NULL_KEY), 3);
  assert.equal(small.full, true);
  const few = new RecordBuilder(new BufferPool(), { ...limits, recordsMax: 4 });
  assert.equal(few.appendRun(batch, 2, 10, style, NULL_KEY), 6);
  assert.equal(few.count, 4);
});

Deno.test("RecordBuilder takes one giant record when it is empty, none behind others", () => {
  const giant = batchOf([new Uint8Array(10), new Uint8Array(700_000)]);
  const builder = new RecordBuilder(new BufferPool(), limits);
  assert.equal(builder.appendRun(giant, 0, 2, style, NULL_KEY), 1);
  const fresh = new RecordBuilder(new BufferPool(), limits);
  assert.equal(fresh.appendRun(giant, 1, 2, style, NULL_KEY), 2);
  assert.equal(fresh.full, true);
});

Deno.test("RecordBuilder leaves a value out when it is longer than allowed, and says how long it is", () => {
  const batch = batchOf([new Uint8Array(10), new Uint8Array(101), new Uint8Array(10)]);
  const builder = new RecordBuilder(new BufferPool(), limits);
  assert.equal(builder.appendRun(batch, 0, 3, { ...style, valueBytesMax: 100 }, NULL_KEY), 1);
  assert.deepEqual([builder.oversize, builder.oversizeBytes, builder.count], [true, 101, 1]);
  assert.equal(builder.appendRun(batch, 2, 3, { ...style, valueBytesMax: 100 }, NULL_KEY), 3);
  assert.deepEqual([builder.oversize, builder.count], [false, 2]);
});

Deno.test("RecordBuilder skips dropped records and those without a field", () => {
  const batch = batchOf([new Uint8Array([1]), new Uint8Array([2]), new Uint8Array([3])]);
  batch.drop(0, "test");
  batch.remove(1, batch.first[1]);
  const builder = new RecordBuilder(new BufferPool(), limits);
  assert.equal(builder.appendRun(batch, 0, 3, style, NULL_KEY), 3);
  assert.equal(builder.count, 1);
  const record = readRecord(builder.buffer, RECORDS_BEGIN);
  assert.deepEqual([...builder.buffer.subarray(record.valueBegin, record.valueEnd)], [3]);
});

Deno.test("stampBatch writes the documented head, and the same again when it is stamped back", () => {
  const builder = new RecordBuilder(new BufferPool(), limits);
  builder.appendRun(batchOf([new TextEncoder().encode("one")]), 0, 1, style, NULL_KEY);
  const head = { codec: 0, records: 1, baseTimeMs: 1_795_392_000_123, maxTimeMs: 1_795_392_000_123 };
  const stamp = (producerId: bigint, producerEpoch: number, baseSequence: number) => {
    stampBatch(builder.buffer, PRODUCE_HEAD_BYTES, builder.at, {
      ...head,
      producerId,
      producerEpoch,
      baseSequence,
    });
    return builder.buffer.slice(PRODUCE_HEAD_BYTES, builder.at);
  };
  const first = stamp(-1n, -1, -1);
  const view = new DataView(first.buffer);
  assert.equal(view.getInt32(8), first.length - 12);
  assert.equal(view.getInt8(16), 2);
  assert.deepEqual([...first.subarray(61)], [18, 0, 0, 0, 1, 6, 0x6f, 0x6e, 0x65, 0]);
  const other = stamp(77n, 3, 12);
  assert.notEqual(new DataView(other.buffer).getUint32(17), view.getUint32(17));
  assert.deepEqual(stamp(-1n, -1, -1), first);
});

Deno.test("RecordBuilder needs few sizes of buffers when it grows to a full batch", () => {
  const pool = new BufferPool();
  const builder = new RecordBuilder(pool, limits);
  const batch = batchOf(Array.from({ length: 1000 }, () => new Uint8Array(700)));
  const sizes = new Set<number>();
  for (let record = 0; record < 1000 && !builder.full; record++) {
    builder.appendRun(batch, record, record + 1, style, NULL_KEY);
    sizes.add(builder.buffer.length);
  }
  assert.ok(builder.full);
  assert.ok(sizes.size <= 6, [...sizes].join());
  assert.ok(Math.max(...sizes) <= 448 * 1024);
});
