import type { Clock, Timer } from "../core/host.ts";

/**
 * When the next turn runs: each behind a real timer, so that sockets are served in between, and one at a time. The tail
 * stops it; whoever waited for something outside of a turn asks it whether the tail still runs.
 */
export class TurnTimer {
  readonly #clock: Clock;
  readonly #run: () => void;
  #next: Timer | null = null;
  stopped = false;

  constructor(clock: Clock, run: () => void) {
    this.#clock = clock;
    this.#run = run;
  }

  /** There is something to do, unless a turn is asked for already. */
  request(delayMs: number): void {
    if (this.#next !== null || this.stopped) return;
    this.#next = this.#clock.after(delayMs, () => {
      this.#next = null;
      this.#run();
    });
  }

  /** No turn any more. */
  stop(): void {
    this.stopped = true;
    this.#next?.cancel();
    this.#next = null;
  }
}
