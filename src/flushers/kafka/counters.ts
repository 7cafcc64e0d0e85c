import type { Cell, Metrics } from "../../core/telemetry.ts";

/** Times of answers are counted up to these bounds. */
const ANSWER_BOUNDS_MS = [5, 10, 20, 50, 100, 1_000];

/** Counters of one Kafka client. */
export class Counters {
  readonly records: Cell;
  readonly batches: Cell;
  readonly bytes: Cell;
  readonly retries: Cell;
  readonly truncatedBytes: Cell;
  readonly #answers: Cell[] = [];
  readonly #redirected: { no_field?: Cell; topic_limit?: Cell } = {};
  readonly #metrics: Metrics;
  readonly #client: string;

  constructor(metrics: Metrics, client: string) {
    const labels = { client };
    this.#metrics = metrics;
    this.#client = client;
    this.records = metrics.counter("denotail_kafka_records_total", "Records acknowledged by Kafka.", labels);
    this.batches = metrics.counter(
      "denotail_kafka_batches_total",
      "Record batches acknowledged by Kafka.",
      labels,
    );
    this.bytes = metrics.counter(
      "denotail_kafka_bytes_total",
      "Bytes of acknowledged record batches.",
      labels,
    );
    this.retries = metrics.counter("denotail_kafka_retries_total", "Record batches sent again.", labels);
    this.truncatedBytes = metrics.counter(
      "denotail_kafka_truncated_bytes_total",
      "Bytes cut from records above a size limit.",
      labels,
    );
  }

  /** A request with records was answered after so long, from its way to the socket to here. */
  answered(ms: number): void {
    let bound = 0;
    while (bound < ANSWER_BOUNDS_MS.length && ms > ANSWER_BOUNDS_MS[bound]) bound++;
    const cell = this.#answers[bound] ??= this.#metrics.counter(
      "denotail_kafka_answers_total",
      "Requests with records that Kafka answered, by the time it took.",
      { client: this.#client, within: withinText(ANSWER_BOUNDS_MS[bound]) },
    );
    cell.value++;
  }

  /** Adds one to the errors of a kind: a Kafka error name, or `CONNECTION`. */
  error(kind: string): void {
    this.#metrics.counter("denotail_kafka_errors_total", "Failed requests by error.", {
      client: this.#client,
      error: kind,
    }).value++;
  }

  /** Adds records that were dropped on purpose. */
  dropped(reason: string, records: number): void {
    this.#metrics.counter("denotail_kafka_dropped_records_total", "Records dropped on purpose by reason.", {
      client: this.#client,
      reason,
    }).value += records;
  }

  /** Adds a record that went to another topic than its own. */
  redirected(reason: "no_field" | "topic_limit"): void {
    const cell = this.#redirected[reason] ??= this.#metrics.counter(
      "denotail_kafka_redirected_records_total",
      "Records whose topic could not be told, or was one too many, by reason: sent to another topic.",
      { client: this.#client, reason },
    );
    cell.value++;
  }
}

function withinText(boundMs: number | undefined): string {
  return boundMs === undefined ? "longer" : `${boundMs} ms`;
}
