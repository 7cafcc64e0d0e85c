import type { CheckpointDatabase, CheckpointFolder, CheckpointRow } from "../../src/core/checkpoint.ts";
import { RetriableError } from "../../src/core/errors.ts";
import type { Dice } from "./model.ts";

/** What a crash left of the checkpoint. */
export type Torn =
  /** All that was saved. */
  | "whole"
  /** Without the last transactions, as SQLite's WAL is without an fsync per commit. */
  | "old"
  /** Cut in the middle: no store any more, and set aside at the start. */
  | "truncated"
  /** The store's file is gone. */
  | "deleted"
  /** Bits of one row flipped. */
  | "flipped";

/** What one transaction changed, for taking it back. */
interface Undo {
  /** `savedMs` of the transaction before. */
  readonly savedMs: number;
  readonly before: ReadonlyMap<number, CheckpointRow | undefined>;
}

/** Transactions that a power cut may take back. */
const UNDO_MAX = 4;

/** The checkpoint folder on the virtual disk: it refuses to save at times, and is torn by crashes. */
export class SimFolder implements CheckpointFolder {
  readonly path = "/checkpoint";
  failing = false;
  /** End of the last time of failures. */
  healedMs = -Infinity;
  /** Everything settled before this moment is on the virtual disk. */
  savedMs = -Infinity;
  said: ((line: string) => void) | null = null;
  #rows: Map<number, CheckpointRow> | null = null;
  #marker: string | null = null;
  #isCut = false;
  #undo: Undo[] = [];
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The process or the machine dies, at any point of a save. */
  crash(dice: Dice): Torn {
    const roll = dice.below(100);
    const isWritten = this.#rows !== null && this.#rows.size > 1;
    // Without store and marker nobody could tell that this is no first start.
    if (isWritten && roll < 80 && dice.chance(0.05)) this.#marker = null;
    if (!isWritten || roll < 60) return "whole";
    if (roll < 80) {
      for (let count = 1 + dice.below(3); count > 0 && this.#undo.length > 0; count--) this.#takeBack();
      return "old";
    }
    if (roll < 88) {
      this.#isCut = true;
      return "truncated";
    }
    if (roll < 94) {
      this.#rows = null;
      this.#undo = [];
      return "deleted";
    }
    const [id, row] = dice.pick([...this.#rows!]);
    const at = dice.below(row.body.length);
    const flipped = String.fromCharCode(row.body.charCodeAt(at) ^ 1);
    this.#rows!.set(id, { ...row, body: row.body.slice(0, at) + flipped + row.body.slice(at + 1) });
    this.#undo = [];
    return "flipped";
  }

  #takeBack(): void {
    const { savedMs, before } = this.#undo.pop()!;
    this.savedMs = savedMs;
    for (const [id, row] of before) {
      // A machine that dies within the 100 ms until this is synced has not really been started.
      if (this.#rows!.get(id)?.body.startsWith('["pipeline"')) continue;
      if (row === undefined) this.#rows!.delete(id);
      else this.#rows!.set(id, row);
    }
  }

  open(): { database: CheckpointDatabase } | { unusable: string } {
    if (this.#isCut) return { unusable: "the file is damaged" };
    const rows = this.#rows ??= new Map();
    this.#undo = [];
    return {
      database: {
        readAll: () => [...rows.values()],
        write: (changed, removed, lasting = false) => {
          this.#write(rows, changed, removed);
          if (lasting) this.#undo = [];
        },
        close: () => {},
      },
    };
  }

  #write(
    rows: Map<number, CheckpointRow>,
    changed: readonly CheckpointRow[],
    removed: readonly number[],
  ): void {
    if (this.failing) throw new RetriableError("CHECKPOINT_FAILED", "The virtual disk refuses");
    const before = new Map<number, CheckpointRow | undefined>();
    for (const row of changed) {
      if (!before.has(row.id)) before.set(row.id, rows.get(row.id));
      rows.set(row.id, row);
      this.said?.(`    saved ${row.body}`);
    }
    for (const id of removed) {
      if (!before.has(id)) before.set(id, rows.get(id));
      rows.delete(id);
      this.said?.(`    removed row ${id}`);
    }
    this.#undo.push({ savedMs: this.savedMs, before });
    if (this.#undo.length > UNDO_MAX) this.#undo.shift();
    this.savedMs = this.#nowMs();
  }

  setAside(suffix: string): string {
    this.#isCut = false;
    this.#rows = null;
    return `store.${suffix}`;
  }

  readMarker(): string | null {
    return this.#marker;
  }

  writeMarker(text: string): void {
    this.#marker = text;
  }

  tryLock(): boolean {
    return true;
  }

  unlock(): void {}

  probe(): { fault: string | null; held: boolean } {
    return { fault: null, held: false };
  }

  readHolder(): string | null {
    return null;
  }

  writeHolder(): void {}
}
