import { isAscii, isUtf8 } from "node:buffer";
import { makeInts } from "../base/buffers.ts";
import { utf8Cut } from "../base/utf8.ts";
import { UTF8_ASCII, UTF8_UNCHECKED, UTF8_VALID } from "../core/batch.ts";
import {
  decodeDockerFast,
  decodeRuntimeLine,
  ROW,
  ROW_BEGIN,
  ROW_CONTINUED,
  ROW_END,
  ROW_FLAGS,
  ROW_PIECE,
  ROW_RAW,
  ROW_SOURCE,
  ROW_TEXT,
  ROW_TEXT_END,
  ROW_TIME,
  ROW_TIME_END,
  ROW_UNTERMINATED,
} from "./runtime_lines.ts";

/** `lines16`: UTF-16, either byte order; a newline is the two bytes `0a 00` or `00 0a` (U+0A00 is no character). */
export type LineKind = "runtime" | "lines" | "lines16";

/** Default of {@linkcode LineTable.pieceBytes}. */
export const PIECE_BYTES = 512 * 1024;

const NEWLINE = 10;
const OPEN_BRACE = 0x7b;

/**
 * The physical lines of one read, shared by all lanes at that cursor: the split and the decode of the runtimes'
 * headers happen once. Offsets are arena offsets; see `runtime_lines.ts` for the slots of a row.
 *
 * A line longer than `pieceBytes` becomes several rows, `ROW_PIECE` on all but the last, cut at the same places
 * however the bytes arrive: every `pieceBytes` from the line's begin, moved back to a character's begin.
 */
export class LineTable {
  arena: Uint8Array = new Uint8Array(0);
  /** What is known of the bytes in all rows: `UTF8_*` of core/batch. */
  utf8 = UTF8_ASCII;
  count = 0;
  rows: Int32Array = makeInts(ROW * 1024);
  /** Longer lines are cut. A reader of several lanes takes the largest record limit among them. */
  pieceBytes = PIECE_BYTES;

  #view: DataView = new DataView(new ArrayBuffer(0));

  /** Arena offset at which a row begins. */
  lineBegin(row: number): number {
    return this.rows[row * ROW + ROW_BEGIN];
  }

  /** Arena offset behind a row's newline (behind its last byte when it has none). */
  lineEnd(row: number): number {
    return this.rows[row * ROW + ROW_END];
  }

  /**
   * Splits `arena[begin, end)` into complete lines; with `final` a last line without newline is a row, too.
   * Returns the arena offset behind the last row, `begin` when there is no complete line.
   */
  fill(arena: Uint8Array, begin: number, end: number, kind: LineKind, final: boolean): number {
    this.#open(arena);
    let used: number;
    if (kind === "lines16") used = this.#fill16(begin, end);
    else {
      const last = lastNewline(arena, begin, end);
      used = last < 0 ? begin : last + 1;
      if (kind === "runtime") this.#fillRuntime(begin, used);
      else this.#fillLines(begin, used);
    }
    if (final && used < end) {
      this.#addPieces(used, end, end, kind, ROW_UNTERMINATED);
      used = end;
    }
    this.utf8 = utf8Of(arena, begin, used);
    return used;
  }

  /** One row of exactly `[begin, end)`, a piece of a line that goes on. Take `end` from {@linkcode pieceEnd}. */
  fillPiece(arena: Uint8Array, begin: number, end: number, kind: LineKind): void {
    this.#open(arena);
    this.#addRow(begin, end, end, kind, ROW_PIECE, false);
    this.utf8 = utf8Of(arena, begin, end);
  }

  /** Where the piece that begins at `begin` must end: `pieceBytes` on, not inside a character. */
  pieceEnd(arena: Uint8Array, begin: number, kind: LineKind): number {
    const end = begin + this.pieceBytes;
    if (kind !== "lines16") return utf8Cut(arena, begin, end);
    return end - (this.pieceBytes & 1);
  }

  #open(arena: Uint8Array): void {
    this.count = 0;
    if (this.arena === arena) return;
    this.arena = arena;
    this.#view = new DataView(arena.buffer, arena.byteOffset, arena.byteLength);
  }

  /** Lines of `[begin, end)`, which ends with a newline. */
  #fillLines(begin: number, end: number): void {
    for (let at = begin; at < end;) {
      const newline = this.#newline(at);
      if (newline - at > this.pieceBytes) this.#addPieces(at, newline, newline + 1, "lines", 0);
      else {
        const row = this.count * ROW;
        if (row + ROW > this.rows.length) this.#grow();
        const rows = this.rows;
        rows[row + ROW_BEGIN] = at;
        rows[row + ROW_END] = newline + 1;
        rows[row + ROW_FLAGS] = 0;
        rows[row + ROW_TEXT] = at;
        rows[row + ROW_TEXT_END] = newline;
        this.count++;
      }
      at = newline + 1;
    }
  }

  #fillRuntime(begin: number, end: number): void {
    const arena = this.arena;
    for (let at = begin; at < end;) {
      const row = this.count * ROW;
      if (row + ROW > this.rows.length) this.#grow();
      const rows = this.rows;
      let newline = arena[at] === OPEN_BRACE ? decodeDockerFast(arena, at, rows, row) : -1;
      const fast = newline >= 0;
      if (!fast) newline = this.#newline(at);
      if (newline - at > this.pieceBytes) this.#addPieces(at, newline, newline + 1, "runtime", 0);
      else {
        if (!fast) decodeRuntimeLine(arena, at, newline, rows, row);
        rows[row + ROW_BEGIN] = at;
        rows[row + ROW_END] = newline + 1;
        this.count++;
      }
      at = newline + 1;
    }
  }

  /** UTF-16 lines; `begin` is the begin of a character. */
  #fill16(begin: number, end: number): number {
    const arena = this.arena;
    let at = begin;
    for (let i = begin; i + 1 < end; i += 2) {
      if (!(arena[i] === NEWLINE && arena[i + 1] === 0) && !(arena[i] === 0 && arena[i + 1] === NEWLINE)) {
        continue;
      }
      this.#addPieces(at, i, i + 2, "lines16", 0);
      at = i + 2;
    }
    return at;
  }

  /** The line `[begin, textEnd)` as one row, or as several when it is long. */
  #addPieces(begin: number, textEnd: number, end: number, kind: LineKind, flags: number): void {
    let at = begin;
    while (textEnd - at > this.pieceBytes) {
      const cut = this.pieceEnd(this.arena, at, kind);
      this.#addRow(at, cut, cut, kind, ROW_PIECE, at > begin);
      at = cut;
    }
    this.#addRow(at, textEnd, end, kind, flags, at > begin);
  }

  #addRow(
    begin: number,
    textEnd: number,
    end: number,
    kind: LineKind,
    flags: number,
    continued: boolean,
  ): void {
    const row = this.count * ROW;
    if (row + ROW > this.rows.length) this.#grow();
    const rows = this.rows;
    if (kind === "runtime" && !continued) {
      decodeRuntimeLine(this.arena, begin, textEnd, rows, row);
      rows[row + ROW_FLAGS] |= flags;
    } else {
      rows[row + ROW_FLAGS] = flags | (continued ? ROW_CONTINUED : 0) | (kind === "runtime" ? ROW_RAW : 0);
      rows[row + ROW_TEXT] = begin;
      rows[row + ROW_TEXT_END] = textEnd;
      rows[row + ROW_TIME] = begin;
      rows[row + ROW_TIME_END] = begin;
      rows[row + ROW_SOURCE] = -1;
    }
    rows[row + ROW_BEGIN] = begin;
    rows[row + ROW_END] = end;
    this.count++;
  }

  /**
   * Offset of the next newline, of which the caller knows that it exists. Words of four bytes are much faster
   * than `indexOf` on lines of 200 bytes (a call per line costs more than the search).
   */
  #newline(from: number): number {
    const arena = this.arena;
    const view = this.#view;
    let at = from;
    for (const wide = view.byteLength - 16; at <= wide; at += 16) {
      if (hasNewline(view.getInt32(at, true))) break;
      if (hasNewline(view.getInt32(at + 4, true))) {
        at += 4;
        break;
      }
      if (hasNewline(view.getInt32(at + 8, true))) {
        at += 8;
        break;
      }
      if (hasNewline(view.getInt32(at + 12, true))) {
        at += 12;
        break;
      }
    }
    while (arena[at] !== NEWLINE) at++;
    return at;
  }

  #grow(): void {
    const grown = makeInts(this.rows.length * 2);
    grown.set(this.rows);
    this.rows = grown;
  }
}

/** Whether one of the four bytes is a newline. */
function hasNewline(word: number): boolean {
  const x = word ^ 0x0a0a0a0a;
  return ((x - 0x01010101) & ~x & 0x80808080) !== 0;
}

function lastNewline(arena: Uint8Array, begin: number, end: number): number {
  const at = end > begin ? arena.lastIndexOf(NEWLINE, end - 1) : -1;
  return at >= begin ? at : -1;
}

function utf8Of(arena: Uint8Array, begin: number, end: number): number {
  const bytes = arena.subarray(begin, end);
  if (isAscii(bytes)) return UTF8_ASCII;
  return isUtf8(bytes) ? UTF8_VALID : UTF8_UNCHECKED;
}
