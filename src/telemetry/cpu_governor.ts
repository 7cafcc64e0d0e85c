/** Credit is collected for this long at most; what is saved up longer would be a peak above the limit. */
const CREDIT_MS = 250;
/** A pause ends after this, to look again: other work may have used CPU meanwhile. */
const PAUSE_MS_MAX = 1_000;
/** Shorter pauses cost more in timers than they save. */
const PAUSE_MS_MIN = 1;
const TURN_MS_MAX = 10;
const TURN_MS_MIN = 2;

/**
 * Keeps the CPU time of the process at a limit: over any 10 s at most 1.1 times. Each millisecond of wall time gives
 * `limitCores` milliseconds of CPU time; what the process used, in all its threads, is taken off; below zero no turn
 * begins. What cannot wait (acknowledgements, compression on other threads) makes a debt that later turns pay.
 *
 *     credit
 *     250 ms x limit  ----+          idle: credit is full
 *                          \
 *     0  ------------------ \--/\/\---- busy: a turn, a pause, a turn …
 */
export class CpuGovernor {
  readonly #limitCores: number | null;
  #creditMs = 0;
  #cpuMs = NaN;
  #nowMs = 0;

  /** `limitCores`: for instance 0.5; `null` for no limit. */
  constructor(limitCores: number | null) {
    if (limitCores !== null && !(limitCores > 0)) throw new Error(`BUG: CPU limit '${limitCores}'`);
    this.#limitCores = limitCores;
  }

  /**
   * Milliseconds to wait before the next turn of reading may begin; 0: now. Call again after the wait.
   * `cpuMs`: CPU time of the process since its start; `nowMs`: monotonic.
   */
  pauseMs(cpuMs: number, nowMs: number): number {
    const limit = this.#limitCores;
    if (limit === null) return 0;
    if (!Number.isNaN(this.#cpuMs)) {
      const credit = this.#creditMs + (nowMs - this.#nowMs) * limit - (cpuMs - this.#cpuMs);
      this.#creditMs = Math.min(credit, CREDIT_MS * limit);
    }
    this.#cpuMs = cpuMs;
    this.#nowMs = nowMs;
    if (this.#creditMs >= 0) return 0;
    return Math.min(PAUSE_MS_MAX, Math.max(PAUSE_MS_MIN, -this.#creditMs / limit));
  }

  /** How long a turn may run: shorter under a small limit, so that the pause behind it stays short too. */
  turnMs(): number {
    if (this.#limitCores === null) return TURN_MS_MAX;
    return Math.min(TURN_MS_MAX, Math.max(TURN_MS_MIN, this.#limitCores * 20));
  }
}
