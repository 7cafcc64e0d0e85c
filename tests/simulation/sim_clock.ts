import type { Clock } from "../../src/core/host.ts";
import type { VirtualClock } from "../support/virtual_clock.ts";

/** Timers at one moment of virtual time; more means that something turns without progress. */
const TIMERS_PER_MOMENT_MAX = 20_000;
/** The same for looks at the clock, in turns that do not end. */
const ASKED_PER_MOMENT_MAX = 5_000;

/** The clock of one life of the agent: its timers end with it, and it notices when something turns for ever at one moment. */
export class SimClock implements Clock {
  readonly #clock: VirtualClock;
  readonly #seed: number;
  #timers = { atMs: -1, count: 0 };
  #asked = { atMs: -1, count: 0 };
  #isOver = false;

  constructor(clock: VirtualClock, seed: number) {
    this.#clock = clock;
    this.#seed = seed;
  }

  /** Timers of a dead process do not run. */
  end(): void {
    this.#isOver = true;
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  monotonicMs(): number {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs !== this.#asked.atMs) this.#asked = { atMs: nowMs, count: 0 };
    if (++this.#asked.count > ASKED_PER_MOMENT_MAX) throw new Error(`BUG: seed ${this.#seed} turns for ever`);
    return nowMs;
  }

  after(delayMs: number, job: () => void): ReturnType<Clock["after"]> {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs !== this.#timers.atMs) this.#timers = { atMs: nowMs, count: 0 };
    if (++this.#timers.count > TIMERS_PER_MOMENT_MAX) {
      throw new Error(`BUG: seed ${this.#seed} turns for ever`);
    }
    return this.#clock.after(delayMs, () => {
      if (!this.#isOver) job();
    });
  }
}
