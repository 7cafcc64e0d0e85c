import type { SavedLane } from "../core/checkpoint.ts";
import type { Clock, Files } from "../core/host.ts";
import { fileKey, isSameFile, unpackedOf } from "./identity.ts";
import type { LossLedger } from "./loss_ledger.ts";
import type { ReaderTable } from "./reader_table.ts";
import { laneKey, type SavedIndex } from "./saved_index.ts";
import type { Saver } from "./saver.ts";
import {
  basesOf,
  isRotatedName,
  joinPath,
  mayBePacked,
  SIBLING_ENTRIES_MAX,
  splitPath,
  unpackedName,
} from "./siblings.ts";

/** A file must be missing for this long before it counts as gone: folders are mounted late and moved for a while. */
export const GONE_AFTER_MS = 10 * 60_000;
/** Sources looked at in one run, once a second. */
const SOURCES_PER_RUN = 20;
/** Saved lanes of one source at most; above, the oldest go, whatever became of their files. */
export const ROWS_PER_SOURCE_MAX = 256;

/**
 * Forgets saved lanes of files that are gone, in memory and in the store, a few sources at a time. What of them was seen
 * and never delivered is booked as lost then.
 */
export class SavedSweep {
  readonly #index: SavedIndex;
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #readers: ReaderTable;
  readonly #saver: Saver;
  readonly #losses: LossLedger;
  readonly #missingSinceMs: Map<string, number> = new Map();
  #walk: IterableIterator<readonly SavedLane[]>;

  constructor(
    index: SavedIndex,
    files: Files,
    clock: Clock,
    readers: ReaderTable,
    saver: Saver,
    losses: LossLedger,
  ) {
    this.#index = index;
    this.#files = files;
    this.#clock = clock;
    this.#readers = readers;
    this.#saver = saver;
    this.#losses = losses;
    this.#walk = index.sources();
  }

  /** Looks at the next few sources. */
  run(): void {
    const nowMs = this.#clock.monotonicMs();
    for (let i = 0; i < Math.min(SOURCES_PER_RUN, this.#index.size); i++) {
      const next = this.#walk.next();
      if (next.done) {
        this.#walk = this.#index.sources();
        return;
      }
      this.#lookAt([...next.value], nowMs);
    }
  }

  #lookAt(rows: readonly SavedLane[], nowMs: number): void {
    const byFile = new Map<string, SavedLane[]>();
    for (const row of rows) {
      const file = fileKey(row.key);
      byFile.set(file, [...byFile.get(file) ?? [], row]);
    }
    for (const [file, lanes] of byFile) {
      const missing = `${file}\n${laneKey(lanes[0].key)}`;
      if (this.#readers.byKey.has(file) || this.#exists(lanes[0])) this.#missingSinceMs.delete(missing);
      else {
        const sinceMs = this.#missingSinceMs.get(missing) ?? nowMs;
        this.#missingSinceMs.set(missing, sinceMs);
        if (nowMs - sinceMs < GONE_AFTER_MS) continue;
        this.#missingSinceMs.delete(missing);
        this.#forget(lanes);
      }
    }
    if (rows.length <= ROWS_PER_SOURCE_MAX) return;
    const closed = rows.filter(({ key }) => !this.#readers.byKey.has(fileKey(key)));
    closed.sort((a, b) => a.savedMs - b.savedMs);
    for (const row of closed.slice(0, rows.length - ROWS_PER_SOURCE_MAX)) this.#saver.remove(row.key);
  }

  #forget(lanes: readonly SavedLane[]): void {
    let bytes = 0;
    for (const { done, seenBytes, anchor } of lanes) {
      bytes = Math.max(bytes, (seenBytes ?? anchor.at) - Math.min(...done));
    }
    const [{ key, hostPath, label }] = lanes;
    // Rows of older agents have no name; the id of the container, or `host`, does then.
    const owner = label ?? key.source.slice(0, key.source.indexOf(":"));
    if (bytes > 0) this.#losses.book("vanished", owner, hostPath, bytes);
    for (const lane of lanes) this.#saver.remove(lane.key);
  }

  /**
   * Whether the file is where it was, or beside it under a rotated name. One that was delivered may be packed by now:
   * what is known of it says at the next start that it is not to be read again.
   */
  #exists({ key, hostPath, done, seenBytes, anchor }: SavedLane): boolean {
    const info = this.#files.lstat(hostPath);
    if (info !== null && (isSameFile(info, key) || isSameFile(unpackedOf(info), key))) return true;
    const isDelivered = Math.min(...done) >= (seenBytes ?? anchor.at) && anchor.at > 0;
    const { folder, name: ownName } = splitPath(hostPath);
    const name = key.device < 0 ? unpackedName(ownName) : ownName;
    const bases = [name, ...basesOf(name)];
    for (const entry of this.#files.list(folder, SIBLING_ENTRIES_MAX) ?? []) {
      if (isDelivered && bases.some((base) => mayBePacked(base, entry.name))) return true;
      if (!bases.some((base) => entry.name === base || isRotatedName(base, entry.name))) continue;
      const other = this.#files.lstat(joinPath(folder, entry.name));
      if (other !== null && isSameFile(other, key)) return true;
    }
    return false;
  }
}
