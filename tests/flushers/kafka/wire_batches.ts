/** Sealed batches for tests, and what is in them. */
import { Batch, IN_ARENA, UTF8_ASCII } from "../../../src/core/batch.ts";
import type { Envelope } from "../../../src/core/envelope/envelope.ts";
import { KeyTable } from "../../../src/core/keys.ts";
import { Ledger, type LedgerEntry } from "../../../src/core/ledger.ts";
import { NO_TAGS } from "../../../src/core/tags.ts";
import type { BufferPool } from "../../../src/flushers/kafka/buffer_pool.ts";
import { readRecord } from "../../../src/flushers/kafka/record_batch.ts";
import { NO_HEADERS, NULL_KEY, RecordBuilder } from "../../../src/flushers/kafka/record_builder.ts";
import { WireBatch } from "../../../src/flushers/kafka/wire_batch.ts";

/** Writes the first field's bytes as they are. */
const verbatim: Envelope = {
  name: "verbatim",
  bytesMax: (batch, record) => {
    const cell = batch.first[record];
    return batch.cells[cell + 2] - batch.cells[cell + 1];
  },
  encode(batch, record, out, at) {
    const [, begin, end] = batch.cells.subarray(batch.first[record]);
    out.set(batch.arena.subarray(begin, end), at);
    return at + end - begin;
  },
  encodeWithin(batch, record, out, at, limit) {
    return at + this.bytesMax(batch, record) > limit ? -1 : this.encode(batch, record, out, at);
  },
};

const style = { envelope: verbatim, headers: NO_HEADERS, eventTime: false, valueBytesMax: 1e9 };

/** A builder with these values. */
export function openBuilder(pool: BufferPool, values: readonly string[]): RecordBuilder {
  const arena = new TextEncoder().encode(values.join(""));
  const batch = new Batch(new KeyTable());
  batch.begin(NO_TAGS, arena, UTF8_ASCII, 1_000);
  let at = 0;
  for (const value of values) batch.append(batch.addRecord(0), 0, at, at += value.length, IN_ARENA);
  const builder = new RecordBuilder(pool, { sealBytes: 1e9, recordsMax: 1e9 });
  builder.appendRun(batch, 0, values.length, style, NULL_KEY);
  return builder;
}

/** A batch with these values, sealed without a codec, that carries these entries. */
export function sealedBatch(
  pool: BufferPool,
  values: readonly string[],
  entries: readonly LedgerEntry[] = [],
): WireBatch {
  const wire = new WireBatch(openBuilder(pool, values), null, false, 0);
  for (const entry of entries) wire.carry(entry);
  wire.seal(pool, 5_000, 1_700_000_000_000);
  return wire;
}

/** The values of its records. */
export function valuesOf(batch: WireBatch): string[] {
  const bytes = batch.unpack();
  const values: string[] = [];
  for (let at = 0, i = 0; i < batch.records; i++) {
    const record = readRecord(bytes, at);
    values.push(new TextDecoder().decode(bytes.subarray(record.valueBegin, record.valueEnd)));
    at = record.end;
  }
  return values;
}

/** The one entry of a ledger, held by its turn. */
export function openEntry(): { entry: LedgerEntry; ledger: Ledger } {
  const ledger = new Ledger({ done: [0] }, () => {});
  return { ledger, entry: ledger.open({ done: [10] }) };
}
