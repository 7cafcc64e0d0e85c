import { type Batch, ESCAPED, IN_ARENA, IN_SCRATCH } from "../core/batch.ts";
import type { Framing } from "../core/framing.ts";
import type { KeyTable } from "../core/keys.ts";
import { TimeParser } from "../base/rfc3339.ts";
import { cutText } from "./cut_text.ts";
import type { Gatherer } from "./gather.ts";
import type { OpenStream, RowList } from "./open_stream.ts";
import { PartMarks, spanBytes, writeAscii } from "./record_writer.ts";
import {
  ROW_ESCAPED,
  ROW_FLAGS,
  ROW_SOURCE,
  ROW_TEXT,
  ROW_TEXT_END,
  ROW_TIME,
  ROW_TIME_END,
} from "./runtime_lines.ts";
import type { LineTable } from "./line_table.ts";

const SOURCES = ["stdout", "stderr"];

/** Makes the records of a runtime's file: `content`, `_time_`, `_source_`, tags, and the marks of long ones. */
export class RuntimeRecords {
  bytesTruncated = 0;
  /** A record that was begun in the generation before was completed. */
  joinedAdopted = false;

  readonly #content: number;
  readonly #time: number;
  readonly #source: number;
  readonly #marks: PartMarks;
  readonly #limit: number;
  readonly #truncates: boolean;
  readonly #keepEmpty: boolean;
  readonly #times: TimeParser | null;

  constructor(framing: Framing, keys: KeyTable) {
    this.#content = keys.permanent("content");
    this.#time = keys.permanent("_time_");
    this.#source = keys.permanent("_source_");
    this.#marks = new PartMarks(keys);
    this.#limit = framing.recordBytesMax;
    this.#truncates = framing.oversize === "truncate";
    this.#keepEmpty = framing.keepEmptyLines;
    this.#times = framing.timeSource === "record" ? new TimeParser() : null;
  }

  /** One whole line, the usual case: spans of the arena. `at` is the row's place in `rows`. */
  line(batch: Batch, arena: Uint8Array, rows: Int32Array, at: number): void {
    const text = rows[at + ROW_TEXT];
    const textEnd = rows[at + ROW_TEXT_END];
    if (text === textEnd && !this.#keepEmpty) return;
    const time = rows[at + ROW_TIME];
    const timeEnd = rows[at + ROW_TIME_END];
    const source = rows[at + ROW_SOURCE];
    const record = batch.addRecord(this.#times === null ? 0 : this.#times.parse(arena, time, timeEnd));
    batch.append(
      record,
      this.#content,
      text,
      textEnd,
      (rows[at + ROW_FLAGS] & ROW_ESCAPED) !== 0 ? ESCAPED : 0,
    );
    batch.append(record, this.#time, time, timeEnd, ESCAPED);
    batch.append(record, this.#source, source, source + 6, ESCAPED);
    batch.appendTags(record);
    batch.textBytes += textEnd - text;
  }

  /** A line of no runtime: its text, with `_time_` and `_source_` empty. */
  raw(batch: Batch, begin: number, end: number, parts: SentParts, last: boolean): void {
    this.#spans(batch, begin, end, IN_ARENA, parts, last, -1, 0, 0, IN_ARENA);
  }

  /** All rows of a list as the next part of its record, the last one if nothing follows. Empties the list. */
  list(
    batch: Batch,
    gather: Gatherer,
    open: OpenStream,
    list: RowList,
    table: LineTable | null,
    stream: number,
    last: boolean,
  ): void {
    const count = gather.open(list, table, stream);
    if (list.adopted) this.joinedAdopted = true;
    if (count > 0 || last) this.gathered(batch, gather, open, 0, count, stream, last);
    list.clear();
  }

  /** Some rows of the list the gatherer looks at. */
  gathered(
    batch: Batch,
    gather: Gatherer,
    open: SentParts,
    from: number,
    to: number,
    stream: number,
    last: boolean,
  ): void {
    gather.collect(from, to, batch);
    if (!last && gather.complete) gather.addNewline(batch);
    this.#spans(
      batch,
      gather.begin,
      gather.end,
      gather.flags,
      open,
      last,
      stream,
      gather.timeBegin,
      gather.timeEnd,
      gather.timeFlags,
    );
  }

  /** A span of the arena as the next part of a record that is longer than the limit. */
  part(
    batch: Batch,
    open: SentParts,
    begin: number,
    end: number,
    stream: number,
    last: boolean,
    timeText: string,
  ): void {
    const time = batch.scratchUsed;
    const timeEnd = writeAscii(batch, timeText);
    this.#spans(batch, begin, end, IN_ARENA, open, last, stream, time, timeEnd, IN_SCRATCH | ESCAPED);
  }

  #spans(
    batch: Batch,
    begin: number,
    end: number,
    flags: number,
    open: SentParts,
    last: boolean,
    stream: number,
    time: number,
    timeEnd: number,
    timeFlags: number,
  ): void {
    const limit = this.#limit;
    if (last && open.parts === 0 && end - begin <= limit) {
      if (begin < end || this.#keepEmpty) {
        this.#record(batch, begin, end, flags, stream, time, timeEnd, timeFlags);
      }
      return;
    }
    const escaped = (flags & ESCAPED) !== 0;
    if (this.#truncates) {
      let head = begin;
      if (open.parts === 0) {
        head = cutText(spanBytes(batch, flags), begin, end, limit, escaped);
        this.#record(batch, begin, head, flags, stream, time, timeEnd, timeFlags);
        this.#marks.truncated(batch);
      }
      this.bytesTruncated += end - head;
      open.parts = last ? 0 : 1;
      return;
    }
    let at = begin;
    do {
      const cut = cutText(spanBytes(batch, flags), at, end, limit, escaped);
      const isLast = last && cut === end;
      this.#record(batch, at, cut, flags, stream, time, timeEnd, timeFlags);
      this.#marks.split(batch, ++open.parts, isLast);
      at = cut;
    } while (at < end);
    if (last) open.parts = 0;
  }

  #record(
    batch: Batch,
    begin: number,
    end: number,
    flags: number,
    stream: number,
    time: number,
    timeEnd: number,
    timeFlags: number,
  ): void {
    const timeMs = this.#times === null ? 0 : this.#times.parse(spanBytes(batch, timeFlags), time, timeEnd);
    let source = 0;
    let sourceEnd = 0;
    if (stream >= 0) {
      source = batch.scratchUsed;
      sourceEnd = writeAscii(batch, SOURCES[stream]);
    }
    const record = batch.addRecord(timeMs);
    batch.append(record, this.#content, begin, end, flags);
    batch.append(record, this.#time, time, timeEnd, timeFlags);
    batch.append(record, this.#source, source, sourceEnd, IN_SCRATCH | ESCAPED);
    batch.appendTags(record);
    batch.textBytes += end - begin;
  }
}

/** How many parts of an unfinished record were sent already. */
export interface SentParts {
  parts: number;
}
