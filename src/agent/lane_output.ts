import type { Batch } from "../core/batch.ts";
import { describeError } from "../core/errors.ts";
import type { LaneOutput, Sink } from "../core/lane.ts";
import type { LedgerEntry } from "../core/ledger.ts";
import type { Processor } from "../core/plugin.ts";
import type { Cell, Log, Metrics } from "../core/telemetry.ts";

/** Counters of one pipeline. */
export class PipelineCounters {
  readonly recordsIn: Cell;
  readonly recordsOut: Cell;
  readonly #pipeline: string;
  readonly #metrics: Metrics;
  readonly #log: Log;

  constructor(pipeline: string, metrics: Metrics, log: Log) {
    this.#pipeline = pipeline;
    this.#metrics = metrics;
    this.#log = log;
    const labels = { pipeline };
    this.recordsIn = metrics.counter(
      "denotail_pipeline_records_in_total",
      "Records framed for a pipeline, once for each flusher.",
      labels,
    );
    this.recordsOut = metrics.counter(
      "denotail_pipeline_records_out_total",
      "Records given to flushers, once for each of them.",
      labels,
    );
  }

  /** Records left out on purpose. */
  dropped(reason: string, records: number): void {
    const labels = { pipeline: this.#pipeline, reason };
    this.#metrics.counter(
      "denotail_dropped_records_total",
      "Records left out on purpose, by reason, once for each flusher.",
      labels,
    )
      .value += records;
  }

  /** The flusher threw; what of the batch it had not taken is lost, and said. */
  unwritten(records: number, error: unknown): void {
    this.dropped("flusher_failed", records);
    this.#log.error("BUG: a flusher failed on a batch, up to this many records are lost", {
      pipeline: this.#pipeline,
      records,
      error: describeError(error),
    });
  }

  /** A processor threw; the record passes unprocessed. */
  failed(error: unknown): void {
    const labels = { pipeline: this.#pipeline };
    this.#metrics.counter(
      "denotail_processor_failures_total",
      "Records that a processor could not take, once for each flusher; they pass unprocessed.",
      labels,
    ).value++;
    this.#log.warn("Processor failed, record passes unprocessed", {
      pipeline: this.#pipeline,
      error: describeError(error),
    });
  }
}

/** Processors and the flusher's sink behind one lane. */
export class ProcessedOutput implements LaneOutput {
  readonly #processors: readonly Processor[];
  readonly #sink: Sink;
  readonly #counters: PipelineCounters;

  constructor(processors: readonly Processor[], sink: Sink, counters: PipelineCounters) {
    this.#processors = processors;
    this.#sink = sink;
    this.#counters = counters;
  }

  get client(): object | undefined {
    return this.#sink.client;
  }

  room(joining?: boolean): number {
    return this.#sink.room(joining);
  }

  push(batch: Batch, entry: LedgerEntry): void {
    const framed = batch.count;
    this.#counters.recordsIn.value += framed;
    if (this.#processors.length > 0) {
      runProcessors(this.#processors, batch, (error) => this.#counters.failed(error));
      let left = framed;
      for (const [reason, records] of batch.drops) {
        this.#counters.dropped(reason, records);
        left -= records;
      }
      const alive = batch.countAlive();
      if (alive < left) this.#counters.dropped("no_fields_left", left - alive);
      if (alive === 0) return;
      this.#counters.recordsOut.value += alive;
    } else this.#counters.recordsOut.value += framed;
    try {
      this.#sink.write(batch, entry);
    } catch (error) {
      // A defect of ours. Passed on, it would leave the batch open for ever: the checkpoint would stand still and the
      // lines would be missing unseen until a restart meets them again.
      this.#counters.unwritten(batch.countAlive(), error);
    }
  }

  caughtUp(): void {
    this.#sink.caughtUp();
  }

  close(): void {
    this.#sink.close();
  }
}

/**
 * Runs the processors over the batch. If one throws, the batch is run again record by record, and the records that
 * make a processor throw pass as they were framed: no record can make a crash loop, and none is lost by a bug.
 */
export function runProcessors(
  processors: readonly Processor[],
  batch: Batch,
  failed: (error: unknown) => void,
): void {
  batch.save();
  try {
    for (const processor of processors) processor.process(batch);
    return;
  } catch {
    batch.restore();
  }
  for (let record = 0; record < batch.count; record++) {
    batch.from = record;
    batch.to = record + 1;
    const drops = new Map(batch.drops);
    try {
      for (const processor of processors) processor.process(batch);
    } catch (error) {
      batch.restoreRecord(record);
      // It passes, so it was not dropped by a processor before the one that threw.
      batch.drops.clear();
      for (const [reason, records] of drops) batch.drops.set(reason, records);
      failed(error);
    }
  }
  batch.from = 0;
  batch.to = batch.count;
}
