import { CHUNK_BYTES } from "./arena_pool.ts";
import type { FileReader } from "./file_reader.ts";
import { TurnQueue } from "./turn_queue.ts";

/**
 * Readers that wait for their turn. Those that are done with one read and those with a backlog take turns, so that a
 * single line does not wait behind a chunk of every other file, and a backlog not behind files that always have a line.
 */
export class ReaderQueue {
  readonly #short: TurnQueue<FileReader> = new TurnQueue();
  readonly #long: TurnQueue<FileReader> = new TurnQueue();
  /** What was taken last was a short one. */
  #wasShort = false;

  get size(): number {
    return this.#short.size + this.#long.size;
  }

  has(reader: FileReader): boolean {
    return this.#short.has(reader) || this.#long.has(reader);
  }

  /** Puts it at the end, unless it waits already. */
  add(reader: FileReader): void {
    if (this.has(reader)) return;
    if (reader.unreadBytes < CHUNK_BYTES) this.#short.add(reader);
    else this.#long.add(reader);
  }

  /** It has read a chunk and is not done: the others come first, whatever is left of it. */
  addAgain(reader: FileReader): void {
    if (!this.has(reader)) this.#long.add(reader);
  }

  delete(reader: FileReader): void {
    this.#short.delete(reader);
    this.#long.delete(reader);
  }

  take(): FileReader | undefined {
    let reader = this.#wasShort ? undefined : this.#short.take();
    this.#wasShort = reader !== undefined;
    reader ??= this.#long.take();
    if (reader !== undefined) return reader;
    reader = this.#short.take();
    this.#wasShort = reader !== undefined;
    return reader;
  }
}
