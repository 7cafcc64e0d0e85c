import type { Container } from "../core/container.ts";

/** Crash loops make containers for ever; the oldest of so many gone ones are forgotten early. */
const GONE_MAX = 1_000;

/** Containers that no runtime lists any more, for as long as somebody may still read their files. */
export class GoneContainers {
  #graceMs: number;
  /** In the order in which they went. */
  #gone = new Map<string, { readonly container: Container; readonly untilMs: number }>();

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /** Takes one that has just disappeared; it is `gone` from now on. */
  add(container: Container, nowMs: number): void {
    if (this.#gone.size >= GONE_MAX) this.#gone.delete(this.#gone.keys().next().value as string);
    const gone: Container = Object.freeze({ ...container, state: "gone", pid: 0 });
    this.#gone.set(container.id, { container: gone, untilMs: nowMs + this.#graceMs });
  }

  /** It is back: the runtime lists it again. */
  remove(id: string): void {
    this.#gone.delete(id);
  }

  /** Forgets those whose time is over; returns when the next one's is, `null` if none is left. */
  expire(nowMs: number): number | null {
    for (const [id, { untilMs }] of this.#gone) {
      if (untilMs > nowMs) return untilMs;
      this.#gone.delete(id);
    }
    return null;
  }

  /** Those that are kept. */
  containers(): Iterable<Container> {
    return [...this.#gone.values()].map((entry) => entry.container);
  }
}
