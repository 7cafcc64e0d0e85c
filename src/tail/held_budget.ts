import { ReusedBytes } from "../base/reused_bytes.ts";

/** Bytes of unfinished records that all lanes together may keep in memory (contract "Held records"). */
export const HELD_BYTES_MAX = 8 * 1024 * 1024;

/** Something whose cached bytes can be dropped, because they can be read again. */
export interface Droppable {
  readonly cachedBytes: number;
  drop(): void;
}

/**
 * The agent-wide limit on held bytes. They are a cache: when it is full, the largest one is dropped, so nobody ever
 * waits for room while holding some. One per agent.
 */
export class HeldBudget {
  readonly limitBytes: number;
  /** Bytes cached now; for the metrics. */
  usedBytes = 0;
  /** How often cached bytes were dropped; for the metrics. */
  dropCount = 0;

  /** What dropped bytes are read into again: those of one record at a time. */
  readonly again: ReusedBytes = new ReusedBytes(64 * 1024, 256 * 1024);

  #holders: Set<Droppable> = new Set();

  constructor(limitBytes: number = HELD_BYTES_MAX) {
    this.limitBytes = limitBytes;
  }

  /** Registers cached bytes; may drop those of any holder, the asking one included. */
  add(holder: Droppable, bytes: number): void {
    this.#holders.add(holder);
    this.usedBytes += bytes;
    while (this.usedBytes > this.limitBytes) {
      let largest: Droppable | null = null;
      for (const each of this.#holders) {
        if (each.cachedBytes > 0 && (largest === null || each.cachedBytes > largest.cachedBytes)) {
          largest = each;
        }
      }
      // What was handed over a rotation cannot be dropped; there is at most one record of it per source.
      if (largest === null) return;
      this.dropCount++;
      largest.drop();
    }
  }

  /** Bytes that are not cached any more. */
  remove(bytes: number): void {
    this.usedBytes -= bytes;
    if (this.usedBytes < 0) throw new Error("BUG: more held bytes given back than taken");
  }

  /** The holder has nothing to drop from now on. */
  forget(holder: Droppable): void {
    this.#holders.delete(holder);
  }
}
