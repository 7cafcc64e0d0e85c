/** While turns follow each other, files that were quiet are looked at this often, not only at each poll. */
export const GLANCE_MS = 20;

/** Looking pauses so many times as long as it took: a twentieth of the time at most, however many files there are. */
const PAUSE_FACTOR = 20;

/** When to look at quiet files while a backlog is read: often, but not at the backlog's expense. */
export class Glances {
  #beganMs = -Infinity;
  #spentMs = 0;

  /** Whether it is time. */
  isDue(nowMs: number): boolean {
    return nowMs - this.#beganMs >= Math.max(GLANCE_MS, this.#spentMs * PAUSE_FACTOR);
  }

  /** Looking begins, here or with a poll. */
  begin(nowMs: number): void {
    this.#beganMs = nowMs;
    this.#spentMs = 0;
  }

  /** It took so long, all turns since it began together. */
  spent(ms: number): void {
    this.#spentMs += ms;
  }
}
