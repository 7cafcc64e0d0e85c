import type { Budget, BudgetHolder } from "../core/plugin.ts";

/** A holder may always hold this much: less, and it could not send at all. */
export const HOLDER_BYTES_MIN = 64 * 1024;

/**
 * The agent-wide limit on bytes between reading and acknowledgement, divided by the holders that hold any. A holder
 * that is stalled (something unacknowledged for 10 s) gets the floor only, so a dead cluster never eats the share of
 * a live one.
 */
export class ByteBudget implements Budget {
  readonly #holders: Set<Holder> = new Set();
  /** The whole budget now; the memory limit shrinks it. */
  bytesMax: number;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  holder(_name: string): BudgetHolder {
    const holder = new Holder(this);
    this.#holders.add(holder);
    return holder;
  }

  /** Bytes held by all. */
  get usedBytes(): number {
    let used = 0;
    for (const holder of this.#holders) used += holder.used;
    return used;
  }

  /** The cap of one holder now. */
  capOf(asking: Holder): number {
    if (asking.stalled) return HOLDER_BYTES_MIN;
    let sharing = 0;
    let stalledBytes = 0;
    for (const holder of this.#holders) {
      if (holder.stalled) stalledBytes += Math.min(holder.used, HOLDER_BYTES_MIN);
      else if (holder.used > 0 || holder === asking) sharing++;
    }
    return Math.max(HOLDER_BYTES_MIN, Math.floor((this.bytesMax - stalledBytes) / Math.max(1, sharing)));
  }

  forget(holder: Holder): void {
    this.#holders.delete(holder);
  }
}

class Holder implements BudgetHolder {
  used = 0;
  stalled = false;
  readonly #budget: ByteBudget;

  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  cap(): number {
    return this.#budget.capOf(this);
  }

  close(): void {
    this.#budget.forget(this);
  }
}
