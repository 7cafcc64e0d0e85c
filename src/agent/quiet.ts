/** So long nothing may be held before the agent counts as quiet. */
const QUIET_AFTER_MS = 30_000;
/** Between two quiet times that are used lies at least this: what a trickle of lines leaves behind is little. */
const AGAIN_AFTER_MS = 10 * 60_000;

/**
 * When to give memory back: once after the start, and once after each time of work, as soon as nothing was held for a
 * while. V8 keeps what it once took until it needs room: 7 MB after the start, 10 MB and more after a rush.
 */
export class Quiet {
  #worked = true;
  #emptySinceMs: number | null = null;
  #usedMs = -Infinity;

  /** Called once a second with the bytes held between reading and acknowledgement. True once per quiet time. */
  begins(heldBytes: number, nowMs: number): boolean {
    if (heldBytes > 0) {
      this.#worked = true;
      this.#emptySinceMs = null;
      return false;
    }
    this.#emptySinceMs ??= nowMs;
    const isTime = this.#worked && nowMs - this.#emptySinceMs >= QUIET_AFTER_MS &&
      nowMs - this.#usedMs >= AGAIN_AFTER_MS;
    if (!isTime) return false;
    this.#worked = false;
    this.#usedMs = nowMs;
    return true;
  }
}
