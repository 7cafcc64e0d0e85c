import type { Clock, Timer } from "../../core/host.ts";

/** One timer for many deadlines: runs `job` at the earliest time that was asked for since it ran last. */
export class Alarm {
  readonly #clock: Clock;
  readonly #job: () => void;
  #timer: Timer | null = null;
  #atMs = Infinity;

  constructor(clock: Clock, job: () => void) {
    this.#clock = clock;
    this.#job = job;
  }

  /** Asks for a run at this monotonic time, or as soon as the turn is over if that has passed. */
  at(monotonicMs: number): void {
    if (monotonicMs >= this.#atMs) return;
    this.#timer?.cancel();
    this.#atMs = monotonicMs;
    this.#timer = this.#clock.after(Math.max(0, monotonicMs - this.#clock.monotonicMs()), () => {
      this.#timer = null;
      this.#atMs = Infinity;
      this.#job();
    });
  }

  /** Forgets the time asked for. */
  cancel(): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#atMs = Infinity;
  }
}
