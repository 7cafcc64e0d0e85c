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
import { lineText } from "./line_text.ts";
import type { LineTable } from "./line_table.ts";
import { isLongRow, LongLine } from "./long_line.ts";
import {
  END_AFTER,
  END_BEFORE,
  JOIN,
  type LineGrouper,
  makeGrouper,
  UNMATCHED_BEFORE,
} from "./multiline_grouper.ts";
import { OpenStream, type RowList } from "./open_stream.ts";
import { recordOverhead } from "./record_writer.ts";
import {
  ROW,
  ROW_BEGIN,
  ROW_CONTINUED,
  ROW_ESCAPED,
  ROW_FLAGS,
  ROW_PARTIAL,
  ROW_PIECE,
  ROW_RAW,
  ROW_TEXT,
  ROW_TEXT_END,
  STREAM_BIT,
} from "./runtime_lines.ts";
import { RuntimeRecords } from "./runtime_records.ts";

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
  readonly #grouper: LineGrouper | null;
  readonly #selected: number;
  readonly #limit: number;
  readonly #truncates: boolean;
  readonly #timeoutMs: number;
  readonly #long = new LongLine();
  #streams = [new OpenStream(), new OpenStream()];
  /** Bit s: rows of stream s that are whole lines are whole records right now. */
  #short = 0;
  #skip = [0, 0];
  #skipUntil = 0;

  // What `take` was called with, so that helpers need not pass it on.
  #table: LineTable | null = null;
  #batch!: Batch;
  #fileBase = 0;
  #nowMs = 0;

  constructor(framing: Framing, keys: KeyTable, budget: HeldBudget, file: RereadFile) {
    this.#budget = budget;
    this.#file = file;
    this.#records = new RuntimeRecords(framing, keys);
    this.#grouper = framing.multiline === null ? null : makeGrouper(framing.multiline);
    this.#selected = (framing.stdout ? 1 : 0) | (framing.stderr ? 2 : 0);
    this.#limit = framing.recordBytesMax;
    this.#truncates = framing.oversize === "truncate";
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
    this.#table = table;
    this.#batch = batch;
    this.#fileBase = fileBase;
    this.#nowMs = nowMs;
    this.#records.joinedAdopted = false;
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
      const begin = this.#streams[s].begin;
      done[s] = begin >= 0 ? begin : Math.max(cursor, this.#skip[s]);
    }
    // In the middle of a long line reading must begin where its header is; nothing else lies in between.
    if (this.#long.active) {
      const other = this.#long.stream === 0 ? 1 : 0;
      done[other] = Math.min(done[other], this.#long.begin);
    }
    return { done };
  }

  skipBefore(resume: Resume): void {
    this.#skip = [resume.done[0], resume.done[1]];
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
    this.#batch = batch;
    this.#table = null;
    this.#nowMs = nowMs;
    this.#records.joinedAdopted = false;
    for (let s = 0; s < 2; s++) {
      const open = this.#streams[s];
      const isQuiet = !open.record.isEmpty && open.line.isEmpty && !open.lineJoins &&
        nowMs >= open.lastMs + this.#timeoutMs;
      if (!final && !isQuiet) continue;
      this.#finish(s, open);
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
    this.#long.active = false;
    this.#updateShort();
    return { streams };
  }

  adopt(held: HeldOver): void {
    this.#streams = [...held.streams];
    this.#updateShort();
  }

  joinedAdopted(): boolean {
    return this.#records.joinedAdopted;
  }

  close(): void {
    for (const open of this.#streams) open.clear();
    this.#updateShort();
  }

  /** A row that is not simply a record. */
  #row(table: LineTable, row: number): void {
    const at = row * ROW;
    const flags = table.rows[at + ROW_FLAGS];
    const fileAt = this.#fileBase + table.rows[at + ROW_BEGIN];
    const stream = (flags & ROW_RAW) !== 0 ? -1 : flags & STREAM_BIT;
    if (this.#long.active || isLongRow(flags)) this.#longRow(table, row, fileAt);
    else if (!this.#isSkipped(fileAt, stream)) {
      if (stream < 0) this.#raw(table.rows[at + ROW_TEXT], table.rows[at + ROW_TEXT_END]);
      else if ((this.#selected >> stream & 1) === 1) this.#piece(table.rows, row, fileAt, stream);
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
    const long = this.#long;
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
    open.lastMs = this.#nowMs;
    if (long.isFirst && !open.isIdle) {
      if (this.#grouper === null) this.#part(open, open.line, stream, false);
      else this.#finish(stream, open);
    }
    const isLast = long.isLast && !long.partial;
    this.#records.part(this.#batch, open, textBegin, textEnd, stream, isLast, long.time);
    if (long.isLast && long.partial && this.#grouper !== null) open.lineJoins = true;
  }

  /** A line of a selected stream, or a piece of one. */
  #piece(rows: Int32Array, row: number, fileAt: number, stream: number): void {
    const open = this.#streams[stream];
    const at = row * ROW;
    const flags = rows[at + ROW_FLAGS];
    const partial = (flags & ROW_PARTIAL) !== 0;
    const newline = partial ? 0 : (flags & ROW_ESCAPED) !== 0 ? 2 : 1;
    const textBytes = rows[at + ROW_TEXT_END] - rows[at + ROW_TEXT];
    open.lastMs = this.#nowMs;
    if (this.#grouper === null) {
      this.#makeRoom(open, open.line, stream, textBytes);
      open.line.push(row, fileAt, textBytes);
      if (!partial) this.#part(open, open.line, stream, true);
      else this.#truncate(open, open.line, stream);
    } else if (open.lineJoins) {
      open.lineJoins = partial;
      if (open.drops) {
        open.drops = partial;
        return;
      }
      this.#makeRoom(open, open.record, stream, textBytes + newline);
      open.record.push(row, fileAt, textBytes + newline);
      if (!partial && !open.group.open) this.#part(open, open.record, stream, true);
      else this.#truncate(open, open.record, stream);
    } else {
      open.line.push(row, fileAt, textBytes + newline);
      if (!partial || open.line.textBytes > this.#limit) this.#decide(open, stream, partial);
    }
  }

  /** Sends a list as the next part of its record (the whole of it, if it is the first and last). */
  #part(open: OpenStream, list: RowList, stream: number, last: boolean): void {
    if (list.isEmpty && (!last || open.parts === 0)) return;
    this.#records.list(this.#batch, gatherer, open, list, this.#table, stream, last);
  }

  /** A record becomes longer than the limit: what is there goes as a part, in whole rows. */
  #makeRoom(open: OpenStream, list: RowList, stream: number, more: number): void {
    if (!this.#truncates && list.textBytes + more > this.#limit) this.#part(open, list, stream, false);
  }

  /** The same when only the head is wanted: it fills the limit, so it goes when the limit is passed. */
  #truncate(open: OpenStream, list: RowList, stream: number): void {
    if (this.#truncates && list.textBytes > this.#limit) this.#part(open, list, stream, false);
  }

  /** The text of the line in progress is known as far as it matters: asks the grouper and does what it says. */
  #decide(open: OpenStream, stream: number, partial: boolean): void {
    const verdict = this.#verdict(open, stream);
    if ((verdict & END_BEFORE) !== 0) this.#part(open, open.record, stream, true);
    if ((verdict & UNMATCHED_BEFORE) !== 0) this.#unmatched(open, stream);
    if ((verdict & JOIN) === 0) {
      this.#loneLine(open, stream, partial);
      return;
    }
    this.#makeRoom(open, open.record, stream, open.line.textBytes);
    open.record.absorb(open.line);
    open.lineJoins = partial;
    // The last part of a record is never empty, so what may be the last one stays.
    if (partial) this.#part(open, open.record, stream, false);
    else if ((verdict & END_AFTER) !== 0) this.#part(open, open.record, stream, true);
    else this.#truncate(open, open.record, stream);
  }

  #verdict(open: OpenStream, stream: number): number {
    const batch = this.#batch;
    const grouper = this.#grouper!;
    const used = batch.scratchUsed;
    const count = gatherer.open(open.line, this.#table, stream);
    gatherer.collect(0, count, batch);
    const text = lineText(batch, gatherer.begin, gatherer.end, gatherer.flags, grouper.checkBytes);
    // It was put together only to look at it.
    batch.scratchUsed = used;
    return grouper.feed(open.group, text);
  }

  /** The pending lines belong to no record: each becomes one, or is counted. */
  #unmatched(open: OpenStream, stream: number): void {
    // Parts of them were sent as one record already.
    if (open.parts > 0) return this.#part(open, open.record, stream, true);
    const count = gatherer.open(open.record, this.#table, stream);
    if (open.record.adopted) this.#records.joinedAdopted = true;
    for (let from = 0; from < count;) {
      const to = gatherer.lineEnd(from);
      if (this.#grouper!.discards) this.counts.discarded++;
      else this.#records.gathered(this.#batch, gatherer, open, from, to, stream, true);
      from = to;
    }
    open.record.clear();
  }

  /** A line that belongs to no record; `partial`: it is so long that its end is not here yet. */
  #loneLine(open: OpenStream, stream: number, partial: boolean): void {
    open.lineJoins = partial;
    if (this.#grouper!.discards) {
      this.counts.discarded++;
      open.drops = partial;
      open.line.clear();
    } else this.#part(open, open.line, stream, !partial);
  }

  /** Nothing more comes on this stream, or it was quiet for long. */
  #finish(stream: number, open: OpenStream): void {
    if (!open.line.isEmpty) {
      if (this.#grouper === null) this.#part(open, open.line, stream, true);
      else this.#decide(open, stream, false);
    }
    if (this.#grouper === null || this.#grouper.endsByItself || open.record.isEmpty) {
      this.#part(open, open.record, stream, true);
    } else this.#unmatched(open, stream);
    open.clear();
  }

  #updateShort(): void {
    this.#short = 0;
    if (this.#grouper !== null || this.#long.active || this.#skipUntil > 0) return;
    if (this.#streams[0].isIdle) this.#short |= this.#selected & 1;
    if (this.#streams[1].isIdle) this.#short |= this.#selected & 2;
  }

  #count(): void {
    this.counts.bytesTruncated = this.#records.bytesTruncated;
    this.counts.bytesLost += gatherer.takeMissing();
  }
}
