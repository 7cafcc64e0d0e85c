import assert from "node:assert/strict";
import fc from "fast-check";
import { PipelineCounters, ProcessedOutput } from "../../src/agent/lane_output.ts";
import { Batch, IN_ARENA } from "../../src/core/batch.ts";
import { KeyTable } from "../../src/core/keys.ts";
import type { Sink } from "../../src/core/lane.ts";
import { Ledger, type LedgerEntry } from "../../src/core/ledger.ts";
import type { Processor } from "../../src/core/plugin.ts";
import { NO_TAGS } from "../../src/core/tags.ts";
import { KeptMetrics } from "../support/flusher_bed.ts";
import { MemoryLog } from "../support/memory_log.ts";

/** One lane whose sink lists the contents it gets. */
class Bed implements Sink {
  readonly keys = new KeyTable();
  readonly content = this.keys.permanent("content");
  readonly extra = this.keys.permanent("extra");
  readonly metrics = new KeptMetrics();
  readonly log = new MemoryLog();
  readonly got: string[] = [];
  writes = 0;
  broken = false;
  closed = false;
  caughtUps = 0;
  readonly output: ProcessedOutput;

  constructor(...processors: Processor["process"][]) {
    const counters = new PipelineCounters("p", this.metrics, this.log);
    this.output = new ProcessedOutput(processors.map((process) => ({ process })), this, counters);
  }

  room(): number {
    return 77;
  }

  write(batch: Batch, _entry: LedgerEntry): void {
    this.writes++;
    if (this.broken) throw new Error("a defect");
    for (let record = 0; record < batch.count; record++) {
      if (batch.first[record] < 0) continue;
      const extra = batch.find(record, this.extra);
      const text = batch.find(record, this.content);
      this.got.push((text < 0 ? "" : batch.text(text)) + (extra < 0 ? "" : `+${batch.text(extra)}`));
    }
  }

  caughtUp(): void {
    this.caughtUps++;
  }

  close(): void {
    this.closed = true;
  }

  push(...contents: string[]): void {
    const batch = new Batch(this.keys);
    const arena = new TextEncoder().encode(contents.join(""));
    batch.begin(NO_TAGS, arena, 0, 0);
    let at = 0;
    for (const text of contents) {
      const end = at + new TextEncoder().encode(text).length;
      batch.append(batch.addRecord(), this.content, at, end, IN_ARENA);
      at = end;
    }
    const entry = new Ledger({ done: [0] }, () => {}).open({ done: [1] });
    this.output.push(batch, entry);
    entry.settle();
  }

  count(name: string): number {
    return this.metrics.value(name);
  }

  get in(): number {
    return this.count("denotail_pipeline_records_in_total pipeline=p");
  }

  get out(): number {
    return this.count("denotail_pipeline_records_out_total pipeline=p");
  }
}

/** A processor that does something per record, by the record's text. */
function each(
  bed: () => Bed,
  act: (batch: Batch, record: number, text: string) => void,
): Processor["process"] {
  return (batch) => {
    for (let record = batch.from; record < batch.to; record++) {
      if (!batch.alive(record)) continue;
      const cell = batch.find(record, bed().content);
      if (cell >= 0) act(batch, record, batch.text(cell));
    }
  };
}

const addExtra = (bed: () => Bed) =>
  each(bed, (batch, record, text) => batch.appendText(record, bed().extra, text.toUpperCase()));
const throwAt = (bed: () => Bed, bad: string) =>
  each(bed, (_batch, _record, text) => {
    if (text === bad) throw new Error(`cannot take '${text}'`);
  });

Deno.test("ProcessedOutput runs the processors in order and hands the batch on", () => {
  const bed: Bed = new Bed(
    addExtra(() => bed),
    each(() => bed, (batch, record) => {
      assert.ok(batch.find(record, bed.extra) >= 0, "the second sees what the first did");
    }),
  );
  bed.push("a", "b");
  assert.deepEqual(bed.got, ["a+A", "b+B"]);
  assert.deepEqual([bed.in, bed.out], [2, 2]);
  assert.equal(bed.output.room(), 77);
  bed.output.caughtUp();
  bed.output.close();
  assert.deepEqual([bed.caughtUps, bed.closed], [1, true]);
});

Deno.test("ProcessedOutput passes the record a processor throws at unprocessed, and processes the others", () => {
  const bed: Bed = new Bed(addExtra(() => bed), throwAt(() => bed, "bad"));
  bed.push("a", "bad", "c");
  assert.deepEqual(bed.got, ["a+A", "bad", "c+C"]);
  assert.deepEqual([bed.in, bed.out], [3, 3]);
  assert.equal(bed.count("denotail_processor_failures_total pipeline=p"), 1);
  assert.deepEqual(bed.log.messages("warn"), ["Processor failed, record passes unprocessed"]);
  assert.match(String(bed.log.lines[0].fields.error), /cannot take 'bad'/);
});

Deno.test("ProcessedOutput does not write a batch of which nothing is left", () => {
  const bed: Bed = new Bed(each(() => bed, (batch, record) => batch.drop(record, "filtered")));
  bed.push("a", "b");
  assert.equal(bed.writes, 0);
  assert.deepEqual([bed.in, bed.out], [2, 0]);
  assert.equal(bed.count("denotail_dropped_records_total pipeline=p reason=filtered"), 2);
});

Deno.test("ProcessedOutput counts records without a field left as dropped", () => {
  const bed: Bed = new Bed(each(() => bed, (batch, record, text) => {
    if (text === "gone") batch.remove(record, batch.find(record, bed.content));
  }));
  bed.push("a", "gone");
  assert.deepEqual(bed.got, ["a"]);
  assert.equal(bed.count("denotail_dropped_records_total pipeline=p reason=no_fields_left"), 1);
});

Deno.test("ProcessedOutput counts no drop of a record that passes unprocessed after all", () => {
  const bed: Bed = new Bed(
    each(() => bed, (batch, record, text) => {
      if (text === "both") batch.drop(record, "filtered");
    }),
    (batch) => {
      for (let record = batch.from; record < batch.to; record++) {
        if (!batch.alive(record)) throw new Error("a dropped record");
      }
    },
  );
  bed.push("a", "both");
  assert.deepEqual(bed.got, ["a", "both"]);
  assert.equal(bed.count("denotail_dropped_records_total pipeline=p reason=filtered"), 0);
  assert.deepEqual([bed.in, bed.out], [2, 2]);
});

Deno.test("ProcessedOutput conserves records: in is out plus dropped, whatever processors do", () => {
  const verbs = fc.constantFrom("keep", "drop", "empty", "throw", "drop-throw");
  fc.assert(fc.property(fc.array(verbs, { minLength: 1, maxLength: 12 }), (texts) => {
    const bed: Bed = new Bed(
      each(() => bed, (batch, record, text) => {
        if (text.startsWith("drop")) batch.drop(record, "filtered");
        if (text === "empty") batch.remove(record, batch.find(record, bed.content));
        if (text.endsWith("throw")) throw new Error("bug");
      }),
    );
    bed.push(...texts);
    const dropped = ["filtered", "no_fields_left"]
      .reduce(
        (sum, reason) => sum + bed.count(`denotail_dropped_records_total pipeline=p reason=${reason}`),
        0,
      );
    assert.equal(bed.in, texts.length);
    assert.equal(bed.out, bed.got.length);
    assert.equal(bed.in, bed.out + dropped);
    assert.deepEqual(bed.got, texts.filter((text) => text === "keep" || text.endsWith("throw")));
  }));
});

Deno.test("ProcessedOutput counts the records of a batch that the flusher threw at, and goes on", () => {
  const bed: Bed = new Bed();
  bed.broken = true;
  bed.push("a", "b");
  bed.broken = false;
  bed.push("c");
  assert.deepEqual(bed.got, ["c"]);
  assert.equal(bed.count("denotail_dropped_records_total pipeline=p reason=flusher_failed"), 2);
  assert.match(bed.log.messages("error")[0], /^BUG: /);
});
