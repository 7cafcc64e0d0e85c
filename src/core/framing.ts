/** How bytes of a file become records, and which fields a record begins with. Made by inputs, executed by `tail`. */

/** A compiled line pattern. */
export interface LineTest {
  test(text: string): boolean;
}

/** `service_docker_stdout`: a line that matches begins a record; the others continue it. */
export interface BeginLine {
  readonly mode: "begin_line";
  /** Searched (not anchored) in the first `checkBytes` of a line. */
  readonly begin: LineTest;
  readonly checkBytes: number;
}

/** `Multiline.Mode: custom`: each pattern must match the whole line. Combinations as in iLogtail 4.6. */
export interface CustomMultiline {
  readonly mode: "custom";
  readonly start: LineTest | null;
  readonly next: LineTest | null;
  readonly end: LineTest | null;
  /** What happens to lines that belong to no record. */
  readonly unmatched: "single_line" | "discard";
}

/** `Multiline.Mode: JSON`: an object with balanced braces may span lines. */
export interface JsonMultiline {
  readonly mode: "json";
  readonly unmatched: "single_line" | "discard";
}

/** The whole file is one record, emitted when the file was quiet for the flush time. */
export interface WholeFile {
  readonly mode: "whole_file";
  readonly bytesMax: number;
}

export type Multiline = BeginLine | CustomMultiline | JsonMultiline | WholeFile;

/** See the module comment. */
export interface Framing {
  /** `runtime`: docker json-file or CRI text, recognised per line. `lines`: plain text. */
  readonly format: "runtime" | "lines";
  /** Streams taken, for `runtime`. */
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly encoding: "utf8" | "gbk" | "utf16";
  readonly multiline: Multiline | null;
  /** A longer record is split or truncated, `MaxLogSize`. */
  readonly recordBytesMax: number;
  readonly oversize: "split" | "truncate";
  /** An unterminated last line ends after the file was quiet for this long. */
  readonly flushTimeoutMs: number;
  /** An unfinished multi-line record ends after its stream was quiet for this long. */
  readonly multilineTimeoutMs: number;
  /** `clock`: the moment of collection. `record`: the runtime's timestamp (for `runtime`). */
  readonly timeSource: "clock" | "record";
  /** Field with the byte offset at which the record begins in its file; `null`: none. For `lines`. */
  readonly offsetKey: string | null;
  /** Whether lines that are empty are records (`runtime`) or skipped (`lines`, as in iLogtail). */
  readonly keepEmptyLines: boolean;
}

/** Streams of a file in the order of `Resume.done`. */
export const STREAM_STDOUT = 0;
export const STREAM_STDERR = 1;

/** Number of offsets in a resume point for this framing. */
export function streamCount(framing: Framing): number {
  return framing.format === "runtime" ? 2 : 1;
}
