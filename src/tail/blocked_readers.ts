import type { FileReader } from "./file_reader.ts";
import { TurnQueue } from "./turn_queue.ts";

/**
 * Of a thousand files that wait for room few get some when a batch was acknowledged: once so many in a row of those that
 * share a client have none, the others of them are not asked. They are at the next poll at the latest.
 */
const REFUSALS_MAX = 32;

/** Those that wait for the same client. */
class Group {
  readonly readers: TurnQueue<FileReader> = new TurnQueue();
  /** How many are still to be asked, and how many of them in a row may say no. */
  asks = 0;
  refusalsMax = 0;
  #refusals = 0;

  /** The next that has room. */
  next(): FileReader | undefined {
    while (this.asks > 0 && this.#refusals < this.refusalsMax) {
      const reader = this.readers.take();
      if (reader === undefined) break;
      this.asks--;
      if (reader.hasRoom) {
        this.#refusals = 0;
        return reader;
      }
      this.#refusals++;
      this.readers.add(reader);
    }
    this.asks = this.#refusals = 0;
    return undefined;
  }
}

/** Files in which no lane has room, in the order in which they stopped. */
export class BlockedReaders {
  readonly #groups: Map<object | undefined, Group> = new Map();
  readonly #groupOf: Map<FileReader, Group> = new Map();

  get size(): number {
    return this.#groupOf.size;
  }

  has(reader: FileReader): boolean {
    return this.#groupOf.has(reader);
  }

  add(reader: FileReader): void {
    if (this.has(reader)) return;
    const client = reader.lanes.find((lane) => lane.eligible)?.info.output.client;
    let group = this.#groups.get(client);
    if (group === undefined) this.#groups.set(client, group = new Group());
    group.readers.add(reader);
    this.#groupOf.set(reader, group);
  }

  delete(reader: FileReader): void {
    const group = this.#groupOf.get(reader);
    if (group === undefined) return;
    this.#groupOf.delete(reader);
    group.readers.delete(reader);
    this.#tidy(group);
  }

  /** Some client may have room: they are asked in turn. `all`: each of them. Returns whether there are any. */
  ask(all: boolean): boolean {
    for (const group of this.#groups.values()) {
      group.asks = group.readers.size;
      group.refusalsMax = all ? Infinity : Math.max(group.refusalsMax, REFUSALS_MAX);
    }
    return this.size > 0;
  }

  /** Whether some are still to be asked. */
  get asking(): boolean {
    for (const group of this.#groups.values()) if (group.asks > 0) return true;
    return false;
  }

  /** One that has room by now; it is blocked no more. */
  next(): FileReader | undefined {
    for (const group of this.#groups.values()) {
      const reader = group.next();
      if (reader === undefined) {
        group.refusalsMax = 0;
        continue;
      }
      this.#groupOf.delete(reader);
      this.#tidy(group);
      return reader;
    }
    return undefined;
  }

  #tidy(group: Group): void {
    if (group.readers.size > 0) return;
    for (const [client, each] of this.#groups) if (each === group) this.#groups.delete(client);
  }
}
