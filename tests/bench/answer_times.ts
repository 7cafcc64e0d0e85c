/** How long Kafka took to answer requests with records, as the agent counts it. */
import { parseMetrics, type Sample } from "../support/metrics_text.ts";

/** See the module comment. */
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

/** Asks an agent with this address for `/metrics`. */
export async function readAnswerTimes(address: string): Promise<AnswerTimes> {
  const response = await fetch(`http://${address}/metrics`);
  return new AnswerTimes(parseMetrics(await response.text()));
}
