import { crc32c } from "../../base/crc32c.ts";
import { readVarint, unzigzag, varintEnd } from "../../base/varint.ts";

/**
 * Kafka's record batch, magic 2 (protocol guide, "Record Batch"). All numbers big-endian:
 *
 *   at  bytes
 *    0  8  baseOffset             0; the broker sets it
 *    8  4  batchLength            bytes behind this field
 *   12  4  partitionLeaderEpoch   -1
 *   16  1  magic                  2
 *   17  4  crc                    CRC-32C of everything behind it
 *   21  2  attributes             codec in the lowest three bits; 16: in a transaction, 32: its end (written by brokers)
 *   23  4  lastOffsetDelta        records - 1
 *   27  8  baseTimestamp          Unix milliseconds of the first record
 *   35  8  maxTimestamp
 *   43  8  producerId             -1: not idempotent
 *   51  2  producerEpoch
 *   53  4  baseSequence
 *   57  4  records
 *   61     the records, compressed as one piece if a codec is set
 *
 * One record:
 *
 *   length | attributes 0 | timestampDelta | offsetDelta | keyLength | key | valueLength | value | headerCount | …
 *   varint   1 byte         varint           varint        varint,-1   …     varint        …       varint
 *
 * All varints are zigzag; `length` counts what is behind it. A header is keyLength | key | valueLength | value.
 */
export const BATCH_HEAD_BYTES = 61;

/** What stands in a batch's head beside the constants. */
export interface BatchHead {
  readonly codec: number;
  readonly records: number;
  readonly baseTimeMs: number;
  readonly maxTimeMs: number;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  /** Part of a transaction; absent: not. */
  readonly transactional?: boolean;
}

/** Bits of a batch's attributes beside the codec. */
export const TRANSACTIONAL_BIT = 16;
export const CONTROL_BIT = 32;

/** Writes the head of the batch `bytes[begin, end)`, checksum included. Also restamps: all fields are written anew. */
export function stampBatch(bytes: Uint8Array, begin: number, end: number, head: BatchHead): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setBigInt64(begin, 0n);
  view.setInt32(begin + 8, end - begin - 12);
  view.setInt32(begin + 12, -1);
  view.setInt8(begin + 16, 2);
  view.setInt16(begin + 21, head.transactional === true ? head.codec | TRANSACTIONAL_BIT : head.codec);
  view.setInt32(begin + 23, head.records - 1);
  view.setBigInt64(begin + 27, BigInt(Math.floor(head.baseTimeMs)));
  view.setBigInt64(begin + 35, BigInt(Math.floor(head.maxTimeMs)));
  view.setBigInt64(begin + 43, head.producerId);
  view.setInt16(begin + 51, head.producerEpoch);
  view.setInt32(begin + 53, head.baseSequence);
  view.setInt32(begin + 57, head.records);
  view.setUint32(begin + 17, crc32c(bytes, begin + 21, end));
}

/** Spans of one record's parts in the bytes it was read from. A key of -1 is null. */
export interface RecordSpan {
  readonly timestampDelta: number;
  readonly keyBegin: number;
  readonly keyEnd: number;
  readonly valueBegin: number;
  readonly valueEnd: number;
  /** The header count and the headers, as they are. */
  readonly headersBegin: number;
  readonly end: number;
}

/** Reads the record at `at` of uncompressed record bytes. */
export function readRecord(bytes: Uint8Array, at: number): RecordSpan {
  const length = readSigned(bytes, at);
  const end = varintEnd.at + length;
  const timestampDelta = readSigned(bytes, varintEnd.at + 1);
  readSigned(bytes, varintEnd.at);
  const keyBytes = readSigned(bytes, varintEnd.at);
  const keyBegin = varintEnd.at;
  const keyEnd = keyBytes < 0 ? -1 : keyBegin + keyBytes;
  const valueBytes = readSigned(bytes, keyBytes < 0 ? keyBegin : keyEnd);
  const valueBegin = varintEnd.at;
  const valueEnd = valueBegin + Math.max(0, valueBytes);
  return {
    timestampDelta,
    keyBegin: keyBytes < 0 ? -1 : keyBegin,
    keyEnd,
    valueBegin,
    valueEnd,
    headersBegin: valueEnd,
    end,
  };
}

function readSigned(bytes: Uint8Array, at: number): number {
  return unzigzag(readVarint(bytes, at));
}
