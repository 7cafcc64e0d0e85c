import type { FileIdentity } from "../core/host.ts";
import type { LaneKey, SavedLane } from "../core/checkpoint.ts";
import { fileKey } from "./identity.ts";

/** Pipeline, input and source: what all generations and flushers of one path have in common. */
export function sourceKey(key: Pick<LaneKey, "pipeline" | "input" | "source">): string {
  return `${key.pipeline}\n${key.input}\n${key.source}`;
}

/** The whole identity of a lane as one text. */
export function laneKey(key: LaneKey): string {
  return `${sourceKey(key)}\n${key.flusher}\n${fileKey(key)}`;
}

/**
 * Where each lane may begin again, as far as anything knows: lanes of earlier runs, of this one, and of files that were
 * closed meanwhile. Found by source, and by file, for a file that has another name now.
 */
export class SavedIndex {
  readonly #bySource: Map<string, SavedLane[]> = new Map();
  readonly #byFile: Map<string, SavedLane[]> = new Map();
  /** Rows that stand in the maps: those of open lanes are brought up to date in their place. */
  readonly #there: WeakSet<SavedLane> = new WeakSet();

  constructor(rows: readonly SavedLane[]) {
    for (const row of rows) this.note(row);
  }

  /** Number of sources known. */
  get size(): number {
    return this.#bySource.size;
  }

  /** All generations and flushers of a source. */
  ofSource(key: Pick<LaneKey, "pipeline" | "input" | "source">): readonly SavedLane[] {
    return this.#bySource.get(sourceKey(key)) ?? [];
  }

  /** Where this very lane was left. */
  find(key: LaneKey): SavedLane | undefined {
    const own = laneKey(key);
    return this.ofSource(key).find((row) => laneKey(row.key) === own);
  }

  /** Lanes of one input on a file, whatever it was called then. */
  ofFile(
    owner: { readonly pipeline: string; readonly input: string; readonly origin: string },
    file: FileIdentity,
  ): readonly SavedLane[] {
    const rows = this.#byFile.get(fileKey(file)) ?? [];
    return rows.filter(({ key }) =>
      key.pipeline === owner.pipeline && key.input === owner.input &&
      key.source.startsWith(`${owner.origin}:`)
    );
  }

  /** Paths of an origin that lanes of one input were on. */
  paths(owner: { readonly pipeline: string; readonly input: string; readonly origin: string }): string[] {
    const prefix = `${owner.origin}:`;
    const begin = sourceKey({ ...owner, source: prefix });
    const paths: string[] = [];
    for (const key of this.#bySource.keys()) if (key.startsWith(begin)) paths.push(key.slice(begin.length));
    return paths;
  }

  /** The sources, for a sweep; each is a list of its rows. */
  sources(): IterableIterator<readonly SavedLane[]> {
    return this.#bySource.values();
  }

  note(row: SavedLane): void {
    if (this.#there.has(row)) return;
    this.forget(row.key);
    this.#there.add(row);
    put(this.#bySource, sourceKey(row.key), row);
    put(this.#byFile, fileKey(row.key), row);
  }

  /**
   * Takes a row that was kept elsewhere, unless the own one is later and further: it is behind after a kill, and ahead
   * after a time in which lines were delivered another way.
   */
  restore(row: SavedLane): void {
    const own = this.find(row.key);
    if (own !== undefined && own.savedMs >= row.savedMs && sum(own.done) > sum(row.done)) return;
    // How much was seen is saved here more often than there, of the same generation under this inode.
    const isSame = own?.head.length === row.head.length && own.head.hash === row.head.hash;
    const seenBytes = Math.max(row.seenBytes ?? 0, isSame ? own.seenBytes ?? 0 : 0);
    this.note(seenBytes > (row.seenBytes ?? 0) ? { ...row, seenBytes } : row);
  }

  forget(key: LaneKey): void {
    for (const row of this.#byFile.get(fileKey(key)) ?? []) {
      if (isSameLane(row.key, key)) this.#there.delete(row);
    }
    drop(this.#bySource, sourceKey(key), key);
    drop(this.#byFile, fileKey(key), key);
  }
}

function sum(offsets: readonly number[]): number {
  return offsets.reduce((total, offset) => total + offset, 0);
}

function isSameLane(a: LaneKey, b: LaneKey): boolean {
  return a.inode === b.inode && a.device === b.device && a.source === b.source && a.flusher === b.flusher &&
    a.pipeline === b.pipeline && a.input === b.input;
}

function put(index: Map<string, SavedLane[]>, at: string, row: SavedLane): void {
  const rows = index.get(at);
  if (rows === undefined) index.set(at, [row]);
  else rows.push(row);
}

function drop(index: Map<string, SavedLane[]>, at: string, key: LaneKey): void {
  const known = index.get(at);
  if (known === undefined) return;
  const rows = known.filter((row) => !isSameLane(row.key, key));
  if (rows.length === 0) index.delete(at);
  else if (rows.length < known.length) index.set(at, rows);
}
