import type { Cell, Metrics } from "../core/telemetry.ts";
import type { Lane } from "./lane.ts";
import type { LossLedger } from "./loss_ledger.ts";

/** Carries what the assemblers count, lane by lane, into metrics and the loss ledger. */
export class FramingCounts {
  readonly #losses: LossLedger;
  readonly #unparsable: Cell;
  readonly #discarded: Cell;

  constructor(losses: LossLedger, metrics: Metrics) {
    this.#losses = losses;
    this.#unparsable = metrics.counter(
      "denotail_unparsable_lines_total",
      "Lines of container logs in no runtime's form; they are sent as they are.",
    );
    this.#discarded = metrics.counter(
      "denotail_discarded_records_total",
      "Lines or records that belong to no multi-line record, left out as the pipeline asks.",
    );
  }

  /** Takes over what is new since the last call for this lane. */
  note(lane: Lane): void {
    const { counts } = lane.assembler;
    const seen = lane.counted;
    if (counts.unparsable !== seen.unparsable) {
      this.#unparsable.value += counts.unparsable - seen.unparsable;
      seen.unparsable = counts.unparsable;
    }
    if (counts.discarded !== seen.discarded) {
      this.#discarded.value += counts.discarded - seen.discarded;
      seen.discarded = counts.discarded;
    }
    const { label, path } = lane.info;
    if (counts.bytesTruncated !== seen.bytesTruncated) {
      // Asked for by the pipeline, and as frequent as long records are.
      this.#losses.book("record_truncated", label, path, counts.bytesTruncated - seen.bytesTruncated, true);
      seen.bytesTruncated = counts.bytesTruncated;
    }
    if (counts.bytesLost !== seen.bytesLost) {
      this.#losses.book("truncated", label, path, counts.bytesLost - seen.bytesLost);
      seen.bytesLost = counts.bytesLost;
    }
  }
}
