import type { Batch } from "../../src/core/batch.ts";
import type { SavedLane } from "../../src/core/checkpoint.ts";
import type { Envelope } from "../../src/core/envelope/envelope.ts";
import { makeEnvelope } from "../../src/core/envelope/make_envelope.ts";
import type { Sink, SourceInfo } from "../../src/core/lane.ts";
import type { LedgerEntry } from "../../src/core/ledger.ts";
import {
  type BudgetHolder,
  definePlugin,
  type Flusher,
  type FlusherContext,
  type Plugin,
} from "../../src/core/plugin.ts";
import { flag, options } from "../../src/core/schema.ts";

/** Where records of all `flusher_memory` of a test end; a test steers it. */
export class Delivered {
  /** Each record as its envelope's text. */
  readonly lines: string[] = [];
  /** Sources that were opened, in order. */
  readonly sources: SourceInfo[] = [];
  /** Batches that are not acknowledged. */
  readonly waiting: LedgerEntry[] = [];
  acks = true;
  /** Flushers begin when it resolves; `null`: at once. */
  prepared: Promise<readonly SavedLane[]> | null = null;
  roomBytes = 1 << 20;
  /** What happened, in order: `write`, `stop`. */
  readonly events: string[] = [];
  /** Runs when a flusher is asked to stop. */
  atStop: (deadlineMs: number) => Promise<void> = () => Promise.resolve();

  /** Counts what waits in the agent's budget. */
  budget: BudgetHolder | null = null;

  acknowledge(): void {
    if (this.budget !== null) this.budget.used = 0;
    for (const entry of this.waiting.splice(0)) entry.settle();
  }
}

class MemorySink implements Sink {
  readonly #to: Delivered;
  readonly #envelope: Envelope;

  constructor(to: Delivered, envelope: Envelope) {
    this.#to = to;
    this.#envelope = envelope;
  }

  room(): number {
    return this.#to.roomBytes;
  }

  write(batch: Batch, entry: LedgerEntry): void {
    const decoder = new TextDecoder();
    this.#to.events.push("write");
    for (let record = 0; record < batch.count; record++) {
      if (batch.first[record] < 0) continue;
      const out = new Uint8Array(this.#envelope.bytesMax(batch, record));
      const end = this.#envelope.encode(batch, record, out, 0);
      if (!this.#to.acks && this.#to.budget !== null) this.#to.budget.used += end;
      this.#to.lines.push(decoder.decode(out.subarray(0, end)));
    }
    entry.hold();
    if (this.#to.acks) entry.settle();
    else this.#to.waiting.push(entry);
  }

  caughtUp(): void {}

  close(): void {}
}

/** A flusher that keeps what it gets. `Fails: true`: cannot be made. */
export function memoryFlusher(to: Delivered): Plugin {
  return definePlugin({
    kind: "flusher",
    type: "flusher_memory",
    summary: "Keeps records",
    schema: options({ Fails: flag("Cannot be made", { default: false }) }),
    examples: [],
    create: (given, context: FlusherContext): Promise<Flusher> => {
      if (given.Fails) throw new Error("this flusher cannot be made");
      to.budget = context.budget.holder("memory");
      const envelope = makeEnvelope({ protocol: "sls_json", keys: context.keys });
      return Promise.resolve({
        open: (source) => {
          to.sources.push(source);
          return new MemorySink(to, envelope);
        },
        ...(to.prepared === null
          ? {}
          : { prepare: () => to.prepared!, preparesFrom: "the resume points of topic 'r'" }),
        stop: (deadlineMs) => {
          to.events.push("stop");
          return to.atStop(deadlineMs);
        },
      });
    },
  }) as unknown as Plugin;
}
