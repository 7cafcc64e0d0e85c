import type { Container, ContainerSnapshot, Discovery } from "../core/container.ts";
import type { Clock, Timer } from "../core/host.ts";
import { asksForTags } from "../core/env_tags.ts";

/** Where the list is kept between two runs. */
export interface Notes {
  note(name: string): string | null;
  setNote(name: string, text: string): void;
}

const NOTE = "containers";
/** A changed list is written down this much later, so that a rollout costs a few writes and not hundreds. */
const WRITE_AFTER_MS = 1_000;
/** More containers are not remembered; the runtime tells about them. */
export const REMEMBERED_MAX = 2_000;

/**
 * The containers of the last run stand in until every runtime has answered: files that were followed go on although
 * a runtime is away at start, with the metadata they had. Then the runtimes' word counts; a container that they do
 * not know is gone, and its files are read to their end.
 */
export class RememberedContainers implements Discovery {
  readonly #inner: Discovery;
  readonly #notes: Notes;
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  readonly #envNames: Set<string> = new Set();
  #remembered: ReadonlyMap<string, Container> = new Map();
  #last: readonly [ContainerSnapshot, ContainerSnapshot] | null = null;
  #timer: Timer | null = null;
  #unsubscribe: (() => void) | null = null;

  /** `failed` is told when the list cannot be written down. */
  constructor(inner: Discovery, notes: Notes, clock: Clock, failed: (error: unknown) => void) {
    this.#inner = inner;
    this.#notes = notes;
    this.#clock = clock;
    this.#failed = failed;
  }

  keepEnv(names: Iterable<string>): void {
    for (const name of names) this.#envNames.add(name);
  }

  start(): void {
    this.#remembered = parseContainers(this.#notes.note(NOTE));
    this.#unsubscribe = this.#inner.onSnapshot((snapshot) => this.#writeLater(snapshot));
    this.#inner.start();
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    if (this.#timer !== null) this.#write();
    await this.#inner.stop();
  }

  refresh(): void {
    this.#inner.refresh();
  }

  current(): ContainerSnapshot {
    return this.#with(this.#inner.current());
  }

  onSnapshot(callback: (snapshot: ContainerSnapshot) => void): () => void {
    return this.#inner.onSnapshot((snapshot) => callback(this.#with(snapshot)));
  }

  #with(snapshot: ContainerSnapshot): ContainerSnapshot {
    if (snapshot.complete || this.#remembered.size === 0) return snapshot;
    if (this.#last !== null && this.#last[0] === snapshot) return this.#last[1];
    const merged = { ...snapshot, containers: new Map([...this.#remembered, ...snapshot.containers]) };
    this.#last = [snapshot, merged];
    return merged;
  }

  #writeLater(snapshot: ContainerSnapshot): void {
    if (!snapshot.complete) return;
    this.#remembered = new Map();
    this.#timer ??= this.#clock.after(WRITE_AFTER_MS, () => this.#write());
  }

  #write(): void {
    this.#timer?.cancel();
    this.#timer = null;
    try {
      this.#notes.setNote(NOTE, formatContainers(this.#inner.current().containers, this.#envNames));
    } catch (error) {
      this.#failed(error);
    }
  }
}

/**
 * JSON with maps as objects; containers that are gone and variables that nobody asks for are left out. So are
 * annotations: nothing here asks for them, and kubectl keeps the pod's whole specification in one.
 */
function formatContainers(containers: ReadonlyMap<string, Container>, envNames: ReadonlySet<string>): string {
  const kept = [...containers.values()]
    .filter(({ state }) => state !== "gone")
    .slice(0, REMEMBERED_MAX)
    .map((container) => ({
      ...container,
      annotations: new Map(),
      env: new Map([...container.env].filter(([name]) => envNames.has(name) || asksForTags(name))),
    }));
  return JSON.stringify(kept, (_key, value) => value instanceof Map ? Object.fromEntries(value) : value);
}

const MAPS = ["labels", "podLabels", "annotations", "env"] as const;

/** The opposite; what does not look like a list of containers is no list. */
function parseContainers(text: string | null): ReadonlyMap<string, Container> {
  if (text === null) return new Map();
  try {
    const list = JSON.parse(text) as Record<string, unknown>[];
    return new Map(list.map((raw) => {
      const maps = Object.fromEntries(
        MAPS.map((name) => [name, new Map(Object.entries(raw[name] as Record<string, string>))]),
      );
      return [raw.id as string, Object.freeze({ ...raw, ...maps }) as unknown as Container];
    }));
  } catch {
    return new Map();
  }
}
