import type { Log, Metrics } from "../core/telemetry.ts";

/** Why bytes that were on disk were not, or will not be, delivered. */
export type LossReason =
  /** Left out on purpose by a tail limit at first contact. */
  | "first_contact"
  /** A deleted file was given up because of the limit on held bytes. */
  | "held_limit"
  /** The file was truncated before it was read, and no copy of it was found. */
  | "truncated"
  /** A rotated or deleted file vanished before it was read, or ended with the agent that had it open. */
  | "vanished"
  /** A rotated file was packed while the agent was away, before it was read to its end. */
  | "packed"
  /** A record longer than the limit was truncated, as the pipeline asks. */
  | "record_truncated";

/** Containers whose losses are summed up by themselves; those of further ones count as `others`. */
export const LOSS_LABELS_MAX = 1_000;
/** Pairs of container and reason that the line at the stop names, largest first. */
const LOSSES_NAMED_MAX = 10;

/**
 * Where unavoidable loss is said: one metric per reason, one log line per case with container, path and
 * bytes, and a line with the sums at the stop.
 */
export class LossLedger {
  readonly #log: Log;
  readonly #metrics: Metrics;
  /** Sum over all reasons, for status and tests. */
  bytesLost = 0;
  /** `container reason` -> bytes. */
  readonly #sums: Map<string, number> = new Map();
  readonly #labels: Set<string> = new Set();

  constructor(log: Log, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** Books bytes under a reason. `quiet` leaves the log line out (frequent and asked for). */
  book(reason: LossReason, label: string, path: string, bytes: number, quiet = false): void {
    this.bytesLost += bytes;
    this.#add(reason, label, bytes);
    this.#metrics.counter(
      "denotail_lost_bytes_total",
      "Bytes that were on disk and are not delivered, by reason.",
      { reason },
    ).value += bytes;
    if (!quiet) this.#log.warn("Bytes were not delivered", { reason, container: label, path, bytes });
  }

  #add(reason: LossReason, label: string, bytes: number): void {
    if (this.#labels.size < LOSS_LABELS_MAX) this.#labels.add(label);
    const key = `${this.#labels.has(label) ? label : "others"} ${reason}`;
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + bytes);
  }

  /** What was booked since the start, in one line; none where nothing was. */
  sumUp(): void {
    if (this.bytesLost === 0) return;
    const largest = [...this.#sums].sort((a, b) => b[1] - a[1]);
    const named = largest.slice(0, LOSSES_NAMED_MAX).map(([key, bytes]) => `${key} ${bytes}`).join(", ");
    const more = largest.length - LOSSES_NAMED_MAX;
    this.#log.warn("Bytes were not delivered, in all since the start", {
      bytes: this.bytesLost,
      byReason: more > 0 ? `${named} and ${more} more` : named,
    });
  }
}
