import type { Cell, Metrics } from "../../core/telemetry.ts";

/** Counters of one Kafka client. */
export class Counters {
  readonly records: Cell;
  readonly batches: Cell;
  readonly bytes: Cell;
  readonly retries: Cell;
  readonly truncatedBytes: Cell;
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
}
