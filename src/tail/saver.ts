import type { CheckpointStore, LaneKey, SavedLane } from "../core/checkpoint.ts";
import { describeError } from "../core/errors.ts";
import type { Clock, Timer } from "../core/host.ts";
import type { Log, Metrics } from "../core/telemetry.ts";
import type { Lane } from "./lane.ts";
import { laneKey, type SavedIndex } from "./saved_index.ts";

/** All changed resume points go to the store in one transaction, at most this often. */
export const SAVE_EVERY_MS = 100;
/** After the disk refused, tries again at this pace; what is unsaved is only repeated after a crash, never lost. */
const SAVE_RETRY_MS = 1_000;

/** See the constants. */
export class Saver {
  readonly #store: CheckpointStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #index: SavedIndex;
  readonly #forgotten: ((key: LaneKey) => void) | undefined;
  readonly #failures;
  #dirty: Lane[] = [];
  readonly #removed: Map<string, LaneKey> = new Map();
  #timer: Timer | null = null;
  /** Why the last save failed, "" when it went through: readiness tells. */
  failure = "";

  /** `index` gets every row that is on disk; `forgotten` is told of rows that are removed. */
  constructor(
    store: CheckpointStore,
    clock: Clock,
    log: Log,
    metrics: Metrics,
    index: SavedIndex,
    forgotten?: (key: LaneKey) => void,
  ) {
    this.#index = index;
    this.#forgotten = forgotten;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#failures = metrics.counter("denotail_checkpoint_failures_total", "Saves that the disk refused.");
  }

  /** The lane's safe resume point moved. */
  mark(lane: Lane): void {
    if (lane.dirty || lane.abandoned) return;
    lane.dirty = true;
    this.#dirty.push(lane);
    this.#soon();
  }

  /** A saved lane is of no use any more. */
  remove(key: LaneKey): void {
    this.#index.forget(key);
    this.#forgotten?.(key);
    this.#removed.set(laneKey(key), key);
    this.#soon();
  }

  /** Saves now; at stop, and by the timer. Returns whether all is saved. */
  flush(): boolean {
    if (this.#dirty.length === 0 && this.#removed.size === 0) return this.failure === "";
    const lanes = this.#dirty;
    const rows = this.#rows(lanes);
    try {
      this.#store.save(rows, [...this.#removed.values()]);
    } catch (error) {
      this.#failures.value++;
      if (this.failure === "") {
        this.#log.error("Checkpoint cannot be saved, going on", { error: describeError(error) });
      }
      this.failure = describeError(error);
      this.#soon();
      return false;
    }
    for (const row of rows) this.#index.note(row);
    if (this.failure !== "") this.#log.info("Checkpoint is saved again");
    this.failure = "";
    this.#dirty = [];
    this.#removed.clear();
    for (const lane of lanes) lane.dirty = false;
    return true;
  }

  /** No more saves by time. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /**
   * Of two rows with one identity the later counts: while the disk refuses, an inode number may have gone from one
   * file to the next. The earlier one is closed then, and without such a one there is no need for an order.
   */
  #rows(lanes: readonly Lane[]): SavedLane[] {
    const nowMs = this.#clock.wallMs();
    const rows: SavedLane[] = [];
    const ordered = lanes.some((lane) => lane.closed)
      ? lanes.toSorted((a, b) => a.attachedAs - b.attachedAs)
      : lanes;
    for (const lane of ordered) {
      const row = lane.abandoned ? null : savedRow(lane, nowMs);
      if (row === null) continue;
      rows.push(row);
      if (this.#removed.size > 0) this.#removed.delete(laneKey(row.key));
    }
    return rows;
  }

  #soon(): void {
    this.#timer ??= this.#clock.after(this.failure !== "" ? SAVE_RETRY_MS : SAVE_EVERY_MS, () => {
      this.#timer = null;
      this.flush();
    });
  }
}

/**
 * What would be saved of a lane now; `null` while it has no file. Reads nothing. The same object each time, brought up
 * to date, as long as the lane is on the same file.
 */
export function savedRow(lane: Lane, nowMs: number): SavedLane | null {
  const { reader } = lane;
  if (reader === null) return null;
  const key = lane.key();
  const { done } = lane.ledger.safe;
  const { head, hostPath } = reader;
  const anchor = lane.savedAnchor();
  const seenBytes = Math.max(reader.sizeBytes, reader.diskBytes);
  const { row } = lane;
  const { label } = lane.info;
  if (row?.key !== key) {
    return lane.row = { key, done, head, anchor, hostPath, seenBytes, label, savedMs: nowMs };
  }
  row.done = done;
  row.head = head;
  row.anchor = anchor;
  row.hostPath = hostPath;
  row.seenBytes = seenBytes;
  row.savedMs = nowMs;
  return row;
}
