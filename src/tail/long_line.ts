import type { LineTable } from "./line_table.ts";
import {
  ROW,
  ROW_BEGIN,
  ROW_CONTINUED,
  ROW_END,
  ROW_FLAGS,
  ROW_PARTIAL,
  ROW_PIECE,
  ROW_RAW,
  ROW_TEXT,
  ROW_TEXT_END,
  ROW_TIME,
  ROW_TIME_END,
  ROW_UNTERMINATED,
  STREAM_BIT,
} from "./runtime_lines.ts";

/**
 * A physical line that is read in pieces. Only its first row has a header; what it says holds for the others, even if
 * they look like lines of their own.
 */
export class LongLine {
  active = false;
  /** -1: no runtime's line. */
  stream = -1;
  /** The line itself is a piece (`P`). */
  partial = false;
  /** File offset of its begin. */
  begin = 0;
  time = "";
  /** Parts sent, for lines of no stream. */
  parts = 0;
  /** Text of the row looked at last, in the arena. */
  textBegin = 0;
  textEnd = 0;
  isFirst = false;
  isLast = false;

  /** Looks at the next row of the line. */
  next(table: LineTable, row: number, fileBase: number): void {
    const rows = table.rows;
    const at = row * ROW;
    const flags = rows[at + ROW_FLAGS];
    this.isFirst = !this.active;
    this.isLast = (flags & ROW_PIECE) === 0;
    if (this.isFirst) {
      this.stream = (flags & ROW_RAW) !== 0 ? -1 : flags & STREAM_BIT;
      this.partial = (flags & ROW_PARTIAL) !== 0;
      this.begin = fileBase + rows[at + ROW_BEGIN];
      this.time = String.fromCharCode(...table.arena.subarray(rows[at + ROW_TIME], rows[at + ROW_TIME_END]));
      this.parts = 0;
      this.textBegin = rows[at + ROW_TEXT];
      this.textEnd = rows[at + ROW_TEXT_END];
    } else {
      const isWhole = (flags & (ROW_PIECE | ROW_UNTERMINATED)) === 0;
      this.textBegin = rows[at + ROW_BEGIN];
      this.textEnd = rows[at + ROW_END] - (isWhole ? 1 : 0);
    }
    this.active = !this.isLast;
  }
}

/** Whether a row can only be understood as part of a long line. */
export function isLongRow(flags: number): boolean {
  return (flags & (ROW_PIECE | ROW_CONTINUED)) !== 0;
}
