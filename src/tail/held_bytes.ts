import { makeBytes } from "../base/buffers.ts";
import type { Droppable, HeldBudget } from "./held_budget.ts";

/** The read call of `OpenFile` in core/host. */
export interface ReadAgain {
  read(into: Uint8Array, begin: number, length: number, at: number): number;
}

/**
 * Ranges of the file closer together than this become one: the rows of the other stream in between are read again
 * and skipped, which is cheaper than a call each and bounds the list.
 */
const GAP_BYTES_MAX = 16 * 1024;

/**
 * A longer record is not cached: to read it again costs one call when it is complete, and many of them that grow at
 * once would leave more garbage behind than a small node has memory.
 */
const CACHED_BYTES_MAX = 64 * 1024;

/**
 * The physical lines of one unfinished record: where they are in the file, and a copy of their bytes as long as the
 * budget allows. Whoever wants the record parses the lines again, so both ways give the same.
 *
 *   runs:  [begin end) [begin end) …   file offsets; a run may cover lines of other streams
 */
export class HeldBytes implements Droppable {
  readonly #budget: HeldBudget;
  #file: ReadAgain | null;
  #bytes: Uint8Array | null = null;
  #used = 0;
  #droppable = true;
  #runs: number[] = [];
  #dropped = false;

  constructor(budget: HeldBudget, file: ReadAgain) {
    this.#budget = budget;
    this.#file = file;
  }

  /** Bytes the budget would get back. */
  get cachedBytes(): number {
    return this.#droppable && this.#bytes !== null ? this.#bytes.length : 0;
  }

  /** Adds the line `arena[begin, end)`, which lies at `fileAt`. */
  add(arena: Uint8Array, begin: number, end: number, fileAt: number): void {
    if (this.#droppable) this.#addRun(fileAt, fileAt + end - begin);
    if (!this.#dropped) this.#cache(arena.subarray(begin, end));
  }

  /** Adds what another one holds, which comes later in the stream; that one is empty afterwards. */
  addAll(other: HeldBytes): void {
    if (!this.#droppable) {
      const { bytes, length } = other.load();
      this.#cache(bytes.subarray(0, length));
    } else {
      for (let i = 0; i < other.#runs.length; i += 2) this.#addRun(other.#runs[i], other.#runs[i + 1]);
      if (this.#dropped || other.#dropped) this.drop();
      else if (other.#bytes !== null) this.#cache(other.#bytes.subarray(0, other.#used));
    }
    other.release();
  }

  /**
   * The bytes of all lines, in order: `bytes[0, length)`. Valid until the next call of anything here, or of this for
   * any other record.
   */
  load(): { bytes: Uint8Array; length: number; missing: number } {
    if (!this.#dropped) return { bytes: this.#bytes ?? EMPTY, length: this.#used, missing: 0 };
    let wanted = 0;
    for (let i = 0; i < this.#runs.length; i += 2) wanted += this.#runs[i + 1] - this.#runs[i];
    const bytes = this.#budget.again.take(wanted);
    let length = 0;
    for (let i = 0; i < this.#runs.length; i += 2) length = this.#readRun(bytes, length, i);
    return { bytes, length, missing: wanted - length };
  }

  /** Keeps the bytes in memory from now on, because the file goes away. Returns how many could not be read again. */
  pin(): number {
    const { bytes, length, missing } = this.load();
    if (this.#dropped) {
      this.#bytes = makeBytes(length);
      this.#bytes.set(bytes.subarray(0, length));
      this.#used = length;
      this.#dropped = false;
      this.#droppable = false;
      this.#budget.add(this, length);
    }
    this.#droppable = false;
    this.#budget.forget(this);
    this.#file = null;
    this.#runs.length = 0;
    return missing;
  }

  drop(): void {
    if (this.#bytes !== null) this.#budget.remove(this.#bytes.length);
    this.#bytes = null;
    this.#used = 0;
    this.#dropped = true;
    this.#budget.forget(this);
  }

  /** Empties it. */
  release(): void {
    this.drop();
    this.#dropped = false;
    this.#runs.length = 0;
  }

  #addRun(begin: number, end: number): void {
    const last = this.#runs.length - 1;
    if (last > 0 && begin - this.#runs[last] <= GAP_BYTES_MAX) this.#runs[last] = end;
    else this.#runs.push(begin, end);
  }

  #cache(more: Uint8Array): void {
    const need = this.#used + more.length;
    if (this.#droppable && need > CACHED_BYTES_MAX) return this.drop();
    const before = this.#bytes?.length ?? 0;
    if (this.#bytes === null || need > before) {
      const grown = makeBytes(Math.max(need, before * 2, 256));
      if (this.#bytes !== null) grown.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = grown;
    }
    this.#bytes.set(more, this.#used);
    this.#used = need;
    // Last, as this very record may be the one that is dropped.
    if (this.#bytes.length > before) this.#budget.add(this, this.#bytes.length - before);
  }

  #readRun(into: Uint8Array, from: number, run: number): number {
    let at = this.#runs[run];
    let length = from;
    while (at < this.#runs[run + 1]) {
      const got = this.#file!.read(into, length, this.#runs[run + 1] - at, at);
      if (got <= 0) break;
      length += got;
      at += got;
    }
    return length;
  }
}

const EMPTY = new Uint8Array(0);
