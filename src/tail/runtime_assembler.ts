import type { Batch } from "../core/batch.ts";
import type { Framing } from "../core/framing.ts";
import type { KeyTable } from "../core/keys.ts";
import type { Resume } from "../core/ledger.ts";
import {
  type Assembler,
  type AssemblerCounts,
  type HeldOver,
  RECORDS_MAX,
  type RereadFile,
} from "./assembler.ts";
import { gatherer } from "./gather.ts";
import type { HeldBudget } from "./held_budget.ts";
import type { LineTable } from "./line_table.ts";
import { isLongRow, LongLine } from "./long_line.ts";
import { OpenStream } from "./open_stream.ts";
import { recordOverhead } from "./record_writer.ts";
import {
  ROW,
  ROW_BEGIN,
  ROW_CONTINUED,
  ROW_FLAGS,
  ROW_PARTIAL,
  ROW_PIECE,
  ROW_RAW,
  ROW_TEXT,
  ROW_TEXT_END,
  STREAM_BIT,
} from "./runtime_lines.ts";
import { RuntimeRecords } from "./runtime_records.ts";
import { StreamJoiner } from "./stream_joiner.ts";

/** Rows with one of these are no whole line of a stream. */
const UNUSUAL = ROW_PARTIAL | ROW_RAW | ROW_PIECE | ROW_CONTINUED;

/**
 * Lines of container runtimes -> records: joins pieces per stream, then lines per stream. Docker's and CRI's lines may
 * be mixed. Almost all lines are whole records: those take the short way through `take`, everything else `#row`.
 */
export class RuntimeAssembler implements Assembler {
  readonly counts: AssemblerCounts = { unparsable: 0, discarded: 0, bytesTruncated: 0, bytesLost: 0 };

  readonly #budget: HeldBudget;
  readonly #file: RereadFile;
  readonly #records: RuntimeRecords;
  readonly #joiner: StreamJoiner;
  readonly #selected: number;
  readonly #limit: number;
  readonly #timeoutMs: number;
  /** `null` until there was one. */
  #long: LongLine | null = null;
  #streams = [new OpenStream(), new OpenStream()];
  /** Bit s: rows of stream s that are whole lines are whole records right now. */
  #short = 0;
  #skip = [0, 0];
  #skipUntil = 0;
  /** Where reading began, per stream. */
  #start = [0, 0];

  // What `take` was called with.
  #batch!: Batch;
  #fileBase = 0;

  constructor(framing: Framing, keys: KeyTable, budget: HeldBudget, file: RereadFile) {
    this.#budget = budget;
    this.#file = file;
    this.#records = new RuntimeRecords(framing, keys);
    this.#joiner = new StreamJoiner(framing, this.#records, this.counts);
    this.#selected = (framing.stdout ? 1 : 0) | (framing.stderr ? 2 : 0);
    this.#limit = framing.recordBytesMax;
    this.#timeoutMs = framing.multilineTimeoutMs;
    this.#updateShort();
  }

  take(
    table: LineTable,
    row: number,
    fileBase: number,
    batch: Batch,
    bytesRoom: number,
    nowMs: number,
    _final: boolean,
  ): number {
    this.#begin(table, batch, nowMs);
    this.#fileBase = fileBase;
    const overhead = recordOverhead(batch);
    // The batch is full when its bytes pass this: textBytes + records x overhead.
    const full = bytesRoom + batch.textBytes + batch.count * overhead;
    const { rows, arena, count } = table;
    let at = row * ROW;
    let next = row;
    for (; next < count; next++, at += ROW) {
      const done = batch.count;
      if (done > 0 && (done >= RECORDS_MAX || batch.textBytes + done * overhead >= full)) break;
      const flags = rows[at + ROW_FLAGS];
      if (
        (flags & UNUSUAL) === 0 && (this.#short >> (flags & STREAM_BIT) & 1) === 1 &&
        rows[at + ROW_TEXT_END] - rows[at + ROW_TEXT] <= this.#limit
      ) this.#records.line(batch, arena, rows, at);
      else this.#row(table, next);
    }
    for (const open of this.#streams) {
      open.record.spill(table, fileBase, this.#budget, this.#file);
      open.line.spill(table, fileBase, this.#budget, this.#file);
    }
    this.#count();
    return next;
  }

  resume(cursor: number): Resume {
    const done = [0, 0];
    for (let s = 0; s < 2; s++) {
      const { begin, holdsAdopted } = this.#streams[s];
      // What began in the generation before joins with the first rows of this one: they must come again with it.
      if (holdsAdopted) done[s] = this.#start[s];
      else done[s] = begin >= 0 ? begin : Math.max(cursor, this.#skip[s]);
    }
    // In the middle of a long line reading must begin where its header is; nothing else lies in between.
    if (this.#long?.active) {
      const other = this.#long.stream === 0 ? 1 : 0;
      done[other] = Math.min(done[other], this.#long.begin);
    }
    return { done };
  }

  skipBefore(resume: Resume): void {
    this.#skip = [resume.done[0], resume.done[1]];
    this.#start = [...this.#skip];
    this.#skipUntil = Math.max(...this.#skip);
    this.#updateShort();
  }

  nextTimeoutMs(): number {
    let next = Infinity;
    for (const open of this.#streams) {
      if (!open.record.isEmpty && open.line.isEmpty && !open.lineJoins) {
        next = Math.min(next, open.lastMs + this.#timeoutMs);
      }
    }
    return next;
  }

  flush(batch: Batch, nowMs: number, final: boolean): number {
    const before = batch.count;
    this.#begin(null, batch, nowMs);
    for (let s = 0; s < 2; s++) {
      const open = this.#streams[s];
      const isQuiet = !open.record.isEmpty && open.line.isEmpty && !open.lineJoins &&
        nowMs >= open.lastMs + this.#timeoutMs;
      if (!final && !isQuiet) continue;
      this.#joiner.finish(open, s);
    }
    this.#updateShort();
    this.#count();
    return batch.count - before;
  }

  handOver(): HeldOver | null {
    if (this.#streams[0].isIdle && this.#streams[1].isIdle) return null;
    const streams = this.#streams;
    for (const open of streams) this.counts.bytesLost += open.handOver();
    this.#streams = [new OpenStream(), new OpenStream()];
    if (this.#long !== null) this.#long.active = false;
    this.#updateShort();
    return { streams };
  }

  adopt(held: HeldOver): void {
    this.#streams = held.streams.map((open, s) => {
      // This stream was read on before a restart, so what was held then was joined and delivered.
      if (this.#start[s] === 0) return open;
      open.clear();
      return new OpenStream();
    });
    this.#updateShort();
  }

  joinedAdopted(): boolean {
    return this.#records.joinedAdopted;
  }

  holdsAdopted(): boolean {
    return this.#streams.some((open) => open.holdsAdopted);
  }

  close(): void {
    for (const open of this.#streams) open.clear();
    this.#updateShort();
  }

  #begin(table: LineTable | null, batch: Batch, nowMs: number): void {
    this.#batch = batch;
    this.#joiner.table = table;
    this.#joiner.batch = batch;
    this.#joiner.nowMs = nowMs;
    this.#records.joinedAdopted = false;
  }

  /** A row that is not simply a record. */
  #row(table: LineTable, row: number): void {
    const at = row * ROW;
    const flags = table.rows[at + ROW_FLAGS];
    const fileAt = this.#fileBase + table.rows[at + ROW_BEGIN];
    const stream = (flags & ROW_RAW) !== 0 ? -1 : flags & STREAM_BIT;
    if (this.#long?.active || isLongRow(flags)) this.#longRow(table, row, fileAt);
    else if (!this.#isSkipped(fileAt, stream)) {
      if (stream < 0) this.#raw(table.rows[at + ROW_TEXT], table.rows[at + ROW_TEXT_END]);
      else if ((this.#selected >> stream & 1) === 1) {
        this.#joiner.piece(table.rows, row, fileAt, this.#streams[stream], stream);
      }
    }
    this.#updateShort();
  }

  /** Delivered before the restart. A line of no stream was, if it lies before anything that was read. */
  #isSkipped(fileAt: number, stream: number): boolean {
    if (fileAt < this.#skipUntil) return stream < 0 || fileAt < this.#skip[stream];
    this.#skipUntil = 0;
    return false;
  }

  #raw(begin: number, end: number): void {
    this.counts.unparsable++;
    this.#records.raw(this.#batch, begin, end, { parts: 0 }, true);
  }

  /** A part of a physical line above the limit: goes out at once, as the only lines of its record. */
  #longRow(table: LineTable, row: number, fileAt: number): void {
    const long = this.#long ??= new LongLine();
    long.next(table, row, this.#fileBase);
    const { stream, textBegin, textEnd } = long;
    if (this.#isSkipped(fileAt, stream)) return;
    if (stream < 0) {
      if (long.isFirst) this.counts.unparsable++;
      this.#records.raw(this.#batch, textBegin, textEnd, long, long.isLast);
      return;
    }
    if ((this.#selected >> stream & 1) === 0) return;
    const open = this.#streams[stream];
    open.lastMs = this.#joiner.nowMs;
    if (long.isFirst && !open.isIdle) {
      if (!this.#joiner.groups) this.#joiner.part(open, open.line, stream, false);
      else this.#joiner.finish(open, stream);
    }
    const isLast = long.isLast && !long.partial;
    this.#records.part(this.#batch, open, textBegin, textEnd, stream, isLast, long.time);
    if (long.isLast && long.partial && this.#joiner.groups) open.lineJoins = true;
  }

  #updateShort(): void {
    this.#short = 0;
    if (this.#joiner.groups || this.#long?.active || this.#skipUntil > 0) return;
    if (this.#streams[0].isIdle) this.#short |= this.#selected & 1;
    if (this.#streams[1].isIdle) this.#short |= this.#selected & 2;
  }

  #count(): void {
    this.counts.bytesTruncated = this.#records.bytesTruncated;
    this.counts.bytesLost += gatherer.takeMissing();
  }
}
