import type { Clock, Timer } from "../core/host.ts";

/** The machine's clock. */
export const systemClock: Clock = {
  // `Date.now()` has whole milliseconds only; it is corrected when the clock is set, `timeOrigin` is not.
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs: number, job: () => void): Timer {
    const id = setTimeout(job, Math.max(0, delayMs));
    return { cancel: () => clearTimeout(id) };
  },
};
