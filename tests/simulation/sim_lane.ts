import type { Batch } from "../../src/core/batch.ts";
import type { LaneOutput } from "../../src/core/lane.ts";
import type { LedgerEntry } from "../../src/core/ledger.ts";
import { BANNER, parseText } from "./model.ts";

/** A batch that was pushed and waits for its acknowledgement. */
interface Pushed {
  readonly entry: LedgerEntry;
  readonly keys: readonly string[];
  acked: boolean;
}

/** Everything one flusher of one pipeline got of one source: the verifier's memory, over crashes. */
export class SimLane {
  readonly name: string;
  readonly source: string;
  /** Records that arrived at least once, as far as anybody knows: acknowledged ones. */
  readonly delivered: Set<string> = new Set();
  /** Records that were handed over in this life of the agent. */
  readonly taken: Set<string> = new Set();
  /** Records that were settled and saved, with the time of the settlement: they must not come again. */
  readonly durable: Map<string, number> = new Map();
  /** Records that came again all the same. */
  readonly again: Set<string> = new Set();
  /** When each record became part of the settled prefix, in this session. */
  readonly settledMs: Map<string, number> = new Map();
  /** The paths under which each record came. */
  readonly pathsOf: Map<string, Set<string>> = new Map();
  /** Texts that are no whole record. */
  readonly fragments: string[] = [];
  /** Records that came twice without a crash. */
  readonly twice: Set<string> = new Set();
  /** Records out of order, with the one that came before. */
  readonly late: Map<string, string> = new Map();
  /** Told of each batch, for people who read a history. */
  said: (line: string) => void = () => {};
  /** Records of this session. */
  session: Set<string> = new Set();
  /** The last record of each stream by the path it came under: a file that was never seen under another name is a source
   * of its own, and order is promised per source. */
  #last: Map<string, number[]> = new Map();

  constructor(name: string, source: string) {
    this.name = name;
    this.source = source;
  }

  take(text: string, path: string): string | null {
    if (text === BANNER) return null;
    const parsed = parseText(text);
    const isNear = parsed?.source.startsWith(`${this.source}/`) === true;
    if (parsed === null || (parsed.source !== this.source && !isNear)) {
      this.fragments.push(text);
      this.said(`    ${this.name} got the fragment ${text} of ${path}`);
      return null;
    }
    const key = isNear ? `${parsed.source}:${parsed.seq}` : `${parsed.stream}:${parsed.seq}`;
    this.pathsOf.set(key, (this.pathsOf.get(key) ?? new Set()).add(path));
    if (this.session.has(key)) this.twice.add(key);
    const last = this.#last.get(path) ?? [-1, -1];
    this.#last.set(path, last);
    if (parsed.seq <= last[parsed.stream] && !this.session.has(key)) {
      this.late.set(key, `${parsed.stream}:${last[parsed.stream]}`);
    }
    if (this.durable.has(key)) this.again.add(key);
    this.session.add(key);
    this.taken.add(key);
    last[parsed.stream] = parsed.seq;
    return key;
  }

  /** What was saved after this is not saved any more. */
  unsave(cutoffMs: number): void {
    for (const [key, ms] of this.durable) if (ms > cutoffMs) this.durable.delete(key);
  }

  /** The process died or the target is followed again: what was settled until `cutoffMs` is saved. */
  newSession(cutoffMs: number): void {
    for (const [key, ms] of this.settledMs) if (ms <= cutoffMs) this.durable.set(key, ms);
    this.settledMs.clear();
    this.session = new Set();
    this.#last.clear();
  }
}

/** One flusher, shared by its lanes: room, and acknowledgements in any order. */
export class SimFlusher {
  roomBytes = 1 << 20;
  readonly #waiting: { output: SimOutput; pushed: Pushed }[] = [];

  add(output: SimOutput, pushed: Pushed): void {
    this.#waiting.push({ output, pushed });
  }

  /** Acknowledges `count` batches, picked by `pick` (index among the waiting). */
  ack(count: number, pick: (length: number) => number): void {
    for (; count > 0 && this.#waiting.length > 0; count--) {
      const [{ output, pushed }] = this.#waiting.splice(pick(this.#waiting.length), 1);
      output.settle(pushed);
    }
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** The process died: of what was not acknowledged some arrived, the rest is gone. */
  crash(arrived: () => boolean): void {
    for (const { output, pushed } of this.#waiting) if (arrived()) output.arrived(pushed);
  }
}

/** What a lane of the agent writes into: one per generation. */
export class SimOutput implements LaneOutput {
  readonly #lane: SimLane;
  readonly #flusher: SimFlusher;
  readonly #nowMs: () => number;
  #order: Pushed[] = [];
  readonly #session: Set<string>;
  /** A planted fault: what is handed over counts as delivered. */
  readonly #isEarly: boolean;

  readonly #path: string;

  constructor(lane: SimLane, path: string, flusher: SimFlusher, nowMs: () => number, isEarly = false) {
    this.#path = path;
    this.#isEarly = isEarly;
    this.#lane = lane;
    this.#session = lane.session;
    this.#flusher = flusher;
    this.#nowMs = nowMs;
  }

  room(): number {
    return this.#flusher.roomBytes;
  }

  push(batch: Batch, entry: LedgerEntry): void {
    const content = batch.keys.permanent("content");
    const keys: string[] = [];
    for (let record = 0; record < batch.count; record++) {
      const key = this.#lane.take(batch.text(batch.find(record, content)), this.#path);
      if (key !== null) keys.push(key);
    }
    const pushed: Pushed = { entry, keys, acked: false };
    this.#lane.said(`    ${this.#lane.name} got ${batch.count} of ${this.#path}: ${keys.join(" ")}`);
    if (!this.#isEarly) entry.hold();
    this.#order.push(pushed);
    this.#flusher.add(this, pushed);
  }

  /** The broker has it. */
  arrived({ keys }: Pushed): void {
    for (const key of keys) this.#lane.delivered.add(key);
  }

  settle(pushed: Pushed): void {
    pushed.acked = true;
    this.arrived(pushed);
    this.#lane.said(`    ${this.#lane.name} acked ${pushed.keys[0]} … ${pushed.keys.at(-1)}`);
    if (!this.#isEarly) pushed.entry.settle();
    while (this.#order.length > 0 && this.#order[0].acked) {
      const { keys } = this.#order.shift()!;
      // A lane that was followed again since then knows nothing of what its forerunner still had in flight.
      if (this.#session === this.#lane.session) {
        for (const key of keys) this.#lane.settledMs.set(key, this.#nowMs());
      }
    }
  }

  caughtUp(): void {}

  close(): void {}
}
