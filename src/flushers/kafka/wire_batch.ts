import type { Codec } from "../../core/codec.ts";
import { PRODUCE_HEAD_BYTES } from "../../core/kafka_port.ts";
import type { LedgerEntry } from "../../core/ledger.ts";
import type { BufferPool } from "./buffer_pool.ts";
import { stampBatch } from "./record_batch.ts";
import { type RecordBuilder, RECORDS_BEGIN } from "./record_builder.ts";

/** While a request is out, copies of it lie in the runtime and the kernel; it counts this many times. */
const COPIES_IN_FLIGHT = 3;

/**
 * One record batch from its first record to its acknowledgement. While `builder` is set it is open and mixes records
 * of many lanes; sealed, its records do not change any more, only the head may be stamped anew.
 */
export class WireBatch {
  /** `null` once sealed. */
  builder: RecordBuilder | null;
  /** What compresses it at seal. */
  readonly codec: Codec | null;
  readonly eventTime: boolean;
  /** Ledger entries with records in here, one hold each. */
  entries: LedgerEntry[] = [];
  /** When it must be sealed, on the monotonic clock. */
  deadlineMs: number;
  /** Some lane has read its file to the end: nobody brings more soon. */
  hurry = false;
  /** Acknowledged, or given up on purpose. */
  done = false;

  buffer: Uint8Array = new Uint8Array(0);
  end = 0;
  records = 0;
  /** Codec number in the batch's attributes; 0 when compressing gained nothing. */
  codecId = 0;
  baseTimeMs = 0;
  maxTimeMs = 0;
  sealedAtMs = 0;
  /** When it last went to the socket. */
  sentAtMs = 0;

  inFlight = false;
  /** The broker found it too large; it is split or shrunk before it goes out again. */
  tooLarge = false;
  /** Has its sequence; `stamp` was called. */
  stamped = false;
  sequence = -1;
  /** Number of the transaction that it belongs to; 0 without transactions. */
  generation = 0;

  constructor(builder: RecordBuilder, codec: Codec | null, eventTime: boolean, deadlineMs: number) {
    this.builder = builder;
    this.codec = codec;
    this.eventTime = eventTime;
    this.deadlineMs = deadlineMs;
  }

  /** Counts one more entry's records; the caller has appended them. */
  carry(entry: LedgerEntry): void {
    if (this.entries[this.entries.length - 1] === entry) return;
    entry.hold();
    this.entries.push(entry);
  }

  /** Bytes that count against the budget. */
  get heldBytes(): number {
    if (this.builder !== null) return this.builder.bytes;
    return (this.end - PRODUCE_HEAD_BYTES) * (this.inFlight ? COPIES_IN_FLIGHT : 1);
  }

  /** Size on the wire, head included. */
  get wireBytes(): number {
    return this.end - PRODUCE_HEAD_BYTES;
  }

  /** Compresses and closes it. `wallMs` is the timestamp of its records unless they carry their own. */
  seal(pool: BufferPool, nowMs: number, wallMs: number): void {
    const builder = this.builder;
    if (builder === null) throw new Error("BUG: a batch is sealed twice");
    this.builder = null;
    this.records = builder.count;
    this.baseTimeMs = this.eventTime ? builder.baseTimeMs : wallMs;
    this.maxTimeMs = this.eventTime ? builder.maxTimeMs : wallMs;
    this.sealedAtMs = nowMs;
    this.buffer = builder.buffer;
    this.end = builder.at;
    if (this.codec === null) return;
    const packed = this.codec.compress(builder.buffer, RECORDS_BEGIN, builder.at);
    if (packed.length >= builder.bytes) return;
    this.codecId = this.codec.id;
    this.end = RECORDS_BEGIN + packed.length;
    this.buffer = pool.take(this.end);
    this.buffer.set(packed, RECORDS_BEGIN);
    builder.release();
  }

  /** Writes the head with identity and sequence (-1 each when not idempotent). */
  stamp(producerId: bigint, producerEpoch: number, sequence: number, transactional = false): void {
    this.stamped = true;
    this.sequence = sequence;
    stampBatch(this.buffer, PRODUCE_HEAD_BYTES, this.end, {
      codec: this.codecId,
      records: this.records,
      baseTimeMs: this.baseTimeMs,
      maxTimeMs: this.maxTimeMs,
      producerId,
      producerEpoch,
      baseSequence: sequence,
      transactional,
    });
  }

  /** The records as they were before compression. */
  unpack(): Uint8Array {
    const records = this.buffer.subarray(RECORDS_BEGIN, this.end);
    if (this.codecId === 0) return records.slice();
    return this.codec!.decompress(records);
  }

  /** Acknowledged or given up: settles what it carries and gives its bytes back. */
  finish(pool: BufferPool): void {
    if (this.done) throw new Error("BUG: a batch is finished twice");
    this.done = true;
    const buffer = this.buffer;
    this.buffer = NOTHING;
    if (buffer.length > 0) pool.give(buffer);
    const entries = this.entries;
    this.entries = [];
    for (let i = 0; i < entries.length; i++) entries[i].settle();
  }
}

const NOTHING = new Uint8Array(0);
