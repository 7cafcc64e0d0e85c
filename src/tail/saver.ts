import type { CheckpointStore, SavedLane } from "../core/checkpoint.ts";
import { describeError } from "../core/errors.ts";
import type { Clock, Timer } from "../core/host.ts";
import type { Log, Metrics } from "../core/telemetry.ts";
import type { FileReader } from "./file_reader.ts";
import type { Lane } from "./lane.ts";

/** All changed resume points go to the store in one transaction, at most this often. */
export const SAVE_EVERY_MS = 100;
/** After the disk refused, tries again at this pace; what is unsaved is only repeated after a crash, never lost. */
const SAVE_RETRY_MS = 1_000;

/** See the constants. */
export class Saver {
  readonly #store: CheckpointStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #saved: (row: SavedLane) => void;
  readonly #failures;
  #dirty: Lane[] = [];
  #timer: Timer | null = null;
  /** Why the last save failed, "" when it went through: readiness tells. */
  failure = "";

  /** `saved` is told of every row that is on disk now. */
  constructor(
    store: CheckpointStore,
    clock: Clock,
    log: Log,
    metrics: Metrics,
    saved: (row: SavedLane) => void,
  ) {
    this.#saved = saved;
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
    this.#timer ??= this.#clock.after(this.failure !== "" ? SAVE_RETRY_MS : SAVE_EVERY_MS, () => {
      this.#timer = null;
      this.flush();
    });
  }

  /** Saves now; at stop, and by the timer. Returns whether all is saved. */
  flush(): boolean {
    if (this.#dirty.length === 0) return this.failure === "";
    const lanes = this.#dirty;
    const rows: SavedLane[] = [];
    const nowMs = this.#clock.wallMs();
    for (const lane of lanes) {
      const reader = lane.abandoned ? null : lane.reader;
      if (reader !== null) rows.push(savedRow(lane, reader, nowMs));
    }
    try {
      this.#store.save(rows, []);
    } catch (error) {
      this.#failures.value++;
      if (this.failure === "") {
        this.#log.error("Checkpoint cannot be saved, going on", { error: describeError(error) });
      }
      this.failure = describeError(error);
      this.#timer ??= this.#clock.after(SAVE_RETRY_MS, () => {
        this.#timer = null;
        this.flush();
      });
      return false;
    }
    for (const row of rows) this.#saved(row);
    if (this.failure !== "") this.#log.info("Checkpoint is saved again");
    this.failure = "";
    this.#dirty = [];
    for (const lane of lanes) lane.dirty = false;
    return true;
  }

  /** No more saves by time. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }
}

function savedRow(lane: Lane, reader: FileReader, nowMs: number): SavedLane {
  const { pipeline, input, flusher, source } = lane.info;
  reader.noteHead();
  return {
    key: { pipeline, input, flusher, source, device: reader.device, inode: reader.inode },
    done: lane.ledger.safe.done,
    head: reader.head,
    anchor: lane.savedAnchor(),
    hostPath: reader.hostPath,
    savedMs: nowMs,
  };
}
