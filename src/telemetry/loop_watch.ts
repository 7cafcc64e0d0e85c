import type { Clock, Timer } from "../core/host.ts";
import { LOOP_STALL_MS } from "./health.ts";

const BEAT_MS = 1_000;
/** A stall is shown this long, so that a prober with the usual period of 10 s sees it. */
const REMEMBER_MS = 15_000;

/** Notices when the event loop stands still: a timer that should beat every second comes late. */
export class LoopWatch {
  readonly #clock: Clock;
  #timer: Timer | null = null;
  #beatMs: number;
  #stallMs = 0;
  #stallEndMs = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#beatMs = clock.monotonicMs();
  }

  start(): void {
    this.#beatMs = this.#clock.monotonicMs();
    this.#timer ??= this.#clock.after(BEAT_MS, () => this.#beat());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  /** Milliseconds beyond the beat that the loop stands still, or stood still a moment ago. */
  stalledMs(): number {
    this.#look();
    return this.#clock.monotonicMs() - this.#stallEndMs < REMEMBER_MS ? this.#stallMs : 0;
  }

  #beat(): void {
    this.#look();
    this.#timer = this.#clock.after(BEAT_MS, () => this.#beat());
  }

  /** A request may be served before the late beat is. */
  #look(): void {
    const nowMs = this.#clock.monotonicMs();
    const lateMs = nowMs - this.#beatMs - BEAT_MS;
    this.#beatMs = nowMs;
    if (lateMs < LOOP_STALL_MS) return;
    this.#stallMs = lateMs;
    this.#stallEndMs = nowMs;
  }
}
