import type { Files } from "../core/host.ts";
import type { FileReader } from "./file_reader.ts";
import { type ReaderTable, reopener } from "./reader_table.ts";

/** Once the process may have no more files open, this part of what were open then stay so: the rest of it is for others. */
const HELD_SHARE = 0.9;
/** At least so many descriptors are left: a look takes a few, so do sockets and the checkpoint. */
const SPARE_MIN = 16;

/**
 * How many files are held open when the process may not have as many as there are: those that were quiet for longest are
 * closed, and opened for each read from then on, as files are that may not stay open. What is deleted or rotated stays
 * open: its name leads nowhere.
 */
export class HeldFiles {
  readonly #files: Files;
  readonly #readers: ReaderTable;
  #max = Infinity;

  constructor(files: Files, readers: ReaderTable) {
    this.#files = files;
    this.#readers = readers;
  }

  get count(): number {
    let count = 0;
    for (const { file } of this.#readers.values()) if (file !== null) count++;
    return count;
  }

  /** No more files can be opened. Whether there is room now. */
  crowded(): boolean {
    const { count } = this;
    this.#max = Math.min(this.#max, Math.floor(count * HELD_SHARE), Math.max(1, count - SPARE_MIN));
    return this.makeRoom();
  }

  /** Before one more is opened. Whether anything was closed. */
  makeRoom(): boolean {
    // Most never have to count.
    if (this.#max === Infinity) return false;
    const { count } = this;
    return count >= this.#max && this.#letGo(count - Math.floor(this.#max * HELD_SHARE)) > 0;
  }

  #letGo(countMax: number): number {
    const quiet = [...this.#readers.values()].filter((reader) => this.#mayLetGo(reader));
    quiet.sort((a, b) => a.writtenMs - b.writtenMs);
    const chosen = quiet.slice(0, countMax);
    for (const reader of chosen) {
      const [{ spec: { view }, path }] = this.#readers.ownersOf(reader);
      reader.file?.close();
      reader.file = null;
      reader.reopen = reopener(this.#files, view, path, reader);
    }
    return chosen.length;
  }

  #mayLetGo(reader: FileReader): boolean {
    return reader.file !== null && !reader.reading && !reader.isPacked && reader.rests &&
      this.#readers.ownersOf(reader).some(({ current }) => current?.reader === reader);
  }
}
