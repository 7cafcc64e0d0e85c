import type { LaneKey, SavedLane } from "../../src/core/checkpoint.ts";
import { RetriableError } from "../../src/core/errors.ts";
import { MapStore } from "../support/tail_world.ts";

/** A stand-in for the checkpoint that refuses to save at times, for histories of the tail alone. */
export class SimStore extends MapStore {
  failing = false;
  /** End of the last time of failures. */
  healedMs = -Infinity;
  /** Everything settled before this moment is on the virtual disk. */
  savedMs = -Infinity;
  monotonicMs: () => number = () => 0;
  said: ((line: string) => void) | null = null;

  override save(changed: readonly SavedLane[], removed: readonly LaneKey[]): void {
    if (this.failing) throw new RetriableError("CHECKPOINT_FAILED", "The virtual disk refuses");
    super.save(changed, removed);
    this.savedMs = this.monotonicMs();
    if (this.said !== null) {
      for (const { key, done, anchor } of changed) {
        this.said(
          `    saved ${key.pipeline}/${key.flusher} ${key.source} inode ${key.inode} done ${done} at ${anchor.at}`,
        );
      }
      for (const key of removed) {
        this.said(`    removed ${key.pipeline}/${key.flusher} ${key.source} inode ${key.inode}`);
      }
    }
  }
}
