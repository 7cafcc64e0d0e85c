import type { LaneKey, SavedLane } from "../../../src/core/checkpoint.ts";
import type { Resume } from "../../../src/core/ledger.ts";
import { FakeTransactions } from "../../support/fake_transactions.ts";
import { memoryKeeping, TestLane } from "../../support/flusher_bed.ts";
import { NO_TAGS } from "../../../src/core/tags.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";
import { contents, type ProducerBed, producerBed } from "./producer_bed.ts";

export const RESUME = "denotail-resume";

/** A cluster and a checkpoint folder that outlive agents. */
export interface Ground {
  readonly kafka: FakeTransactions;
  readonly notes: Map<string, string>;
  readonly clock: VirtualClock;
}

export function ground(): Ground {
  const kafka = new FakeTransactions();
  kafka.topics.set("t", [1]);
  kafka.topics.set(RESUME, [1, 2]);
  return { kafka, notes: new Map(), clock: new VirtualClock() };
}

/** An agent's flusher on that ground. */
export interface Run extends ProducerBed {
  /** What it found committed; `null` while it waits. */
  found(): readonly SavedLane[] | null;
  /** A lane that goes on where the committed row of its source says. */
  reads(source: string): TestLane;
}

export async function startRun(
  { kafka, notes, clock }: Ground,
  options: Record<string, unknown> = {},
  random: () => number = Math.random,
): Promise<Run> {
  const more = { keeping: memoryKeeping(notes), random };
  const bed = await producerBed({ Delivery: "exactly_once", ...options }, kafka, more, clock);
  let found: readonly SavedLane[] | null = null;
  bed.flusher.prepare!().then((lanes) => found = lanes);
  for (let i = 0; i < 50 && found === null && kafka.refusals.length === 0; i++) await clock.run(10);
  return Object.assign(bed, {
    found: () => found,
    reads: (source: string) => {
      const start = found?.find(({ key }) => key.source === source)?.done[0] ?? 0;
      const sink = bed.flusher.open({ key: source, tags: NO_TAGS });
      const owner = { savedAt: ({ done }: Resume, savedMs: number) => savedLane(source, done, savedMs) };
      return new TestLane(sink, bed.context.keys, clock, NO_TAGS, start, owner);
    },
  });
}

export function laneKey(source: string): LaneKey {
  return { pipeline: "p", input: "i#0", flusher: "f#0", source, device: 1, inode: 2 };
}

function savedLane(source: string, done: readonly number[], savedMs: number): SavedLane {
  const head = { length: 4, hash: 7 };
  return { key: laneKey(source), done, head, anchor: { at: 0, length: 0, hash: 0 }, hostPath: "/x", savedMs };
}

/** Lines that a `read_committed` consumer of topic `t` sees. */
export function lines({ kafka }: Ground): string[] {
  const partitions = kafka.topics.get("t")!.map((_, partition) => contents(kafka.committed("t", partition)));
  return partitions.flat();
}
