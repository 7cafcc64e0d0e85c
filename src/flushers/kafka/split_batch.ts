import type { BufferPool } from "./buffer_pool.ts";
import { readRecord } from "./record_batch.ts";
import { RecordBuilder } from "./record_builder.ts";
import { shrinkJson } from "./shrink_json.ts";
import { WireBatch } from "./wire_batch.ts";

/** A batch made of parts of another must take whatever they are. */
const NO_LIMITS = { sealBytes: Infinity, recordsMax: Infinity };

/**
 * Two batches with the records of one that the broker finds too large. Both carry all of its ledger entries (a hold
 * more each), and together the same range of sequences, so that batches behind it keep theirs.
 */
export function halveBatch(batch: WireBatch, pool: BufferPool, nowMs: number): [WireBatch, WireBatch] {
  if (batch.records < 2) throw new Error("BUG: a batch of one record cannot be halved");
  const bytes = batch.unpack();
  const firstCount = Math.ceil(batch.records / 2);
  const halves = [firstCount, batch.records - firstCount].map((count) => ({
    count,
    builder: new RecordBuilder(pool, NO_LIMITS, bytes.length),
  }));
  let at = 0;
  for (const { builder, count } of halves) {
    for (let i = 0; i < count; i++) {
      const record = readRecord(bytes, at);
      builder.appendCopy(bytes, record, batch.baseTimeMs + record.timestampDelta, batch.eventTime);
      at = record.end;
    }
  }
  const [first, second] = halves.map(({ builder }) => sealedCopy(batch, builder, pool, nowMs));
  first.entries = batch.entries;
  second.entries = [...batch.entries];
  for (const entry of second.entries) entry.hold();
  first.sequence = batch.sequence;
  second.sequence = batch.sequence < 0 ? -1 : (batch.sequence + first.records) % 2 ** 31;
  retire(batch, pool);
  return [first, second];
}

/**
 * The one record of a batch with its longest text cut so that the value is about half as long; `null` when nothing
 * is left to cut. `lost` is told how many bytes went.
 */
export function shrinkBatch(
  batch: WireBatch,
  pool: BufferPool,
  nowMs: number,
  lost: (bytes: number) => void,
): WireBatch | null {
  const bytes = batch.unpack();
  const record = readRecord(bytes, 0);
  const valueBytes = record.valueEnd - record.valueBegin;
  const value = shrinkJson(bytes.subarray(record.valueBegin, record.valueEnd), Math.floor(valueBytes / 2));
  if (value === null) return null;
  const builder = new RecordBuilder(pool, NO_LIMITS);
  builder.appendCopy(bytes, record, batch.baseTimeMs + record.timestampDelta, batch.eventTime, value);
  const shrunk = sealedCopy(batch, builder, pool, nowMs);
  shrunk.entries = batch.entries;
  shrunk.sequence = batch.sequence;
  lost(valueBytes - value.length);
  retire(batch, pool);
  return shrunk;
}

function sealedCopy(batch: WireBatch, builder: RecordBuilder, pool: BufferPool, nowMs: number): WireBatch {
  const copy = new WireBatch(builder, batch.codec, batch.eventTime, nowMs);
  copy.seal(pool, nowMs, batch.baseTimeMs);
  copy.sealedAtMs = batch.sealedAtMs;
  copy.generation = batch.generation;
  return copy;
}

/** Ends a batch whose entries others carry now. */
function retire(batch: WireBatch, pool: BufferPool): void {
  batch.entries = [];
  batch.finish(pool);
}
