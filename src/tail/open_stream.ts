import type { HeldBudget } from "./held_budget.ts";
import { HeldBytes, type ReadAgain } from "./held_bytes.ts";
import { type LineTable } from "./line_table.ts";
import { type GroupState, newGroupState } from "./multiline_grouper.ts";
import { ROW, ROW_BEGIN, ROW_END } from "./runtime_lines.ts";

/**
 * Rows that wait for more: numbers in the table being read, behind rows of earlier tables, whose lines are kept as
 * bytes. Between two calls of `take` everything is kept as bytes, because a table lives for one read.
 */
export class RowList {
  /** File offset of the first row in the file that is being read; -1 when there is none (empty, or adopted). */
  begin = -1;
  held: HeldBytes | null = null;
  rows: number[] = [];
  /** Bytes of text with the newlines between lines. */
  textBytes = 0;
  /** Begun in the generation before. */
  adopted = false;

  get isEmpty(): boolean {
    return this.held === null && this.rows.length === 0;
  }

  push(row: number, fileAt: number, textBytes: number): void {
    if (this.begin < 0) this.begin = fileAt;
    this.rows.push(row);
    this.textBytes += textBytes;
  }

  /** Turns row numbers into bytes. */
  spill(table: LineTable, fileBase: number, budget: HeldBudget, file: ReadAgain): void {
    if (this.rows.length === 0) return;
    this.held ??= new HeldBytes(budget, file);
    for (let i = 0; i < this.rows.length; i++) {
      const at = this.rows[i] * ROW;
      const begin = table.rows[at + ROW_BEGIN];
      this.held.add(table.arena, begin, table.rows[at + ROW_END], fileBase + begin);
    }
    this.rows.length = 0;
  }

  /** Appends a later list, which is empty afterwards. */
  absorb(later: RowList): void {
    if (later.isEmpty) return;
    if (later.held !== null) {
      // It was spilled, so this one was, too.
      if (this.held === null) this.held = later.held;
      else this.held.addAll(later.held);
      later.held = null;
    }
    for (let i = 0; i < later.rows.length; i++) this.rows.push(later.rows[i]);
    if (this.begin < 0) this.begin = later.begin;
    this.textBytes += later.textBytes;
    this.adopted ||= later.adopted;
    later.clear();
  }

  clear(): void {
    this.held?.release();
    this.held = null;
    this.rows.length = 0;
    this.begin = -1;
    this.textBytes = 0;
    this.adopted = false;
  }
}

/** What is unfinished on one stream: complete lines of a multi-line record, and the pieces of a line. */
export class OpenStream {
  record: RowList = new RowList();
  line: RowList = new RowList();
  /** The line in progress is known to belong to `record` already; its further pieces go there. */
  lineJoins = false;
  /** The line in progress is discarded. */
  drops = false;
  group: GroupState = newGroupState();
  /** Pieces of the record that were sent because it is longer than the limit. */
  parts = 0;
  /** Monotonic time of the last row. */
  lastMs = 0;

  get isIdle(): boolean {
    return this.parts === 0 && this.record.isEmpty && this.line.isEmpty && !this.lineJoins;
  }

  /** File offset from which this stream must be read again; -1: nothing is held. */
  get begin(): number {
    return this.record.begin >= 0 ? this.record.begin : this.line.begin;
  }

  /** Whether something of the generation before is in it. */
  get holdsAdopted(): boolean {
    return this.record.adopted || this.line.adopted;
  }

  /** Marks all as begun in the generation before, whose file goes away. Returns bytes that were lost. */
  handOver(): number {
    let missing = 0;
    for (const list of [this.record, this.line]) {
      if (list.held === null) continue;
      missing += list.held.pin();
      list.begin = -1;
      list.adopted = true;
    }
    return missing;
  }

  clear(): void {
    this.record.clear();
    this.line.clear();
    this.lineJoins = false;
    this.drops = false;
    this.group = newGroupState();
    this.parts = 0;
  }
}
