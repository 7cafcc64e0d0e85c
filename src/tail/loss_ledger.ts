import type { Log, Metrics } from "../core/telemetry.ts";

/** Why bytes that were on disk were not, or will not be, delivered. */
export type LossReason =
  /** Left out on purpose by a tail limit at first contact. */
  | "first_contact"
  /** A deleted file was given up because of the limit on held bytes. */
  | "held_limit"
  /** The file was truncated before it was read, and no copy of it was found. */
  | "truncated"
  /** A rotated or deleted file vanished before it was read. */
  | "vanished"
  /** A rotated file was packed while the agent was away, before it was read to its end. */
  | "packed"
  /** A record longer than the limit was truncated, as the pipeline asks. */
  | "record_truncated";

/** Where unavoidable loss is said: one metric per reason, one log line per case with container, path and bytes. */
export class LossLedger {
  readonly #log: Log;
  readonly #metrics: Metrics;
  /** Sum over all reasons, for status and tests. */
  bytesLost = 0;

  constructor(log: Log, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** Books bytes under a reason. `quiet` leaves the log line out (frequent and asked for). */
  book(reason: LossReason, label: string, path: string, bytes: number, quiet = false): void {
    this.bytesLost += bytes;
    this.#metrics.counter(
      "denotail_lost_bytes_total",
      "Bytes that were on disk and are not delivered, by reason.",
      { reason },
    ).value += bytes;
    if (!quiet) this.#log.warn("Bytes were not delivered", { reason, container: label, path, bytes });
  }
}
