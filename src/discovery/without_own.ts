import type { ContainerSnapshot, Discovery } from "../core/container.ts";
import { ownContainer, type OwnFacts } from "./own_container.ts";

/**
 * The same list without the container that the agent itself runs in: an agent that collects its own output answers
 * each line with another. Found once, by id; a restarted agent container has a new one, and a new agent.
 */
export class WithoutOwn implements Discovery {
  readonly #inner: Discovery;
  readonly #facts: () => OwnFacts;
  readonly #found: (id: string, evidence: string) => void;
  #ownId: string | null = null;
  /** The last snapshot asked about and what it became, so that equal questions give the same object. */
  #last: readonly [ContainerSnapshot, ContainerSnapshot] | null = null;

  /** `found` is called once, when the agent's own container was recognised. */
  constructor(inner: Discovery, facts: () => OwnFacts, found: (id: string, evidence: string) => void) {
    this.#inner = inner;
    this.#facts = facts;
    this.#found = found;
  }

  start(): void {
    this.#inner.start();
  }

  stop(): Promise<void> {
    return this.#inner.stop();
  }

  keepEnv(names: Iterable<string>): void {
    this.#inner.keepEnv?.(names);
  }

  refresh(): void {
    this.#inner.refresh();
  }

  current(): ContainerSnapshot {
    return this.#without(this.#inner.current());
  }

  onSnapshot(callback: (snapshot: ContainerSnapshot) => void): () => void {
    return this.#inner.onSnapshot((snapshot) => callback(this.#without(snapshot)));
  }

  #without(snapshot: ContainerSnapshot): ContainerSnapshot {
    if (this.#last !== null && this.#last[0] === snapshot) return this.#last[1];
    if (this.#ownId === null && snapshot.containers.size > 0) {
      const own = ownContainer(this.#facts(), snapshot.containers);
      if (own !== null) {
        this.#ownId = own.id;
        this.#found(own.id, own.evidence);
      }
    }
    const result = this.#ownId === null || !snapshot.containers.has(this.#ownId) ? snapshot : {
      ...snapshot,
      containers: new Map([...snapshot.containers].filter(([id]) => id !== this.#ownId)),
    };
    this.#last = [snapshot, result];
    return result;
  }
}
