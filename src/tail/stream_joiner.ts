import { type Batch, ESCAPED } from "../core/batch.ts";
import type { Framing } from "../core/framing.ts";
import type { AssemblerCounts } from "./assembler.ts";
import { gatherer } from "./gather.ts";
import { lineText } from "./line_text.ts";
import type { LineTable } from "./line_table.ts";
import {
  END_AFTER,
  END_BEFORE,
  JOIN,
  type LineGrouper,
  makeGrouper,
  UNMATCHED_BEFORE,
} from "./multiline_grouper.ts";
import type { OpenStream, RowList } from "./open_stream.ts";
import { ROW, ROW_ESCAPED, ROW_FLAGS, ROW_PARTIAL, ROW_TEXT, ROW_TEXT_END } from "./runtime_lines.ts";
import type { RuntimeRecords } from "./runtime_records.ts";

/**
 * Pieces -> lines -> multi-line records, per stream: the law behind `RuntimeAssembler`. The state is in the
 * `OpenStream` that each call names; this object knows what is being read and where records go.
 */
export class StreamJoiner {
  /** The rows that numbers in lists mean; `null` when there are none. */
  table: LineTable | null = null;
  batch!: Batch;
  nowMs = 0;

  readonly #records: RuntimeRecords;
  readonly #counts: AssemblerCounts;
  readonly #grouper: LineGrouper | null;
  readonly #limit: number;
  readonly #truncates: boolean;

  constructor(framing: Framing, records: RuntimeRecords, counts: AssemblerCounts) {
    this.#records = records;
    this.#counts = counts;
    this.#grouper = framing.multiline === null ? null : makeGrouper(framing.multiline);
    this.#limit = framing.recordBytesMax;
    this.#truncates = framing.oversize === "truncate";
  }

  /** Whether lines are grouped. */
  get groups(): boolean {
    return this.#grouper !== null;
  }

  /** A line of a selected stream, or a piece of one. */
  piece(rows: Int32Array, row: number, fileAt: number, open: OpenStream, stream: number): void {
    const at = row * ROW;
    const flags = rows[at + ROW_FLAGS];
    const partial = (flags & ROW_PARTIAL) !== 0;
    const newline = partial ? 0 : (flags & ROW_ESCAPED) !== 0 ? 2 : 1;
    const textBytes = rows[at + ROW_TEXT_END] - rows[at + ROW_TEXT];
    open.lastMs = this.nowMs;
    if (this.#grouper === null) {
      this.#makeRoom(open, open.line, stream, textBytes);
      open.line.push(row, fileAt, textBytes);
      if (!partial) this.part(open, open.line, stream, true);
      else this.#truncate(open, open.line, stream);
    } else if (open.lineJoins) {
      open.lineJoins = partial;
      if (open.drops) {
        open.drops = partial;
        return;
      }
      this.#makeRoom(open, open.record, stream, textBytes + newline);
      open.record.push(row, fileAt, textBytes + newline);
      if (!partial && !open.group.open) this.part(open, open.record, stream, true);
      else this.#truncate(open, open.record, stream);
    } else {
      open.line.push(row, fileAt, textBytes + newline);
      if (!partial || open.line.textBytes > this.#limit) this.#decide(open, stream, partial);
    }
  }

  /** Sends a list as the next part of its record (the whole of it, if it is the first and last). */
  part(open: OpenStream, list: RowList, stream: number, last: boolean): void {
    if (list.isEmpty && (!last || open.parts === 0)) return;
    this.#records.list(this.batch, gatherer, open, list, this.table, stream, last);
  }

  /** A record becomes longer than the limit: what is there goes as a part, in whole rows. */
  #makeRoom(open: OpenStream, list: RowList, stream: number, more: number): void {
    if (!this.#truncates && list.textBytes + more > this.#limit) this.part(open, list, stream, false);
  }

  /** The same when only the head is wanted: it fills the limit, so it goes when the limit is passed. */
  #truncate(open: OpenStream, list: RowList, stream: number): void {
    if (this.#truncates && list.textBytes > this.#limit) this.part(open, list, stream, false);
  }

  /** The text of the line in progress is known as far as it matters: asks the grouper and does what it says. */
  #decide(open: OpenStream, stream: number, partial: boolean): void {
    const verdict = this.#verdict(open, stream);
    if ((verdict & END_BEFORE) !== 0) this.part(open, open.record, stream, true);
    if ((verdict & UNMATCHED_BEFORE) !== 0) this.#unmatched(open, stream);
    if ((verdict & JOIN) === 0) {
      this.#loneLine(open, stream, partial);
      return;
    }
    this.#makeRoom(open, open.record, stream, open.line.textBytes);
    open.record.absorb(open.line);
    open.lineJoins = partial;
    // The last part of a record is never empty, so what may be the last one stays.
    if (partial) this.part(open, open.record, stream, false);
    else if ((verdict & END_AFTER) !== 0) this.part(open, open.record, stream, true);
    else this.#truncate(open, open.record, stream);
  }

  #verdict(open: OpenStream, stream: number): number {
    const batch = this.batch;
    const grouper = this.#grouper!;
    const { rows, held } = open.line;
    if (held === null && rows.length === 1 && this.table !== null) {
      const table = this.table.rows;
      const at = rows[0] * ROW;
      const flags = (table[at + ROW_FLAGS] & ROW_ESCAPED) !== 0 ? ESCAPED : 0;
      const text = lineText(batch, table[at + ROW_TEXT], table[at + ROW_TEXT_END], flags, grouper.checkBytes);
      return grouper.feed(open.group, text);
    }
    const used = batch.scratchUsed;
    const count = gatherer.open(open.line, this.table, stream);
    gatherer.collect(0, count, batch);
    const text = lineText(batch, gatherer.begin, gatherer.end, gatherer.flags, grouper.checkBytes);
    // It was put together only to look at it.
    batch.scratchUsed = used;
    return grouper.feed(open.group, text);
  }

  /** The pending lines belong to no record: each becomes one, or is counted. */
  #unmatched(open: OpenStream, stream: number): void {
    // Parts of them were sent as one record already.
    if (open.parts > 0) return this.part(open, open.record, stream, true);
    const count = gatherer.open(open.record, this.table, stream);
    if (open.record.adopted) this.#records.joinedAdopted = true;
    for (let from = 0; from < count;) {
      const to = gatherer.lineEnd(from);
      if (this.#grouper!.discards) this.#counts.discarded++;
      else this.#records.gathered(this.batch, gatherer, open, from, to, stream, true);
      from = to;
    }
    open.record.clear();
  }

  /** A line that belongs to no record; `partial`: it is so long that its end is not here yet. */
  #loneLine(open: OpenStream, stream: number, partial: boolean): void {
    open.lineJoins = partial;
    if (this.#grouper!.discards) {
      this.#counts.discarded++;
      open.drops = partial;
      open.line.clear();
    } else this.part(open, open.line, stream, !partial);
  }

  /** Nothing more comes on this stream, or it was quiet for long. */
  finish(open: OpenStream, stream: number): void {
    if (!open.line.isEmpty) {
      if (this.#grouper === null) this.part(open, open.line, stream, true);
      else this.#decide(open, stream, false);
    }
    if (this.#grouper === null || this.#grouper.endsByItself || open.record.isEmpty) {
      this.part(open, open.record, stream, true);
    } else this.#unmatched(open, stream);
    open.clear();
  }
}
