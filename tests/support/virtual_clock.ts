import type { Clock, Timer } from "../../src/core/host.ts";

interface Due {
  readonly at: number;
  readonly order: number;
  readonly job: () => void;
  cancelled: boolean;
}

/** A clock that stands still until a test moves it. Timers run in the order of their time, then of their making. */
export class VirtualClock implements Clock {
  #now = 0;
  #wallOffset: number;
  #order = 0;
  #timers: Due[] = [];

  /** `wallMs` is the Unix time at the start; the default is 2023-11-14T22:13:20Z. */
  constructor(wallMs = 1_700_000_000_000) {
    this.#wallOffset = wallMs;
  }

  wallMs(): number {
    return this.#wallOffset + this.#now;
  }

  monotonicMs(): number {
    return this.#now;
  }

  after(delayMs: number, job: () => void): Timer {
    const due: Due = { at: this.#now + Math.max(0, delayMs), order: this.#order++, job, cancelled: false };
    this.#timers.push(due);
    return {
      cancel: () => {
        due.cancelled = true;
        this.#timers = this.#timers.filter((timer) => timer !== due);
      },
    };
  }

  /** Sets the wall clock, as an administrator or NTP would. */
  setWall(wallMs: number): void {
    this.#wallOffset = wallMs - this.#now;
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Lets time pass; timers set on the way run too when their time comes. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let due = this.#take(until); due !== null; due = this.#take(until)) due.job();
    this.#now = until;
  }

  /** The same, with promises settling before each timer and at the end. */
  async run(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settle();
    for (let due = this.#take(until); due !== null; due = this.#take(until)) {
      due.job();
      await settle();
    }
    this.#now = until;
  }

  #take(until: number): Due | null {
    let best: Due | null = null;
    for (const timer of this.#timers) {
      if (best === null || timer.at < best.at || (timer.at === best.at && timer.order < best.order)) {
        best = timer;
      }
    }
    if (best === null || best.at > until) return null;
    this.#timers = this.#timers.filter((timer) => timer !== best);
    this.#now = Math.max(this.#now, best.at);
    return best;
  }
}

/** Lets promises that are already resolved run what waits for them, some steps deep. */
export async function settle(steps = 20): Promise<void> {
  for (let i = 0; i < steps; i++) await Promise.resolve();
}
