import type { LaneKey, SavedLane } from "../../core/checkpoint.ts";
import type { Codec } from "../../core/codec.ts";
import { PermanentError } from "../../core/errors.ts";
import { CONTROL_BIT, readRecord, TRANSACTIONAL_BIT } from "./record_batch.ts";

/**
 * Resume points as records of a compacted topic. Many agents share it, so each key begins with the transactional id:
 *
 *   key                              value
 *   <id>                             {"instance": "…", "number": 7}   the latest transaction
 *   <id> LF ["pipeline", …, inode]   the row of one lane, as in `SavedLane`, without its key
 *
 * A value that is null deletes the row.
 */
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Which transaction was the latest: of which run of a producer, and the how many-eth. */
export interface Marker {
  readonly instance: string;
  readonly number: number;
}

/** Whether two are of the same transaction, or both of none. */
export function isSameMarker(a: Marker | null, b: Marker | null): boolean {
  return a?.instance === b?.instance && a?.number === b?.number;
}

/** The record that each transaction has. */
export function markerRecord(id: string, marker: Marker): [Uint8Array, Uint8Array] {
  return [encoder.encode(id), encoder.encode(JSON.stringify(marker))];
}

/** A lane's record. */
export function laneRecord(id: string, lane: SavedLane): [Uint8Array, Uint8Array] {
  const { key, ...row } = lane;
  return [encoder.encode(`${id}\n${keyText(key)}`), encoder.encode(JSON.stringify(row))];
}

/** The key of a lane's record, by which it is deleted. */
export function laneRecordKey(id: string, key: LaneKey): Uint8Array {
  return encoder.encode(`${id}\n${keyText(key)}`);
}

/** A lane's key as text. */
export function keyText(key: LaneKey): string {
  return JSON.stringify([key.pipeline, key.input, key.flusher, key.source, key.device, key.inode]);
}

/** What a transactional id has committed. */
export interface Committed {
  readonly marker: Marker | null;
  readonly lanes: readonly SavedLane[];
}

/** The topic of resume points is not what it should be. */
export function unreadable(why: string): PermanentError {
  return new PermanentError("KAFKA_RESUME_TOPIC", `The topic of resume points cannot be read: ${why}`);
}

/**
 * Reads the topic as a `read_committed` consumer would, save that it does not wait for the open transactions of others:
 * records of a transaction count when its end is read. Whoever reads behind a fence finds all of its own decided.
 */
export class ResumeReader {
  readonly #id: string;
  readonly #codecOf: (id: number) => Codec | undefined;
  readonly #rows: Map<string, string> = new Map();
  readonly #open: Map<bigint, [string, string][]> = new Map();

  /** `codecOf`: a topic or its cleaner may have compressed what was written plain. */
  constructor(id: string, codecOf: (id: number) => Codec | undefined) {
    this.#id = id;
    this.#codecOf = codecOf;
  }

  /** Takes whole batches; returns the offset behind the last, `null` when there was none. Throws for damaged ones. */
  take(bytes: Uint8Array): number | null {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let next: number | null = null;
    for (let at = 0; at + 61 <= bytes.length;) {
      const end = at + 12 + view.getInt32(at + 8);
      if (end > bytes.length) break;
      this.#takeBatch(bytes, view, at, end);
      next = Number(view.getBigInt64(at)) + view.getInt32(at + 23) + 1;
      at = end;
    }
    return next;
  }

  /** What is committed by now. */
  committed(): Committed {
    let marker: Marker | null = null;
    const lanes: SavedLane[] = [];
    for (const [key, value] of this.#rows) {
      const lineEnd = key.indexOf("\n");
      if (lineEnd < 0) marker = JSON.parse(value) as Marker;
      else {
        const [pipeline, input, flusher, source, device, inode] = JSON.parse(key.slice(lineEnd + 1));
        const lane = { pipeline, input, flusher, source, device, inode };
        lanes.push({ ...JSON.parse(value) as SavedLane, key: lane });
      }
    }
    return { marker, lanes };
  }

  #takeBatch(bytes: Uint8Array, view: DataView, at: number, end: number): void {
    const attributes = view.getInt16(at + 21);
    const producer = view.getBigInt64(at + 43);
    const count = view.getInt32(at + 57);
    if (view.getInt8(at + 16) < 2) throw unreadable("it has record batches of an older format");
    if ((attributes & CONTROL_BIT) !== 0) {
      if (count > 0) this.#end(producer, bytes.subarray(at + 61, end));
      return;
    }
    const records = this.#unpack(attributes & 7, bytes.subarray(at + 61, end));
    const found: [string, string][] = [];
    for (let i = 0, place = 0; i < count; i++) {
      const record = readRecord(records, place);
      place = record.end;
      if (record.keyBegin < 0) continue;
      const key = decoder.decode(records.subarray(record.keyBegin, record.keyEnd));
      if (key !== this.#id && !key.startsWith(`${this.#id}\n`)) continue;
      found.push([key, decoder.decode(records.subarray(record.valueBegin, record.valueEnd))]);
    }
    if (found.length === 0) return;
    if ((attributes & TRANSACTIONAL_BIT) === 0) return this.#apply(found);
    const open = this.#open.get(producer);
    if (open === undefined) this.#open.set(producer, found);
    else open.push(...found);
  }

  /** A control record: its key is version 2 | type 2 (0: aborted, 1: committed). */
  #end(producer: bigint, records: Uint8Array): void {
    const { keyBegin } = readRecord(records, 0);
    const isCommit = records[keyBegin + 3] === 1;
    const open = this.#open.get(producer);
    this.#open.delete(producer);
    if (isCommit && open !== undefined) this.#apply(open);
  }

  #apply(found: readonly [string, string][]): void {
    for (const [key, value] of found) {
      if (value === "") this.#rows.delete(key);
      else this.#rows.set(key, value);
    }
  }

  #unpack(codecId: number, records: Uint8Array): Uint8Array {
    if (codecId === 0) return records;
    const codec = this.#codecOf(codecId);
    if (codec === undefined) {
      throw unreadable(`it is compressed with codec ${codecId}, which this runtime lacks`);
    }
    return codec.decompress(records);
  }
}
