import { type Batch, ESCAPED, IN_ARENA, IN_SCRATCH } from "../core/batch.ts";
import { LineTable } from "./line_table.ts";
import type { RowList } from "./open_stream.ts";
import { reescape } from "./reescape.ts";
import {
  ROW,
  ROW_ESCAPED,
  ROW_FLAGS,
  ROW_PARTIAL,
  ROW_RAW,
  ROW_TEXT,
  ROW_TEXT_END,
  ROW_TIME,
  ROW_TIME_END,
  STREAM_BIT,
} from "./runtime_lines.ts";

const NOTHING = new LineTable();

/**
 * Puts the rows of a list together: one text with a newline between lines and nothing between the pieces of a line.
 * A single row stays where it is, others are copied into the batch's scratch.
 */
export class Gatherer {
  /** The text of the last `collect`: a span with cell flags. */
  begin = 0;
  end = 0;
  flags = 0;
  /** Timestamp of its last row. */
  timeBegin = 0;
  timeEnd = 0;
  timeFlags = 0;
  /** Whether the last row ends its line. */
  complete = true;

  #bytesMissing = 0;
  #again = new LineTable();
  #table: LineTable = NOTHING;
  #refs: number[] = [];
  #againCount = 0;

  constructor() {
    this.#again.pieceBytes = Infinity;
  }

  /** Looks at a list; rows of this stream in `table`, behind what is held. Returns how many rows there are. */
  open(list: RowList, table: LineTable | null, stream: number): number {
    this.#table = table ?? NOTHING;
    this.#refs.length = 0;
    this.#againCount = 0;
    if (list.held !== null) {
      const { bytes, length, missing } = list.held.load();
      this.#bytesMissing += missing;
      this.#again.fill(bytes, 0, length, "runtime", true);
      for (let row = 0; row < this.#again.count; row++) {
        const flags = this.#again.rows[row * ROW + ROW_FLAGS];
        if ((flags & ROW_RAW) === 0 && (flags & STREAM_BIT) === stream) this.#refs.push(row);
      }
      this.#againCount = this.#refs.length;
    }
    for (let i = 0; i < list.rows.length; i++) this.#refs.push(list.rows[i]);
    return this.#refs.length;
  }

  /** Index behind the last row of the line that begins with this row. */
  lineEnd(from: number): number {
    let to = from;
    while (to < this.#refs.length && (this.#flags(to) & ROW_PARTIAL) !== 0) to++;
    return Math.min(to + 1, this.#refs.length);
  }

  /** Makes the text of the rows `[from, to)`. */
  collect(from: number, to: number, batch: Batch): void {
    if (from >= to) return this.#nothing();
    if (to - from === 1 && from >= this.#againCount) this.#span(this.#refs[from] * ROW);
    else this.#copy(from, to, batch);
    this.#time(to - 1, batch);
    this.complete = (this.#flags(to - 1) & ROW_PARTIAL) === 0;
  }

  /** Appends the newline that ends the text's last line. */
  addNewline(batch: Batch): void {
    const escaped = (this.flags & ESCAPED) !== 0;
    const bytes = (this.flags & IN_SCRATCH) !== 0 ? null : batch.arena;
    const length = this.end - this.begin;
    if (bytes !== null || batch.scratchUsed !== this.end) {
      const at = batch.reserve(length + 2);
      batch.scratch.set((bytes ?? batch.scratch).subarray(this.begin, this.end), at);
      if (bytes !== null) batch.scratchUtf8 = Math.min(batch.scratchUtf8, batch.arenaUtf8);
      this.begin = at;
    } else batch.reserve(2);
    let at = this.begin + length;
    if (escaped) batch.scratch[at++] = 0x5c;
    batch.scratch[at++] = escaped ? 0x6e : 10;
    batch.scratchUsed = this.end = at;
    this.flags = IN_SCRATCH | (escaped ? ESCAPED : 0);
  }

  /** Bytes that could not be read again since the last call. */
  takeMissing(): number {
    const missing = this.#bytesMissing;
    this.#bytesMissing = 0;
    return missing;
  }

  #nothing(): void {
    this.begin =
      this.end =
      this.timeBegin =
      this.timeEnd =
        0;
    this.flags = this.timeFlags = IN_SCRATCH;
    this.complete = true;
  }

  #flags(ref: number): number {
    return this.#source(ref).rows[this.#refs[ref] * ROW + ROW_FLAGS];
  }

  #source(ref: number): LineTable {
    return ref < this.#againCount ? this.#again : this.#table;
  }

  #span(at: number): void {
    const rows = this.#table.rows;
    this.begin = rows[at + ROW_TEXT];
    this.end = rows[at + ROW_TEXT_END];
    this.flags = IN_ARENA | ((rows[at + ROW_FLAGS] & ROW_ESCAPED) !== 0 ? ESCAPED : 0);
  }

  #copy(from: number, to: number, batch: Batch): void {
    const escaped = (this.#flags(from) & ROW_ESCAPED) !== 0;
    const begin = batch.scratchUsed;
    let at = begin;
    for (let ref = from; ref < to; ref++) {
      const table = this.#source(ref);
      const row = this.#refs[ref] * ROW;
      const flags = table.rows[row + ROW_FLAGS];
      let text = table.arena.subarray(table.rows[row + ROW_TEXT], table.rows[row + ROW_TEXT_END]);
      if (((flags & ROW_ESCAPED) !== 0) !== escaped) text = reescape(text, escaped);
      batch.reserve(text.length + 2);
      batch.scratch.set(text, at);
      at += text.length;
      if (table.utf8 < batch.scratchUtf8) batch.scratchUtf8 = table.utf8;
      if ((flags & ROW_PARTIAL) === 0 && ref + 1 < to) {
        if (escaped) batch.scratch[at++] = 0x5c;
        batch.scratch[at++] = escaped ? 0x6e : 10;
      }
      batch.scratchUsed = at;
    }
    this.begin = begin;
    this.end = at;
    this.flags = IN_SCRATCH | (escaped ? ESCAPED : 0);
  }

  #time(ref: number, batch: Batch): void {
    const table = this.#source(ref);
    const row = this.#refs[ref] * ROW;
    this.timeBegin = table.rows[row + ROW_TIME];
    this.timeEnd = table.rows[row + ROW_TIME_END];
    this.timeFlags = IN_ARENA | ESCAPED;
    if (table !== this.#again) return;
    const length = this.timeEnd - this.timeBegin;
    const at = batch.reserve(length);
    batch.scratch.set(table.arena.subarray(this.timeBegin, this.timeEnd), at);
    batch.scratchUsed = at + length;
    this.timeBegin = at;
    this.timeEnd = at + length;
    this.timeFlags = IN_SCRATCH | ESCAPED;
  }
}

/** The one there is: it is used within one call and holds nothing in between, and lanes are many. */
export const gatherer: Gatherer = new Gatherer();
