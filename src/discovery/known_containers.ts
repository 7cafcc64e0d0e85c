import type { Container } from "../core/container.ts";
import { RuntimeError } from "../core/runtime.ts";
import { inspectAll } from "./inspect_queue.ts";
import { keepKnown } from "./keep_known.ts";
import type { ListedContainer } from "./runtime_provider.ts";

/** So many inspections in a row without an answer, and none with: the daemon hangs, not a container. */
const TIMEOUTS_MAX = 8;

/** What is kept of one id between two lists. */
interface Known {
  readonly id: string;
  /** `null`: nothing to publish (not looked at yet, not started, already removed). */
  container: Container | null;
  /** The latest list entry. */
  listed: string;
  /** The list entry of the last good inspection; undefined asks for another one. */
  inspected: string | undefined;
  /** Not inspected before this moment (monotonic ms). */
  notBeforeMs: number;
}

/**
 * The containers of one runtime. `update` takes a list, inspects what is new or different, and forgets what is
 * not listed any more.
 */
export class KnownContainers {
  #known = new Map<string, Known>();
  #published: ReadonlyMap<string, Container> = new Map();
  #retryMs: number;

  /** `inspectRetryMs`: pause after a container whose inspection failed while others succeed. */
  constructor(inspectRetryMs: number) {
    this.#retryMs = inspectRetryMs;
  }

  /** By id; a new map after each change. */
  containers(): ReadonlyMap<string, Container> {
    return this.#published;
  }

  /** Asks for another inspection of this id with the next update. */
  suspect(id: string): void {
    const known = this.#known.get(id);
    if (known !== undefined) known.inspected = undefined;
  }

  /**
   * Brings the set up to date. An inspection that fails alone leaves that container as it was, to be tried
   * later; a lost connection ends the update and is thrown. What was learnt counts in both cases.
   */
  async update(
    listed: readonly ListedContainer[],
    nowMs: () => number,
    inspect: (id: string) => Promise<Container | null>,
  ): Promise<void> {
    this.#take(listed);
    const due = [...this.#known.values()].filter((known) =>
      known.inspected !== known.listed && known.notBeforeMs <= nowMs()
    );
    const answers = { good: 0, timeouts: 0 };
    try {
      await inspectAll(due, (known) => this.#inspect(known, nowMs, inspect, answers));
    } finally {
      this.#publish();
    }
  }

  #take(listed: readonly ListedContainer[]): void {
    const ids = new Set<string>();
    for (const { id, fingerprint } of listed) {
      ids.add(id);
      const known = this.#known.get(id);
      if (known !== undefined) known.listed = fingerprint;
      else {
        this.#known.set(id, {
          id,
          container: null,
          listed: fingerprint,
          inspected: undefined,
          notBeforeMs: 0,
        });
      }
    }
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
  }

  async #inspect(
    known: Known,
    nowMs: () => number,
    inspect: (id: string) => Promise<Container | null>,
    answers: { good: number; timeouts: number },
  ): Promise<void> {
    // Marked before the call: a hint that comes meanwhile must lead to one more.
    const before = known.inspected;
    known.inspected = known.listed;
    try {
      const next = await inspect(known.id);
      answers.good++;
      if (next !== null) known.container = keepKnown(next, known.container ?? undefined);
    } catch (error) {
      known.inspected = before === known.listed ? undefined : before;
      const reason = error instanceof RuntimeError ? error.reason : "failed";
      if (reason !== "timeout" && reason !== "failed") throw error;
      if (reason === "timeout" && ++answers.timeouts >= TIMEOUTS_MAX && answers.good === 0) throw error;
      known.notBeforeMs = nowMs() + this.#retryMs;
    }
  }

  #publish(): void {
    const next = new Map<string, Container>();
    for (const known of this.#known.values()) {
      if (known.container !== null) next.set(known.id, known.container);
    }
    let changed = next.size !== this.#published.size;
    for (const [id, container] of next) changed ||= this.#published.get(id) !== container;
    if (changed) this.#published = next;
  }
}
