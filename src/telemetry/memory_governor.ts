/** Share of the limit above which the budget shrinks. */
const SHRINK_AT = 0.8;
/** Share above which nothing is read. */
const STOP_AT = 0.9;
/** Reading begins again below this share: a little lower, so that it does not flutter. */
const RESUME_AT = 0.87;
/** So long nothing is held and memory does not fall: what is left is what the process needs at rest. */
const REST_MS = 5_000;
/** The budget grows back by this factor per sample. */
const GROWTH = 1.1;

/** What is known at one moment. */
export interface MemorySample {
  readonly rssBytes: number;
  /** Bytes of the budget in use: read, not yet acknowledged. */
  readonly heldBytes: number;
  /** Monotonic. */
  readonly nowMs: number;
}

/** What follows from it. */
export interface MemoryRuling {
  readonly budgetBytes: number;
  readonly mayRead: boolean;
  /** Set once, when the limit turned out to be below what the process needs at rest: that need, for the warning. */
  readonly floorBytes: number | null;
}

export interface MemoryLimits {
  /** `null`: no limit. */
  readonly limitBytes: number | null;
  readonly fullBudgetBytes: number;
  /** With this much the agent still moves, one record after the other. */
  readonly smallestBudgetBytes: number;
}

/**
 * Memory limit -> budget. Above 80 % the budget shrinks in proportion, above 90 % reading stops until memory falls.
 * If it does not fall although nothing is held any more, the limit is below the floor: that is said once, and reading
 * goes on at the smallest budget, because an agent that stands still for ever serves nobody. Sample once a second.
 */
export class MemoryGovernor {
  readonly #limits: MemoryLimits;
  #budget: number;
  #stopped = false;
  #belowFloor = false;
  #saidFloor = false;
  #everRead = false;
  #emptySinceMs: number | null = null;

  constructor(limits: MemoryLimits) {
    this.#limits = limits;
    this.#budget = limits.fullBudgetBytes;
  }

  rule(sample: MemorySample): MemoryRuling {
    const { limitBytes, fullBudgetBytes, smallestBudgetBytes } = this.#limits;
    if (limitBytes === null) return { budgetBytes: fullBudgetBytes, mayRead: true, floorBytes: null };
    const share = sample.rssBytes / limitBytes;
    this.#everRead ||= sample.heldBytes > 0;
    if (share > STOP_AT) this.#stopped = true;
    else if (share < RESUME_AT) this.#stopped = false;
    if (share < SHRINK_AT) this.#belowFloor = false;
    const floorBytes = this.#stopped ? this.#lookForFloor(sample) : null;
    if (!this.#stopped) this.#emptySinceMs = null;
    const scaled = fullBudgetBytes * Math.max(0, Math.min(1, (STOP_AT - share) / (STOP_AT - SHRINK_AT)));
    this.#budget = Math.max(smallestBudgetBytes, Math.min(scaled, this.#budget * GROWTH));
    return {
      budgetBytes: Math.floor(this.#belowFloor ? smallestBudgetBytes : this.#budget),
      mayRead: !this.#stopped || this.#belowFloor,
      floorBytes,
    };
  }

  #lookForFloor(sample: MemorySample): number | null {
    if (this.#belowFloor) return null;
    if (sample.heldBytes > 0) {
      this.#emptySinceMs = null;
      return null;
    }
    this.#emptySinceMs ??= sample.nowMs;
    // Before anything was read there is nothing to wait for.
    if (this.#everRead && sample.nowMs - this.#emptySinceMs < REST_MS) return null;
    this.#belowFloor = true;
    if (this.#saidFloor) return null;
    this.#saidFloor = true;
    return sample.rssBytes;
  }
}
