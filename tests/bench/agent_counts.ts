/** What an agent counts, as its `/metrics` tells. */
import { parseMetrics, type Sample, sumOf } from "../support/metrics_text.ts";

/** How long Kafka took to answer requests with records. */
export class AnswerTimes {
  /** Upper bound of each class, ascending, and how many answers are in it. */
  readonly #classes: readonly (readonly [boundMs: number, count: number])[];

  constructor(samples: readonly Sample[]) {
    const classes = new Map<number, number>();
    for (const { name, labels, value } of samples) {
      if (name !== "denotail_kafka_answers_total") continue;
      const boundMs = labels.within === "longer" ? Infinity : Number.parseInt(labels.within);
      classes.set(boundMs, (classes.get(boundMs) ?? 0) + value);
    }
    this.#classes = [...classes].sort(([a], [b]) => a - b);
  }

  get count(): number {
    return this.#classes.reduce((sum, [, count]) => sum + count, 0);
  }

  /** The least bound within which this part of them came. */
  within(part: number): number {
    let left = part * this.count;
    for (const [boundMs, count] of this.#classes) {
      left -= count;
      if (left <= 0) return boundMs;
    }
    return Infinity;
  }
}

/** Some counts of one moment. */
export interface AgentCounts {
  answers: AnswerTimes;
  batches: number;
  /** Of 4 KiB or more, made on the way of a line. */
  largeBuffers: number;
}

/** Asks an agent with this address. The first question loads what answers it, which takes longer than a turn. */
export async function readCounts(address: string): Promise<AgentCounts> {
  const response = await fetch(`http://${address}/metrics`);
  const samples = parseMetrics(await response.text());
  return {
    answers: new AnswerTimes(samples),
    batches: sumOf(samples, "denotail_kafka_batches_total"),
    largeBuffers: sumOf(samples, "denotail_large_buffers_total"),
  };
}
