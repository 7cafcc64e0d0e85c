import type { Clock, Timer } from "../core/host.ts";
import type { Inflater } from "../core/inflater.ts";

/** Packed files unpacked at the same time; the others wait. */
export const UNPACKING_MAX = 4;
/** Who unpacked nothing for this long gives its place to another: its flusher may be dead. */
const IDLE_MS = 5_000;

/** Something that is done in short steps. Returns whether it is finished; throws nothing. */
export type PackedJob = () => boolean;

/** Something that unpacks and can begin again later. */
export interface Unpacker {
  /** Gives all memory back. */
  rest(): void;
}

/**
 * Where packed files are worked on for the whole agent: looks into them are taken in turn, one short step between two
 * timer turns, and few are unpacked at a time.
 */
export class PackedDesk {
  readonly clock: Clock;
  readonly inflater: () => Inflater;
  readonly #waitMs: () => number;
  readonly #places: Map<Unpacker, number> = new Map();
  readonly #jobs: PackedJob[] = [];
  #timer: Timer | null = null;
  #stopped = false;

  /** `waitMs`: how long to wait before more CPU may be used. */
  constructor(clock: Clock, inflater: () => Inflater, waitMs: () => number) {
    this.clock = clock;
    this.inflater = inflater;
    this.#waitMs = waitMs;
  }

  /** Runs the job behind those that wait. */
  add(job: PackedJob): void {
    this.#jobs.push(job);
    this.#soon(0);
  }

  /** A place to unpack; false: all are taken, ask again. */
  take(unpacker: Unpacker): boolean {
    const nowMs = this.clock.monotonicMs();
    if (!this.#places.has(unpacker) && this.#places.size >= UNPACKING_MAX) {
      for (const [other, usedMs] of this.#places) {
        if (nowMs - usedMs < IDLE_MS) continue;
        this.#places.delete(other);
        other.rest();
        break;
      }
      if (this.#places.size >= UNPACKING_MAX) return false;
    }
    this.#places.set(unpacker, nowMs);
    return true;
  }

  give(unpacker: Unpacker): void {
    this.#places.delete(unpacker);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = null;
    this.#jobs.length = 0;
  }

  #soon(delayMs: number): void {
    if (this.#timer !== null || this.#stopped) return;
    this.#timer = this.clock.after(delayMs, () => {
      this.#timer = null;
      const waitMs = this.#waitMs();
      if (waitMs > 0) return this.#soon(waitMs);
      if (this.#jobs.length > 0 && this.#jobs[0]()) this.#jobs.shift();
      if (this.#jobs.length > 0) this.#soon(0);
    });
  }
}
