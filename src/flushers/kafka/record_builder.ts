import { makeBytes } from "../../base/buffers.ts";
import { varintBytes, writeVarint } from "../../base/varint.ts";
import type { Batch } from "../../core/batch.ts";
import type { Envelope } from "../../core/envelope/envelope.ts";
import { PRODUCE_HEAD_BYTES } from "../../core/kafka_port.ts";
import { type BufferPool, POOL_SMALLEST_BYTES } from "./buffer_pool.ts";
import { BATCH_HEAD_BYTES, type RecordSpan } from "./record_batch.ts";

/**
 * Records of one batch while it grows, written straight into what will be the request:
 *
 *   0                    640          701
 *   | room for the       | batch head | records …  → at
 *   | request's head     | (at seal)  |
 */
export const RECORDS_BEGIN = PRODUCE_HEAD_BYTES + BATCH_HEAD_BYTES;

/** A batch grows to this many bytes of buffer; only a single record that needs more makes it larger. */
const BUFFER_BYTES_MAX = 512 * 1024;

/** What the last record before the seal may need beyond it. */
export const SEAL_SLACK_BYTES = 16 * 1024;

/** Bytes a record takes beside value, key and headers: length, attributes, two deltas, two lengths; rounded up. */
export const RECORD_FRAME_BYTES_MAX = 32;

/** `varint(-1)`: a null key. */
export const NULL_KEY: Uint8Array = new Uint8Array([1]);
/** `varint(0)`: no headers. */
export const NO_HEADERS: Uint8Array = new Uint8Array([0]);

/** What all records of one flusher have in common. */
export interface RecordStyle {
  readonly envelope: Envelope;
  /** Header count and headers, encoded. */
  readonly headers: Uint8Array;
  /** The record's own time as timestamp; else the moment of sending. */
  readonly eventTime: boolean;
  /** Longest value. */
  readonly valueBytesMax: number;
}

/** When a batch is full. */
export interface BatchLimits {
  readonly sealBytes: number;
  readonly recordsMax: number;
}

/** See {@linkcode RECORDS_BEGIN}. */
export class RecordBuilder {
  buffer: Uint8Array;
  /** Where the next record begins. */
  at: number = RECORDS_BEGIN;
  count = 0;
  /** With event times: time of the first record, and the largest. */
  baseTimeMs = 0;
  maxTimeMs = 0;
  /** The last run stopped at a record whose value is longer than allowed. */
  oversize = false;
  /** How long that value is. */
  oversizeBytes = 0;
  readonly #pool: BufferPool;
  readonly #limits: BatchLimits;
  // Widths of the last record's two lengths: a guess that holds for almost all, so that values need not be moved.
  #lengthWidth = 2;
  #valueWidth = 2;

  /** `bytesHint`: what the batch will probably need. */
  constructor(pool: BufferPool, limits: BatchLimits, bytesHint: number = POOL_SMALLEST_BYTES) {
    this.#pool = pool;
    this.#limits = limits;
    this.buffer = pool.take(bytesHint);
  }

  /** Bytes of records so far. */
  get bytes(): number {
    return this.at - RECORDS_BEGIN;
  }

  /** Nothing more should go in. */
  get full(): boolean {
    return this.bytes >= this.#limits.sealBytes || this.count >= this.#limits.recordsMax;
  }

  /**
   * Appends the records `[from, to)` that are alive and have a field, all with one encoded key. Returns the first
   * that did not go in (the batch is full, or `oversize`), else `to`.
   */
  appendRun(batch: Batch, from: number, to: number, style: RecordStyle, key: Uint8Array): number {
    const { envelope, headers } = style;
    const { sealBytes, recordsMax } = this.#limits;
    const around = RECORD_FRAME_BYTES_MAX + key.length + headers.length;
    this.oversize = false;
    for (let record = from; record < to; record++) {
      if (batch.first[record] < 0) continue;
      const at = this.at;
      if (at - RECORDS_BEGIN >= sealBytes || this.count >= recordsMax) return record;
      let buffer = this.buffer;
      const delta = style.eventTime ? this.#delta(batch.timesMs[record] || batch.clockMs) : 0;
      const codedDelta = delta >= 0 ? delta * 2 : -delta * 2 - 1;
      const codedOffset = this.count * 2;
      const front = 1 + varintBytes(codedDelta) + varintBytes(codedOffset) + key.length;
      const valueAt = at + this.#lengthWidth + front + this.#valueWidth;
      let valueEnd = envelope.encodeWithin(batch, record, buffer, valueAt, buffer.length - around);
      if (valueEnd < 0) {
        if (!this.#grow(at + 2 * around + envelope.bytesMax(batch, record))) return record;
        buffer = this.buffer;
        valueEnd = envelope.encode(batch, record, buffer, valueAt);
      }
      const valueBytes = valueEnd - valueAt;
      if (valueBytes > style.valueBytesMax) {
        this.oversize = true;
        this.oversizeBytes = valueBytes;
        return record;
      }
      const valueWidth = varintBytes(valueBytes * 2);
      const codedLength = (front + valueWidth + valueBytes + headers.length) * 2;
      const lengthWidth = varintBytes(codedLength);
      const shift = lengthWidth - this.#lengthWidth + valueWidth - this.#valueWidth;
      if (shift !== 0) {
        buffer.copyWithin(valueAt + shift, valueAt, valueEnd);
        this.#lengthWidth = lengthWidth;
        this.#valueWidth = valueWidth;
      }
      let p = writeVarint(buffer, at, codedLength);
      buffer[p++] = 0;
      p = writeVarint(buffer, p, codedDelta);
      p = writeVarint(buffer, p, codedOffset);
      if (key.length === 1) buffer[p++] = key[0];
      else {
        buffer.set(key, p);
        p += key.length;
      }
      p = writeVarint(buffer, p, valueBytes * 2) + valueBytes;
      if (headers.length === 1) buffer[p++] = headers[0];
      else {
        buffer.set(headers, p);
        p += headers.length;
      }
      this.at = p;
      this.count++;
    }
    return to;
  }

  /** Appends a copy of a record that was encoded before, optionally with another value. */
  appendCopy(
    bytes: Uint8Array,
    record: RecordSpan,
    timeMs: number,
    eventTime: boolean,
    value?: Uint8Array,
  ): void {
    const key = record.keyBegin < 0 ? null : bytes.subarray(record.keyBegin, record.keyEnd);
    const body = value ?? bytes.subarray(record.valueBegin, record.valueEnd);
    const headers = bytes.subarray(record.headersBegin, record.end);
    const codedKey = key === null ? NULL_KEY : encodeKey(key);
    this.#grow(this.at + RECORD_FRAME_BYTES_MAX + codedKey.length + body.length + headers.length);
    const delta = eventTime ? this.#delta(timeMs) : 0;
    const codedDelta = delta >= 0 ? delta * 2 : -delta * 2 - 1;
    const codedOffset = this.count * 2;
    const front = 1 + varintBytes(codedDelta) + varintBytes(codedOffset) + codedKey.length;
    const length = front + varintBytes(body.length * 2) + body.length + headers.length;
    let p = writeVarint(this.buffer, this.at, length * 2);
    this.buffer[p++] = 0;
    p = writeVarint(this.buffer, p, codedDelta);
    p = writeVarint(this.buffer, p, codedOffset);
    this.buffer.set(codedKey, p);
    p = writeVarint(this.buffer, p + codedKey.length, body.length * 2);
    this.buffer.set(body, p);
    this.buffer.set(headers, p + body.length);
    this.at = p + body.length + headers.length;
    this.count++;
  }

  /** Appends a record of a topic of our own: no headers, and without a value its key is deleted. */
  appendPlain(key: Uint8Array, value: Uint8Array | null): void {
    const codedKey = encodeKey(key);
    const valueBytes = value?.length ?? 0;
    this.#grow(this.at + RECORD_FRAME_BYTES_MAX + codedKey.length + valueBytes);
    const codedValue = value === null ? 1 : valueBytes * 2;
    const codedOffset = this.count * 2;
    const length = 2 + varintBytes(codedOffset) + codedKey.length + varintBytes(codedValue) + valueBytes + 1;
    let p = writeVarint(this.buffer, this.at, length * 2);
    this.buffer[p++] = 0;
    this.buffer[p++] = 0;
    p = writeVarint(this.buffer, p, codedOffset);
    this.buffer.set(codedKey, p);
    p = writeVarint(this.buffer, p + codedKey.length, codedValue);
    if (value !== null) this.buffer.set(value, p);
    this.buffer[p + valueBytes] = 0;
    this.at = p + valueBytes + 1;
    this.count++;
  }

  /** Gives the buffer away; the builder must not be used any more. */
  release(): void {
    this.#pool.give(this.buffer);
  }

  /** Distance of a record's time from the first one's. */
  #delta(timeMs: number): number {
    const time = Math.floor(timeMs);
    if (this.count === 0) this.baseTimeMs = this.maxTimeMs = time;
    if (time > this.maxTimeMs) this.maxTimeMs = time;
    return time - this.baseTimeMs;
  }

  /** Makes the buffer at least `bytes` long; false when the batch should rather be sealed as it is. */
  #grow(bytes: number): boolean {
    if (bytes <= this.buffer.length) return true;
    if (this.count > 0 && bytes > BUFFER_BYTES_MAX && this.#limits.sealBytes !== Infinity) return false;
    // In small steps one buffer of each of twenty sizes would lie in the pool for ever: 2 MB (measured).
    const twice = Math.min(2 * this.buffer.length, this.#limits.sealBytes + SEAL_SLACK_BYTES);
    const grown = this.#pool.take(Math.max(bytes, twice));
    grown.set(this.buffer.subarray(RECORDS_BEGIN, this.at), RECORDS_BEGIN);
    this.#pool.give(this.buffer);
    this.buffer = grown;
    return true;
  }
}

/** A record's key with its length in front. */
export function encodeKey(key: Uint8Array): Uint8Array {
  const coded = makeBytes(varintBytes(key.length * 2) + key.length);
  coded.set(key, writeVarint(coded, 0, key.length * 2));
  return coded;
}

/** Header count and headers as every record carries them. */
export function encodeHeaders(
  headers: readonly { readonly key: string; readonly value: string }[],
): Uint8Array {
  const encoder = new TextEncoder();
  const parts: number[] = [];
  const room = new Uint8Array(10);
  const number = (value: number) => parts.push(...room.subarray(0, writeVarint(room, 0, value * 2)));
  number(headers.length);
  for (const { key, value } of headers) {
    for (const text of [key, value]) {
      const bytes = encoder.encode(text);
      number(bytes.length);
      for (const byte of bytes) parts.push(byte);
    }
  }
  return Uint8Array.from(parts);
}
