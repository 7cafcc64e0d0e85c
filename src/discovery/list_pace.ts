/**
 * When a hint may lead to a list. A few lists may follow each other at once, so that a container that lives for half a
 * second is seen; a node on which containers come and go without end is asked at a steady pace.
 */
export class ListPace {
  readonly #burst: number;
  readonly #gapMs: number;
  /** When all lists that were made so far are paid for, one each gap. */
  #paidAtMs = -Infinity;

  /** `burst`: lists that may be made at once after a rest; `gapMs`: after how long another one is earned. */
  constructor(burst: number, gapMs: number) {
    this.#burst = burst;
    this.#gapMs = gapMs;
  }

  /** Milliseconds until the next list may begin, 0 for at once. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#paidAtMs - (this.#burst - 1) * this.#gapMs - nowMs);
  }

  /** A list was made. */
  took(nowMs: number): void {
    this.#paidAtMs = Math.max(this.#paidAtMs, nowMs) + this.#gapMs;
  }
}
