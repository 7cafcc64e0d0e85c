import type { Clock, Timer } from "../core/host.ts";

/** The machine's clock. */
export const systemClock: Clock = {
  // Whole milliseconds, but right after the clock was set; `performance.timeOrigin` would not be.
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs: number, job: () => void): Timer {
    const id = setTimeout(job, Math.max(0, delayMs));
    return { cancel: () => clearTimeout(id) };
  },
};
