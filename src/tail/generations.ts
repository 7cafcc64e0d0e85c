import type { FileIdentity } from "../core/host.ts";
import type { FileReader } from "./file_reader.ts";
import { isSameFile } from "./identity.ts";
import type { Lane } from "./lane.ts";
import { seenKey, type Sibling } from "./siblings.ts";

/** How long a rotated or deleted file must be quiet before it is closed: the writer goes on in it for a while. */
export const QUIET_MS = 5_000;

/** One generation of bytes of a source, as one target reads it. */
export interface Generation {
  /** Another one when its file was truncated and a copy of it is read on. */
  reader: FileReader;
  readonly lanes: readonly Lane[];
  /** Path it was opened by; after a rotation it has another name or none. */
  readonly path: string;
  /** Whether the path still leads to it. */
  current: boolean;
  /** Siblings of an earlier look, when the path led to another file, as {@linkcode seenKey} names them: none is its copy. */
  readonly elders?: ReadonlySet<string>;
}

/** What is done with lanes and files at their end. */
export interface GenerationEnds {
  /** Sends what the lane still holds; true once it has nothing to read, to send or to settle any more. */
  endLane(reader: FileReader, lane: Lane): boolean;
  /** The lanes are closed, and the list does not hold it any more. */
  dropped(generation: Generation): void;
}

/**
 * The generations of one path, oldest first. Each lane waits for that of the generation before it. One is dropped when
 * it is at its end, quiet and settled.
 */
export class Generations {
  readonly #all: Generation[] = [];
  readonly #ends: GenerationEnds;

  constructor(ends: GenerationEnds) {
    this.#ends = ends;
  }

  /** Oldest first. */
  get all(): readonly Generation[] {
    return this.#all;
  }

  /** The one the path leads to. */
  get current(): Generation | undefined {
    return this.#all.findLast((generation) => generation.current);
  }

  /** The one on this device and inode. */
  ofFile(file: FileIdentity): Generation | undefined {
    return this.#all.find(({ reader }) => isSameFile(reader, file));
  }

  ofReader(reader: FileReader): Generation | undefined {
    return this.#all.find((generation) => generation.reader === reader);
  }

  /** Whether both are read, and this one's generation is the older of the two. */
  isOlder(reader: FileReader, than: FileReader): boolean {
    const index = this.#all.findIndex((generation) => generation.reader === reader);
    return index >= 0 && index < this.#all.findIndex((generation) => generation.reader === than);
  }

  /** Whether a sibling is older than the generation that is read by this one, so that it cannot be its copy. */
  isElder(sibling: Pick<Sibling, "info">, reader: FileReader): boolean {
    return this.ofReader(reader)?.elders?.has(seenKey(sibling)) === true;
  }

  /** Whether one is read by it. */
  reads(reader: FileReader): boolean {
    return this.ofReader(reader) !== undefined;
  }

  /** A generation is read on by another reader from now on: by that of a copy. */
  move(reader: FileReader, to: FileReader): void {
    const generation = this.ofReader(reader);
    if (generation !== undefined) generation.reader = to;
  }

  /** Puts one behind another; without that it is the youngest. Its lanes wait, and are waited for, accordingly. */
  add(generation: Generation, after: Generation | undefined): void {
    const index = after === undefined ? this.#all.length : this.#all.indexOf(after) + 1;
    const previous = this.#all[index - 1];
    const next = this.#all[index];
    generation.lanes.forEach((lane, i) => {
      const older = previous?.lanes[i]?.lastOpen ?? null;
      if (older !== null) {
        lane.older = older;
        older.younger = lane;
        // It must be seen at its end once more, now that the younger one is there.
        older.atEnd = false;
      }
      // One that has begun to read does not wait any more.
      const younger = next?.lanes[i];
      if (younger !== undefined && younger.older !== null) {
        younger.older = lane;
        lane.younger = younger;
      }
    });
    this.#all.splice(index, 0, generation);
  }

  /** Drops those that are over. `finishing`: the one the path leads to may be over, too. */
  tidy(nowMs: number, finishing: boolean): void {
    for (let i = 0; i < this.#all.length;) {
      const { lanes } = this.#all[i];
      if (lanes.every((lane) => lane.closed) || this.#mayEnd(i, nowMs, finishing) && this.#end(i)) {
        this.#drop(i);
      } else i++;
    }
  }

  close(): void {
    while (this.#all.length > 0) this.#drop(0);
  }

  #mayEnd(index: number, nowMs: number, finishing: boolean): boolean {
    const { current, reader } = this.#all[index];
    if (current && !finishing) return false;
    // An older one may still wait for the end of a record that this one holds, but it has nothing more to give.
    for (let i = 0; i <= index; i++) {
      if (!this.#all[i].lanes.every((lane) => lane.closed || lane.reachedEnd)) return false;
    }
    return nowMs - reader.grownMs >= QUIET_MS;
  }

  /** At its end and quiet: what is held is sent. Returns whether all is settled. */
  #end(index: number): boolean {
    const { reader, lanes } = this.#all[index];
    let ended = true;
    for (const lane of lanes) {
      // All or none are closed: the container may run again, and then every lane goes on.
      if (lane.isFollowed) ended = false;
      else if (!lane.closed && !this.#ends.endLane(reader, lane)) ended = false;
    }
    return ended;
  }

  #drop(index: number): void {
    const [generation] = this.#all.splice(index, 1);
    for (const lane of generation.lanes) lane.close();
    this.#ends.dropped(generation);
    for (const lane of this.#all[index]?.lanes ?? []) lane.skipClosed();
  }
}
