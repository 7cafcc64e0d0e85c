import type { SavedLane } from "../../src/core/checkpoint.ts";
import type { Files, FolderEntry } from "../../src/core/host.ts";
import { Ledger, type LedgerEntry, type Resume } from "../../src/core/ledger.ts";
import type { Partition } from "../../src/flushers/kafka/partition.ts";
import { Sender } from "../../src/flushers/kafka/sender.ts";
import { NO_HEAD } from "../../src/tail/identity.ts";

/**
 * Faults that the simulation plants into the agent to prove that it would find them. They are made from outside: in what
 * the agent sees of the disk and of its store, or in a class that is replaced for the time of a run.
 */
export type Planted =
  /** A batch counts as delivered when it is handed over. */
  | "saved before the acknowledgement"
  /** What was renamed is not found beside its path. */
  | "rotated siblings are skipped"
  /** A file is known by its inode number alone. */
  | "an inode number is trusted"
  /** A batch without records moves no resume point. */
  | "an empty batch has no entry"
  /** After a failure batches get new sequences while others are still out. */
  | "sequences begin anew while batches are in flight";

export const PLANTED: readonly Planted[] = [
  "saved before the acknowledgement",
  "rotated siblings are skipped",
  "an inode number is trusted",
  "an empty batch has no entry",
  "sequences begin anew while batches are in flight",
];

/** The disk as an agent sees it that does not look beside a path. */
export function withoutSiblings(files: Files): Files {
  const list = (path: string, entriesMax?: number): FolderEntry[] | null =>
    files.list(path, entriesMax)?.filter(({ name }) => !name.startsWith("app.log.")) ?? null;
  return Object.create(files, { list: { value: list } });
}

/** What was saved, with nothing that tells one file of an inode number from the next. */
export function withoutProof(rows: readonly SavedLane[]): SavedLane[] {
  return rows.map((row) => ({ ...row, head: NO_HEAD, anchor: { at: 0, ...NO_HEAD } }));
}

/** Plants what lies in a class. Returns how to take it out again. */
export function plant(planted: Planted | null): () => void {
  if (planted === "an empty batch has no entry") return plantUnledgered();
  if (planted === "sequences begin anew while batches are in flight") return plantRestamp();
  return () => {};
}

/** A sender that does not wait for what is out, and does not resend it as it was. */
function plantRestamp(): () => void {
  const launch = Sender.prototype.launch;
  Sender.prototype.launch = function (partition: Partition, nowMs: number): number {
    if (partition.muted && partition.inFlight > 0) {
      for (const batch of partition.queue) {
        batch.stamped = false;
        batch.sequence = -1;
      }
    }
    return launch.call(this, partition, nowMs);
  };
  return () => void (Sender.prototype.launch = launch);
}

/** Until the returned function is called, ledgers take up an entry only when something holds it. */
function plantUnledgered(): () => void {
  const open = Ledger.prototype.open;
  Ledger.prototype.open = function (resume: Resume): LedgerEntry {
    let entry: LedgerEntry | null = null;
    const late = {
      also: null as LedgerEntry | null,
      hold: () => {
        entry ??= open.call(this, resume);
        entry.also = late.also;
        entry.hold();
      },
      settle: () => entry?.settle(),
      get settled() {
        return entry?.settled ?? true;
      },
    };
    return late as unknown as LedgerEntry;
  };
  return () => void (Ledger.prototype.open = open);
}
