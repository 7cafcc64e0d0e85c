import type { Batch } from "../batch.ts";

/**
 * How one record becomes the bytes that a reader of the topic sees (iLogtail: `Convert.Protocol`). An envelope keeps
 * caches (per key, source and second) and belongs to one flusher.
 */
export interface Envelope {
  /** `sls_json`, `custom_single` or `custom_single_flatten`. */
  readonly name: string;
  /** An upper bound of what `encode` writes for this record. Close for long records, rough for short ones. */
  bytesMax(batch: Batch, record: number): number;
  /**
   * Writes the record to `out` from `at` on and returns the position behind it. Writes nothing past that and at most
   * `bytesMax` bytes, for which the caller has made room. The record must have a field (`batch.first[record] >= 0`).
   */
  encode(batch: Batch, record: number, out: Uint8Array, at: number): number;
  /**
   * As `encode`, but looks for room itself: -1, and `out` is spoilt from `at` on, when the record may not end at or
   * before `limit`. For callers who mostly have room this spares the walk of `bytesMax`.
   */
  encodeWithin(batch: Batch, record: number, out: Uint8Array, at: number, limit: number): number;
}
