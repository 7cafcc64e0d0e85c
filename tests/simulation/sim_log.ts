import { crc32c } from "../../src/base/crc32c.ts";
import { readRecord } from "../../src/flushers/kafka/record_batch.ts";

/** One record as a reader of the partition gets it. */
export interface Landed {
  readonly value: Uint8Array;
  readonly producerId: bigint;
  readonly epoch: number;
}

interface Known {
  epoch: number;
  /** Last sequence that was appended. */
  last: number;
  /** First and last sequence of the latest batches; five are kept. */
  batches: { first: number; last: number }[];
}

const HEAD_BYTES = 61;
const SEQUENCES = 2 ** 31;
/** `ProducerStateEntry.NUM_BATCHES_TO_RETAIN` of Kafka. */
const BATCHES_KEPT = 5;

/**
 * One partition as a broker keeps it: the checks that Kafka's `UnifiedLog` and `ProducerAppendInfo` make, in their order.
 * Brokers before 1.1 answer DUPLICATE_SEQUENCE_NUMBER to what later ones acknowledge once more.
 */
export class SimLog {
  readonly producers: Map<bigint, Known> = new Map();
  records = 0;

  /** Returns the error code; `landed` gets the records when they were appended. */
  append(batch: Uint8Array, bytesMax: number, isOld: boolean, landed: (record: Landed) => void): number {
    const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength);
    if (batch.length < HEAD_BYTES || view.getInt32(8) !== batch.length - 12 || view.getInt8(16) !== 2) {
      return 2;
    }
    if (view.getUint32(17) !== crc32c(batch, 21, batch.length)) return 2;
    const count = view.getInt32(57);
    if (count < 1 || view.getInt32(23) !== count - 1) return 87;
    if (batch.length > bytesMax) return 10;
    const producerId = view.getBigInt64(43);
    const epoch = view.getInt16(51);
    const first = view.getInt32(53);
    if (producerId >= 0n) {
      const code = this.#check(producerId, epoch, first, (first + count - 1) % SEQUENCES, isOld);
      if (code !== 0) return code === REPEATED ? 0 : code;
    }
    let at = HEAD_BYTES;
    for (let i = 0; i < count; i++) {
      const record = readRecord(batch, at);
      landed({ value: batch.subarray(record.valueBegin, record.valueEnd), producerId, epoch });
      at = record.end;
    }
    if (at !== batch.length) throw new Error("a batch holds more than its records");
    this.records += count;
    return 0;
  }

  #check(producerId: bigint, epoch: number, first: number, last: number, isOld: boolean): number {
    const known = this.producers.get(producerId);
    if (known !== undefined) {
      if (epoch < known.epoch) return 47;
      if (epoch === known.epoch) {
        if (known.batches.some((batch) => batch.first === first && batch.last === last)) {
          return isOld ? 46 : REPEATED;
        }
        if (first !== (known.last + 1) % SEQUENCES) return 45;
      } else if (first !== 0) return 45;
    }
    const batches = known?.epoch === epoch ? known.batches : [];
    batches.push({ first, last });
    this.producers.set(producerId, { epoch, last, batches: batches.slice(-BATCHES_KEPT) });
    return 0;
  }
}

/** Acknowledged, but appended before. */
const REPEATED = -1000;
