import type { BudgetHolder } from "../../core/plugin.ts";
import type { Partition, Topic } from "./partition.ts";
import { JOINING_BATCHES_MAX, STUCK_BYTES_MAX, WAITING_BATCHES_MAX } from "./producer_settings.ts";

/** Who may read on: the client's part of the budget, and the state of the partitions that a lane writes to. */
export class Room {
  readonly #budget: BudgetHolder;
  readonly #wakes: Set<() => void> = new Set();
  #refused = false;
  #parkedBytes = 0;

  constructor(budget: BudgetHolder) {
    this.#budget = budget;
  }

  /** Calls back when a lane that had no room has some. Returns how to end that. */
  onRoom(wake: () => void): () => void {
    this.#wakes.add(wake);
    return () => this.#wakes.delete(wake);
  }

  /** Bytes that a lane may write to this partition now; `joining`: see `Sink.room`. */
  bytes(partition: Partition | null, joining = false): number {
    const room = partition !== null && isStuck(partition, joining) ? 0 : this.#freeBytes();
    return room > 0 ? room : this.refuse();
  }

  /** Less is free than one batch needs, or than a quarter of the cap when that is less. */
  isShort(batchBytes: number): boolean {
    return this.#freeBytes() < Math.min(batchBytes, this.#budget.cap() / 4);
  }

  /** No room; the lane is called when that may have changed. */
  refuse(): number {
    this.#refused = true;
    return 0;
  }

  /** Counts anew what waits for topics that take nothing. */
  count(active: Iterable<Partition>, topics: Iterable<Topic>): void {
    this.#parkedBytes = 0;
    for (const partition of active) if (!partition.topic.ready) this.#parkedBytes += partition.heldBytes;
    for (const topic of topics) this.#parkedBytes += topic.unassignedBytes;
  }

  /** Calls those who were refused, if there is room again. */
  give(): void {
    if (!this.#refused || this.#freeBytes() <= 0) return;
    this.#refused = false;
    for (const wake of this.#wakes) wake();
  }

  /**
   * What waits for a topic that takes nothing must not stop the topics beside it, so it does not count, up to half
   * of the cap: a lane notices that its topic is parked only after it has written there.
   */
  #freeBytes(): number {
    const cap = this.#budget.cap();
    return cap - this.#budget.used + Math.min(this.#parkedBytes, cap / 2);
  }
}

/** Short queues make short latency; and what gets nothing through must not fill the budget of the others. */
function isStuck(partition: Partition, joining: boolean): boolean {
  const waitingMax = joining ? JOINING_BATCHES_MAX : WAITING_BATCHES_MAX;
  if (partition.queue.length - partition.inFlight >= waitingMax) return true;
  const fails = partition.failures > 0 || !partition.topic.ready;
  return fails && partition.heldBytes >= STUCK_BYTES_MAX;
}
