import type { Batch } from "../core/batch.ts";
import type { Framing } from "../core/framing.ts";
import type { KeyTable } from "../core/keys.ts";
import type { Resume } from "../core/ledger.ts";
import type { HeldBudget } from "./held_budget.ts";
import type { OpenStream } from "./open_stream.ts";
import type { LineKind, LineTable } from "./line_table.ts";
import { LinesAssembler } from "./lines_assembler.ts";
import { RuntimeAssembler } from "./runtime_assembler.ts";

/** Records one `take` makes at most. */
export const RECORDS_MAX = 1000;

/** What an assembler reads again from its file, `OpenFile` of core/host is one. */
export interface RereadFile {
  read(into: Uint8Array, begin: number, length: number, at: number): number;
}

/** What is unfinished when a file generation ends; belongs to the next one then. Its bytes are in memory. */
export interface HeldOver {
  /** One per stream of the file; opaque to readers. */
  readonly streams: readonly OpenStream[];
}

/** What went another way than into a record unchanged; only grows. */
export interface AssemblerCounts {
  /** Lines that are no runtime's lines; sent raw. */
  unparsable: number;
  /** Records that `unmatched: discard` left out. */
  discarded: number;
  /** Bytes that `oversize: truncate` cut off. */
  bytesTruncated: number;
  /** Bytes of held records that could not be read again (the file was cut under them). */
  bytesLost: number;
}

/** Rows -> records: the state of one lane in one file generation. */
export interface Assembler {
  readonly counts: Readonly<AssemblerCounts>;
  /**
   * Appends complete records from `row` on until the rows are used up or the batch is full (`RECORDS_MAX`, or
   * `bytesRoom` of estimated output; at least one record). The batch has begun on `table.arena`; `fileBase` is the
   * file offset of `arena[0]`. Returns the first row not taken.
   *
   * For plain multi-line an unfinished record is not taken: the returned row is its begin, and the reader reads from
   * there again, more at a time until its window is longer than {@linkcode recordLimit}: then something is taken.
   */
  take(
    table: LineTable,
    row: number,
    fileBase: number,
    batch: Batch,
    bytesRoom: number,
    nowMs: number,
    final: boolean,
  ): number;
  /** The resume point when reading went up to file offset `cursor`. */
  resume(cursor: number): Resume;
  /** Rows before these offsets were delivered already; they are skipped, per stream. */
  skipBefore(resume: Resume): void;
  /** Earliest monotonic time at which a held record ends by time; Infinity when none does. */
  nextTimeoutMs(): number;
  /**
   * Emits held multi-line records whose stream was quiet for the timeout; `final`: everything held, pieces too.
   * Returns the records added.
   */
  flush(batch: Batch, nowMs: number, final: boolean): number;
  /** Moves what is held out, for the assembler of the next generation; `null` when nothing is held. */
  handOver(): HeldOver | null;
  /** Takes what the generation before left unfinished; before the first `take`. */
  adopt(held: HeldOver): void;
  /** Whether a record completed by the last `take` or `flush` came from an adopted one. */
  joinedAdopted(): boolean;
  /** Whether something of the generation before still waits for its end. */
  holdsAdopted(): boolean;
  /** Gives held bytes back to the budget. */
  close(): void;
}

/** The kind of rows a framing wants. */
export function lineKind(framing: Framing): LineKind {
  if (framing.format === "runtime") return "runtime";
  return framing.encoding === "utf16" ? "lines16" : "lines";
}

/**
 * Bytes above which a physical line is read in pieces; for `LineTable.pieceBytes`. A runtime's line is larger than
 * its text: headers, and docker's escapes (six bytes for one at worst, 16 KiB a line).
 */
export function recordLimit(framing: Framing): number {
  if (framing.format === "runtime") return Math.max(framing.recordBytesMax, 128 * 1024) + 256;
  return framing.multiline?.mode === "whole_file"
    ? Math.max(framing.recordBytesMax, framing.multiline.bytesMax)
    : framing.recordBytesMax;
}

/** See {@linkcode Assembler}. `file` is the generation this assembler reads. */
export function makeAssembler(
  framing: Framing,
  keys: KeyTable,
  held: HeldBudget,
  file: RereadFile,
): Assembler {
  return framing.format === "runtime"
    ? new RuntimeAssembler(framing, keys, held, file)
    : new LinesAssembler(framing, keys, file);
}
