import type {
  Birth,
  CheckpointDatabase,
  CheckpointRow,
  CheckpointStore,
  LaneKey,
  SavedLane,
} from "../core/checkpoint.ts";
import { describeError } from "../core/errors.ts";
import type { Log } from "../core/telemetry.ts";
import { checkSum } from "./check_sum.ts";
import { decodeRow, encodeRow, laneKeyText, type Stored } from "./rows.ts";

/** The row that holds the birth; all other numbers are given out as needed. */
export const BORN_ID = 1;

/** Resume points in a database. It keeps in memory only which row belongs to which lane. */
export class FolderStore implements CheckpointStore {
  readonly birth: Birth;
  readonly #database: CheckpointDatabase;
  readonly #log: Log;
  /** When pipelines that nothing is known of were first seen. */
  readonly #unknownMs: number;
  readonly #laneIds: Map<string, number> = new Map();
  /** The same by the object that names the lane: mostly it is the one of the save before. */
  #idsOfKeys: WeakMap<LaneKey, number> = new WeakMap();
  readonly #firstSeen: Map<string, number> = new Map();
  /** Texts stay in the database: the list of a thousand containers is a megabyte. */
  readonly #notes: Map<string, { readonly id: number; readonly sum: string }> = new Map();
  /** Rows that are not stored yet because the disk refused; they go with the next transaction. */
  #late: CheckpointRow[] = [];
  /**
   * The next save has to outlive a power cut: were the first sight of a pipeline lost, files that were rotated since then
   * would be taken for older ones, and never read. Not each by itself: a thousand would be a thousand waits.
   */
  #owesSync = false;
  #nextId = BORN_ID + 1;
  #loaded: SavedLane[] = [];

  /**
   * `stored`: what the database holds, by row. `unknownMs`: when a pipeline was first seen that is not in it: now, or,
   * when something of the store is lost, as early as can be, because what it had not delivered is to be found.
   */
  constructor(
    database: CheckpointDatabase,
    birth: Birth,
    stored: ReadonlyMap<number, Stored>,
    unknownMs: number,
    log: Log,
  ) {
    this.#database = database;
    this.birth = birth;
    this.#unknownMs = unknownMs;
    this.#log = log;
    for (const [id, value] of stored) {
      this.#nextId = Math.max(this.#nextId, id + 1);
      if (value.kind === "pipeline") this.#firstSeen.set(value.name, value.firstSeenMs);
      if (value.kind === "note") this.#notes.set(value.name, { id, sum: sumOf(value.text) });
      if (value.kind !== "lane") continue;
      this.#laneIds.set(laneKeyText(value.lane.key), id);
      this.#loaded.push(value.lane);
    }
  }

  load(): SavedLane[] {
    const loaded = this.#loaded;
    this.#loaded = [];
    return loaded;
  }

  save(changed: readonly SavedLane[], removed: readonly LaneKey[]): void {
    const rows = [...this.#late];
    const nextId = this.#nextId;
    const added: string[] = [];
    for (const lane of changed) {
      let id = this.#idsOfKeys.get(lane.key);
      if (id === undefined) {
        const key = laneKeyText(lane.key);
        id = this.#laneIds.get(key);
        if (id === undefined) {
          id = this.#nextId++;
          this.#laneIds.set(key, id);
          added.push(key);
        }
        this.#idsOfKeys.set(lane.key, id);
      }
      rows.push(encodeRow(id, { kind: "lane", lane }));
    }
    const removedKeys = removed.map(laneKeyText);
    const removedIds = removedKeys.map((key) => this.#laneIds.get(key)).filter((id) => id !== undefined);
    if (rows.length === 0 && removedIds.length === 0) return;
    try {
      this.#database.write(rows, removedIds, this.#owesSync);
    } catch (error) {
      for (const key of added) this.#laneIds.delete(key);
      if (added.length > 0) this.#idsOfKeys = new WeakMap();
      this.#nextId = nextId;
      throw error;
    }
    this.#late = [];
    this.#owesSync = false;
    for (const key of removedKeys) this.#laneIds.delete(key);
    if (removedKeys.length > 0) this.#idsOfKeys = new WeakMap();
  }

  firstSeenMs(pipeline: string): number {
    const known = this.#firstSeen.get(pipeline);
    if (known !== undefined) return known;
    const firstSeenMs = this.#unknownMs;
    this.#firstSeen.set(pipeline, firstSeenMs);
    const row = encodeRow(this.#nextId++, { kind: "pipeline", name: pipeline, firstSeenMs });
    this.#owesSync = true;
    try {
      this.#database.write([row], []);
    } catch (error) {
      this.#late.push(row);
      this.#log.warn("the first sight of a pipeline is not saved yet", {
        pipeline,
        reason: describeError(error),
      });
    }
    return firstSeenMs;
  }

  note(name: string): string | null {
    const known = this.#notes.get(name);
    if (known === undefined) return null;
    const row = this.#database.readAll().find(({ id }) => id === known.id);
    const stored = row === undefined ? null : decodeRow(row);
    return stored?.kind === "note" ? stored.text : null;
  }

  setNote(name: string, text: string): void {
    const known = this.#notes.get(name);
    const sum = sumOf(text);
    if (known?.sum === sum) return;
    const id = known?.id ?? this.#nextId++;
    this.#database.write([encodeRow(id, { kind: "note", name, text })], []);
    this.#notes.set(name, { id, sum });
  }

  close(): void {
    this.#database.close();
  }
}

/** Tells two texts apart. */
function sumOf(text: string): string {
  return `${text.length} ${checkSum(text)}`;
}
