import type { LaneKey } from "../../core/checkpoint.ts";
import { type LedgerEntry, resumesWithout } from "../../core/ledger.ts";
import type { Partition } from "./partition.ts";
import { keyText, laneRecord, laneRecordKey } from "./resume_records.ts";
import type { WireBatch } from "./wire_batch.ts";

/** A batch that a broker has, and where. */
export interface KeptBatch {
  readonly partition: Partition;
  readonly batch: WireBatch;
}

/** What brokers have of the open transaction, in order; kept until it is committed. */
export class KeptBatches {
  bytes = 0;
  #batches: KeptBatch[] = [];
  /** Lanes whose rows are to be deleted. */
  readonly #gone: Map<string, LaneKey> = new Map();

  get count(): number {
    return this.#batches.length;
  }

  /** Their topics are in use until then. */
  add(partition: Partition, batch: WireBatch): void {
    partition.topic.users++;
    this.#batches.push({ partition, batch });
    this.bytes += batch.wireBytes;
  }

  /** Gives all of them away. */
  take(): KeptBatch[] {
    const batches = this.#batches;
    this.#batches = [];
    this.bytes = 0;
    for (const { partition } of batches) partition.topic.users--;
    return batches;
  }

  /** A lane's row is of no use any more. */
  forget(key: LaneKey): void {
    this.#gone.set(keyText(key), key);
  }

  /** Records of the resume points that the commit will settle, those and no others, and of rows to delete. */
  resumeRecords(id: string, savedMs: number): [Uint8Array, Uint8Array | null][] {
    const released = new Map<LedgerEntry, number>();
    for (const { batch } of this.#batches) {
      for (const entry of batch.entries) released.set(entry, (released.get(entry) ?? 0) + 1);
    }
    const rows = new Map<string, [Uint8Array, Uint8Array | null]>();
    for (const [name, key] of this.#gone) rows.set(name, [laneRecordKey(id, key), null]);
    this.#gone.clear();
    for (const [ledger, resume] of resumesWithout(released)) {
      const lane = ledger.owner?.savedAt(resume, savedMs) ?? null;
      // Of two lanes with one key the later counts: it began to write later.
      if (lane !== null) rows.set(keyText(lane.key), laneRecord(id, lane));
    }
    return [...rows.values()];
  }
}
