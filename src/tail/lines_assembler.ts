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
import type { LineTable } from "./line_table.ts";
import {
  END_AFTER,
  END_BEFORE,
  type GroupState,
  JOIN,
  type LineGrouper,
  makeGrouper,
  newGroupState,
  UNMATCHED_BEFORE,
} from "./multiline_grouper.ts";
import { PlainRecords } from "./plain_records.ts";
import { recordOverhead } from "./record_writer.ts";
import {
  ROW,
  ROW_BEGIN,
  ROW_CONTINUED,
  ROW_END,
  ROW_FLAGS,
  ROW_PIECE,
  ROW_TEXT_END,
  ROW_UNTERMINATED,
} from "./runtime_lines.ts";

/**
 * Plain lines -> records. Nothing is held: an unfinished multi-line record is not taken and comes again with the next
 * read, so that between two calls there is only the state of a record of which parts were sent.
 */
export class LinesAssembler implements Assembler {
  readonly counts: AssemblerCounts = { unparsable: 0, discarded: 0, bytesTruncated: 0, bytesLost: 0 };

  readonly #records: PlainRecords;
  readonly #grouper: LineGrouper | null;
  readonly #isMultiline: boolean;
  readonly #limit: number;
  /** State before the first row not taken. */
  #group: GroupState = newGroupState();
  /** The next row goes on with a line of which pieces were taken. */
  #inLine = false;
  #skip = 0;
  /** File offset behind a line that ended without newline: a newline that comes there later is no line. */
  #unterminatedEnd = -1;

  #table!: LineTable;
  #batch!: Batch;
  #fileBase = 0;

  constructor(framing: Framing, keys: KeyTable, file: RereadFile) {
    const multiline = framing.multiline;
    this.#limit = multiline?.mode === "whole_file" ? multiline.bytesMax : framing.recordBytesMax;
    this.#records = new PlainRecords(framing, keys, file, this.#limit);
    this.#isMultiline = multiline !== null;
    this.#grouper = multiline === null ? null : makeGrouper(multiline);
  }

  take(
    table: LineTable,
    row: number,
    fileBase: number,
    batch: Batch,
    bytesRoom: number,
    _nowMs: number,
    final: boolean,
  ): number {
    this.#table = table;
    this.#batch = batch;
    this.#fileBase = fileBase;
    const overhead = recordOverhead(batch);
    const full = bytesRoom + batch.textBytes + batch.count * overhead;
    const next = this.#isMultiline
      ? this.#takeRecords(row, overhead, full, final)
      : this.#takeLines(row, overhead, full);
    this.counts.bytesTruncated = this.#records.bytesTruncated;
    return next;
  }

  resume(cursor: number): Resume {
    return { done: [Math.max(cursor, this.#skip)] };
  }

  skipBefore(resume: Resume): void {
    this.#skip = resume.done[0];
  }

  nextTimeoutMs(): number {
    return Infinity;
  }

  flush(_batch: Batch, _nowMs: number, _final: boolean): number {
    return 0;
  }

  handOver(): HeldOver | null {
    return null;
  }

  adopt(_held: HeldOver): void {}

  joinedAdopted(): boolean {
    return false;
  }

  holdsAdopted(): boolean {
    return false;
  }

  close(): void {}

  #takeLines(row: number, overhead: number, full: number): number {
    const { rows, arena, count } = this.#table;
    const batch = this.#batch;
    const records = this.#records;
    const isSimple = records.isSimple;
    // Offset 0 may hold a byte order mark, offsets before `skip` were delivered, the other one is a late newline.
    const special = Math.max(this.#skip, this.#unterminatedEnd + 1, 1);
    let at = row * ROW;
    let next = row;
    for (; next < count; next++, at += ROW) {
      const done = batch.count;
      if (done > 0 && (done >= RECORDS_MAX || batch.textBytes + done * overhead >= full)) break;
      const begin = rows[at + ROW_BEGIN];
      const end = rows[at + ROW_TEXT_END];
      if (
        isSimple && rows[at + ROW_FLAGS] === 0 && !this.#inLine && this.#fileBase + begin >= special &&
        end - begin <= this.#limit && (begin === end || (arena[begin] !== 0 && arena[end - 1] !== 0))
      ) records.line(batch, begin, end);
      else if (!this.#isSkipped(at)) this.#piece(at);
    }
    return next;
  }

  /** A line, or a piece of one; ends the record with the line. */
  #piece(at: number): void {
    const rows = this.#table.rows;
    const flags = rows[at + ROW_FLAGS];
    const begin = rows[at + ROW_BEGIN];
    this.#inLine = (flags & ROW_PIECE) !== 0;
    this.#records.span(this.#batch, begin, rows[at + ROW_TEXT_END], this.#fileBase + begin, !this.#inLine);
    if ((flags & ROW_UNTERMINATED) !== 0) this.#unterminatedEnd = this.#fileBase + rows[at + ROW_END];
  }

  #isSkipped(at: number): boolean {
    const rows = this.#table.rows;
    const fileAt = this.#fileBase + rows[at + ROW_BEGIN];
    if (fileAt < this.#skip) {
      this.#inLine = (rows[at + ROW_FLAGS] & ROW_PIECE) !== 0;
      return true;
    }
    return fileAt === this.#unterminatedEnd && rows[at + ROW_BEGIN] === rows[at + ROW_TEXT_END];
  }

  #takeRecords(row: number, overhead: number, full: number, final: boolean): number {
    const { rows, count } = this.#table;
    const batch = this.#batch;
    const group = { ...this.#group };
    let pending = -1;
    for (let next = row; next < count; next++) {
      const done = batch.count;
      if (done > 0 && (done >= RECORDS_MAX || batch.textBytes + done * overhead >= full)) {
        return pending >= 0 ? pending : next;
      }
      const at = next * ROW;
      if (this.#isSkipped(at)) continue;
      if (this.#inLine || (rows[at + ROW_FLAGS] & (ROW_PIECE | ROW_CONTINUED)) !== 0) {
        // A physical line above the limit is a record of its own.
        if (pending >= 0) this.#finish(pending, next - 1);
        pending = -1;
        this.#restart(group);
        this.#piece(at);
        continue;
      }
      const before = { ...group };
      const verdict = this.#verdict(group, at);
      if (pending >= 0 && (verdict & (END_BEFORE | UNMATCHED_BEFORE)) !== 0) {
        if ((verdict & END_BEFORE) !== 0) this.#emit(pending, next - 1, true);
        else this.#unmatched(pending, next - 1);
        pending = -1;
        this.#group = newGroupState();
      }
      if ((verdict & JOIN) === 0) {
        this.#unmatched(next, next);
        this.#restart(group);
        continue;
      }
      if (pending < 0) pending = next;
      else if (rows[at + ROW_TEXT_END] - rows[pending * ROW + ROW_BEGIN] > this.#limit) {
        this.#emit(pending, next - 1, false);
        pending = next;
        this.#group = before;
      }
      if ((verdict & END_AFTER) === 0) continue;
      this.#emit(pending, next, true);
      pending = -1;
      this.#restart(group);
    }
    if (pending < 0) return count;
    if (!final) return pending;
    this.#finish(pending, count - 1);
    this.#restart(group);
    return count;
  }

  #verdict(group: GroupState, at: number): number {
    const grouper = this.#grouper;
    if (grouper === null) return JOIN;
    const { rows } = this.#table;
    return grouper.feed(
      group,
      this.#records.text(this.#batch, rows[at + ROW_BEGIN], rows[at + ROW_TEXT_END], grouper.checkBytes),
    );
  }

  /** Nothing is pending any more, now and for the next call. */
  #restart(group: GroupState): void {
    this.#group = newGroupState();
    group.open = false;
  }

  /** The rows `first … last` as the next part of a record. Lines are contiguous, so it is one span. */
  #emit(first: number, last: number, isLast: boolean): void {
    const rows = this.#table.rows;
    const begin = rows[first * ROW + ROW_BEGIN];
    const end = rows[last * ROW + (isLast ? ROW_TEXT_END : ROW_END)];
    this.#records.span(this.#batch, begin, end, this.#fileBase + begin, isLast);
    if (isLast && (rows[last * ROW + ROW_FLAGS] & ROW_UNTERMINATED) !== 0) {
      this.#unterminatedEnd = this.#fileBase + rows[last * ROW + ROW_END];
    }
  }

  /** Nothing follows the pending rows. */
  #finish(first: number, last: number): void {
    if (this.#grouper === null || this.#grouper.endsByItself) this.#emit(first, last, true);
    else this.#unmatched(first, last);
  }

  #unmatched(first: number, last: number): void {
    // Parts of them were sent as one record already.
    if (this.#records.parts > 0) return this.#emit(first, last, true);
    for (let row = first; row <= last; row++) {
      if (this.#grouper!.discards) this.counts.discarded++;
      else this.#emit(row, row, true);
    }
  }
}
