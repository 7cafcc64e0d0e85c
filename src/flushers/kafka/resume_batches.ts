import type { BufferPool } from "./buffer_pool.ts";
import { RecordBuilder } from "./record_builder.ts";
import { WireBatch } from "./wire_batch.ts";

/** A batch is closed at this many bytes: below every broker's default, and plain, as few know what is in a topic. */
const LIMITS = { sealBytes: 256 * 1024, recordsMax: 10_000 };

/** Sealed batches with these keys and values, which carry no ledger entries. */
export function recordBatches(
  records: readonly [Uint8Array, Uint8Array | null][],
  pool: BufferPool,
  nowMs: number,
  wallMs: number,
): WireBatch[] {
  const batches: WireBatch[] = [];
  let builder: RecordBuilder | null = null;
  const close = () => {
    if (builder === null) return;
    const batch = new WireBatch(builder, null, false, nowMs);
    batch.seal(pool, nowMs, wallMs);
    batches.push(batch);
    builder = null;
  };
  for (const [key, value] of records) {
    builder ??= new RecordBuilder(pool, LIMITS);
    builder.appendPlain(key, value);
    if (builder.full) close();
  }
  close();
  return batches;
}
