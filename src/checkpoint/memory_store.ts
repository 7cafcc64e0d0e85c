import type { Birth, CheckpointStore, SavedLane } from "../core/checkpoint.ts";

/** `--checkpoint=memory`: nothing outlives the process, so each start is a first start. */
export class MemoryStore implements CheckpointStore {
  readonly birth: Birth;
  readonly #firstSeen: Map<string, number> = new Map();
  readonly #notes: Map<string, string> = new Map();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.birth = { kind: "first", bornMs: nowMs() };
  }

  load(): SavedLane[] {
    return [];
  }

  save(): void {
    // Nobody reads it again.
  }

  firstSeenMs(pipeline: string): number {
    const known = this.#firstSeen.get(pipeline) ?? this.#nowMs();
    this.#firstSeen.set(pipeline, known);
    return known;
  }

  note(name: string): string | null {
    return this.#notes.get(name) ?? null;
  }

  setNote(name: string, text: string): void {
    this.#notes.set(name, text);
  }

  close(): void {
    // Holds nothing.
  }
}
