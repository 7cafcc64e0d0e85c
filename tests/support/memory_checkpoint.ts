import type { CheckpointDatabase, CheckpointFolder, CheckpointRow } from "../../src/core/checkpoint.ts";
import { PermanentError, RetriableError } from "../../src/core/errors.ts";

/** A checkpoint folder in memory. It outlives the stores that are opened on it, as a disk does. */
export class MemoryCheckpointFolder implements CheckpointFolder {
  readonly path = "/checkpoint";
  rows: Map<number, CheckpointRow> | null = null;
  marker: string | null = null;
  holder: string | null = null;
  lockedByOther = false;
  /** Set: opening says so until the store is set aside. */
  unusable = "";
  /** Transactions fail. */
  full = false;
  missing = false;
  setAsides: string[] = [];
  writes = 0;
  /** Transactions that a power cut must not take back. */
  lasting = 0;

  open(): { database: CheckpointDatabase } | { unusable: string } {
    if (this.missing) throw new PermanentError("CHECKPOINT_FOLDER", "the folder is missing");
    if (this.unusable !== "") return { unusable: this.unusable };
    const rows = this.rows ??= new Map();
    return {
      database: {
        readAll: () => [...rows.values()],
        write: (changed, removed, lasting = false) => {
          if (this.full) throw new RetriableError("CHECKPOINT_SAVE_FAILED", "the disk is full");
          this.writes++;
          if (lasting) this.lasting++;
          for (const row of changed) rows.set(row.id, row);
          for (const id of removed) rows.delete(id);
        },
        close: () => {},
      },
    };
  }

  setAside(suffix: string): string {
    this.unusable = "";
    this.rows = null;
    this.setAsides.push(suffix);
    return `store.${suffix}`;
  }

  readMarker(): string | null {
    return this.marker;
  }

  writeMarker(text: string): void {
    this.marker = text;
  }

  tryLock(): boolean {
    return !this.lockedByOther;
  }

  unlock(): void {}

  probe(): { fault: string | null; held: boolean } {
    if (this.missing) return { fault: "does not exist", held: false };
    return {
      fault: this.full ? "cannot be written (No space left on device)" : null,
      held: this.lockedByOther,
    };
  }

  readHolder(): string | null {
    return this.holder;
  }

  writeHolder(text: string): void {
    this.holder = text;
  }
}
