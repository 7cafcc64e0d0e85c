import type { Batch } from "../core/batch.ts";
import type { Clock } from "../core/host.ts";
import type { LaneOutput } from "../core/lane.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { ReadRate } from "../core/tailing.ts";

/** What was not used lately is kept for this long: a burst may be read at once. */
const BURST_MS = 1_000;
/** Reading goes on when there is room for so long: many reads of a few lines cost more than few of many. */
const STEP_MS = 50;

/** Bytes per second that may be read, with a burst of a second. What was read too much is made up for afterwards. */
export class ReadLimit {
  readonly #bytesPerMs: number;
  readonly #clock: Clock;
  #bytes: number;
  #atMs: number;

  constructor({ bytesPerSecond }: ReadRate, clock: Clock) {
    this.#bytesPerMs = bytesPerSecond / 1_000;
    this.#clock = clock;
    this.#bytes = this.#bytesPerMs * BURST_MS;
    this.#atMs = clock.monotonicMs();
  }

  /** Bytes that may be read now. */
  room(): number {
    const nowMs = this.#clock.monotonicMs();
    this.#bytes = Math.min(
      this.#bytesPerMs * BURST_MS,
      this.#bytes + (nowMs - this.#atMs) * this.#bytesPerMs,
    );
    this.#atMs = nowMs;
    return this.#bytes >= this.#bytesPerMs * STEP_MS ? Math.ceil(this.#bytes) : 0;
  }

  spend(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** An output that has no room while the limit is reached: to the tail it is like a flusher that is full. */
export class LimitedOutput implements LaneOutput {
  readonly #output: LaneOutput;
  readonly #limit: ReadLimit;

  constructor(output: LaneOutput, limit: ReadLimit) {
    this.#output = output;
    this.#limit = limit;
  }

  /** It gets room by itself, not with others. */
  get client(): object {
    return this.#limit;
  }

  room(joining?: boolean): number {
    return Math.min(this.#output.room(joining), this.#limit.room());
  }

  push(batch: Batch, entry: LedgerEntry): void {
    this.#output.push(batch, entry);
  }

  caughtUp(): void {
    this.#output.caughtUp();
  }

  close(): void {
    this.#output.close();
  }
}

/** The limits of a tail: one for each rate and flusher, so that flushers which read the same lines stay together. */
export class ReadLimits {
  readonly #clock: Clock;
  readonly #byRate: WeakMap<ReadRate, Map<string, ReadLimit>> = new WeakMap();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(rate: ReadRate, flusher: string): ReadLimit {
    const limits = this.#byRate.get(rate) ?? new Map<string, ReadLimit>();
    this.#byRate.set(rate, limits);
    const limit = limits.get(flusher) ?? new ReadLimit(rate, this.#clock);
    limits.set(flusher, limit);
    return limit;
  }
}
