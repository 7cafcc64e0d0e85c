/** One file, its reader and lanes on it, without the rest of the tail. */
import assert from "node:assert/strict";
import { Batch } from "../../src/core/batch.ts";
import type { Framing } from "../../src/core/framing.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { TagSet } from "../../src/core/tags.ts";
import { ArenaPool } from "../../src/tail/arena_pool.ts";
import { makeAssembler } from "../../src/tail/assembler.ts";
import type { FileReader } from "../../src/tail/file_reader.ts";
import { FramingCounts } from "../../src/tail/framing_counts.ts";
import { HeldBudget } from "../../src/tail/held_budget.ts";
import { Lane } from "../../src/tail/lane.ts";
import { LineTable } from "../../src/tail/line_table.ts";
import { LossLedger } from "../../src/tail/loss_ledger.ts";
import type { ReadTools } from "../../src/tail/read_tools.ts";
import { ReaderTable } from "../../src/tail/reader_table.ts";
import type { SourcePath } from "../../src/tail/source_path.ts";
import { KeptMetrics } from "../support/flusher_bed.ts";
import { MemoryLog } from "../support/memory_log.ts";
import { LINES, TestOutput } from "../support/tail_world.ts";
import { hostView, MemoryFiles, VirtualClock } from "../support/virtual_host.ts";

export const LOG = "/var/log/app.log";

/** A source as the table of readers sees it: nothing but itself. */
export function someSource(): SourcePath {
  return {} as SourcePath;
}

export class ReaderBed {
  readonly clock = new VirtualClock();
  readonly files = new MemoryFiles(this.clock);
  readonly keys = new KeyTable();
  readonly log = new MemoryLog();
  readonly metrics = new KeptMetrics();
  readonly losses = new LossLedger(this.log, this.metrics);
  readonly readers = new ReaderTable(this.files, this.clock);
  readonly moved: Lane[] = [];
  readonly refusals: string[] = [];
  readonly tools: ReadTools = {
    arenas: new ArenaPool(),
    table: new LineTable(),
    batch: new Batch(this.keys),
    clock: this.clock,
    bytesRead: { value: 0 },
    recordsRead: { value: 0 },
    counts: new FramingCounts(this.losses, this.metrics),
  };

  /** The reader of a path that is there. */
  acquire(path = LOG): FileReader {
    const reader = this.tryAcquire(path);
    assert.ok(reader !== null, this.refusals.join());
    return reader;
  }

  tryAcquire(path = LOG, changed: (reader: FileReader) => void = () => {}): FileReader | null {
    const info = this.files.lstat(path);
    assert.ok(info !== null);
    return this.readers.acquire(
      hostView("/"),
      path,
      info,
      (refusal) => void this.refusals.push(refusal),
      { gone() {}, changed, broke() {}, crowded() {} },
    );
  }

  /** A lane at an offset, attached to no reader yet. */
  lane(output = new TestOutput(), framing: Framing = LINES, at = 0, flusher = "f"): Lane {
    const file = { read: () => 0 };
    return new Lane(
      {
        pipeline: "p",
        input: "i",
        flusher,
        source: `host:${LOG}`,
        label: "host",
        path: LOG,
        framing,
        tags: new TagSet([]),
        output,
      },
      makeAssembler(framing, this.keys, new HeldBudget(), file),
      { done: framing.format === "runtime" ? [at, at] : [at] },
      (lane) => void this.moved.push(lane),
    );
  }

  /** A reader of a path with one lane for each output. */
  read(path: string, outputs: readonly TestOutput[], framing: Framing = LINES): FileReader {
    const reader = this.acquire(path);
    const lanes = outputs.map((output, i) => this.lane(output, framing, 0, `f${i}`));
    this.readers.attach(reader, someSource(), lanes);
    return reader;
  }

  /** Turns until one says something else than "more". */
  turns(reader: FileReader): string {
    for (let i = 0; i < 1_000; i++) {
      const result = reader.turn(this.tools);
      if (result !== "more") return result;
    }
    return "endless";
  }
}
