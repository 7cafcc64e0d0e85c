import { type Batch, ESCAPED, IN_ARENA, IN_SCRATCH } from "../core/batch.ts";
import type { Framing } from "../core/framing.ts";
import type { KeyTable } from "../core/keys.ts";
import { cutText } from "./cut_text.ts";
import type { RereadFile } from "./assembler.ts";
import { LineDecoder } from "./line_decoder.ts";
import { lineText } from "./line_text.ts";
import { PartMarks, spanBytes, writeAscii } from "./record_writer.ts";

/** Makes the records of a plain file: tags, position if asked for, `content`, and the marks of long ones. */
export class PlainRecords {
  bytesTruncated = 0;
  /** Parts of the record in progress that were sent. */
  parts = 0;

  readonly #content: number;
  /** -1: the offset is not asked for. */
  readonly #offsetKey: number;
  readonly #marks: PartMarks;
  readonly #limit: number;
  readonly #truncates: boolean;
  readonly #keepEmpty: boolean;
  readonly #decoder: LineDecoder | null;

  constructor(framing: Framing, keys: KeyTable, file: RereadFile, limit: number) {
    this.#content = keys.permanent("content");
    this.#offsetKey = framing.offsetKey === null ? -1 : keys.permanent(framing.offsetKey);
    this.#marks = new PartMarks(keys);
    this.#limit = limit;
    this.#truncates = framing.oversize === "truncate";
    this.#keepEmpty = framing.keepEmptyLines;
    this.#decoder = framing.encoding === "utf8" ? null : new LineDecoder(framing.encoding, file);
  }

  /** Whether a line that is not long and has no NUL at its ends may take the short way, `line`. */
  get isSimple(): boolean {
    return this.#decoder === null && this.#offsetKey < 0;
  }

  /** One whole line as it is. */
  line(batch: Batch, begin: number, end: number): void {
    if (begin === end && !this.#keepEmpty) return;
    const record = batch.addRecord();
    batch.appendTags(record);
    batch.append(record, this.#content, begin, end, IN_ARENA);
    batch.textBytes += end - begin;
  }

  /** `arena[begin, end)` as the next part of a record, the last one if nothing follows. `fileAt`: offset of `begin`. */
  span(batch: Batch, begin: number, end: number, fileAt: number, last: boolean): void {
    let flags = IN_ARENA;
    let at = begin;
    let to = end;
    if (this.#decoder !== null) {
      at = this.#decoder.decode(batch, batch.arena, begin, end, !last);
      to = batch.scratchUsed;
      flags = IN_SCRATCH;
    }
    const bytes = spanBytes(batch, flags);
    if (
      fileAt === 0 && bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf && to - at >= 3
    ) at += 3;
    // Copytruncate and crashed writers leave holes of NULs: they are no text.
    let hadNuls = false;
    if (this.parts === 0) { for (; at < to && bytes[at] === 0; at++) hadNuls = true; }
    if (last) { for (; at < to && bytes[to - 1] === 0; to--) hadNuls = true; }
    if (at === to && this.parts === 0 && (hadNuls || !last || !this.#keepEmpty)) return;
    this.#parts(batch, at, to, flags, fileAt, begin, last);
  }

  /** A line's text for a pattern. */
  text(batch: Batch, begin: number, end: number, bytesMax: number): string {
    if (this.#decoder === null) return lineText(batch, begin, end, IN_ARENA, bytesMax);
    const used = batch.scratchUsed;
    const at = this.#decoder.decode(batch, batch.arena, begin, end, false);
    const text = lineText(batch, at, batch.scratchUsed, IN_SCRATCH, bytesMax);
    batch.scratchUsed = used;
    return text;
  }

  #parts(
    batch: Batch,
    begin: number,
    end: number,
    flags: number,
    fileAt: number,
    base: number,
    last: boolean,
  ): void {
    if (last && this.parts === 0 && end - begin <= this.#limit) {
      return this.#record(batch, begin, end, flags, fileAt);
    }
    if (this.#truncates) {
      let head = begin;
      if (this.parts === 0) {
        head = cutText(spanBytes(batch, flags), begin, end, this.#limit, false);
        this.#record(batch, begin, head, flags, fileAt);
        this.#marks.truncated(batch);
      }
      this.bytesTruncated += end - head;
      this.parts = last ? 0 : 1;
      return;
    }
    let at = begin;
    do {
      const cut = cutText(spanBytes(batch, flags), at, end, this.#limit, false);
      // In another encoding the place of a part inside its line is not known: the line's own is given.
      this.#record(batch, at, cut, flags, (flags & IN_SCRATCH) !== 0 ? fileAt : fileAt + at - base);
      this.#marks.split(batch, ++this.parts, last && cut === end);
      at = cut;
    } while (at < end);
    if (last) this.parts = 0;
  }

  #record(batch: Batch, begin: number, end: number, flags: number, fileAt: number): void {
    const record = batch.addRecord();
    batch.appendTags(record);
    if (this.#offsetKey >= 0) this.#number(batch, record, this.#offsetKey, String(fileAt));
    batch.append(record, this.#content, begin, end, flags);
    batch.textBytes += end - begin;
  }

  #number(batch: Batch, record: number, key: number, digits: string): void {
    const begin = batch.scratchUsed;
    batch.append(record, key, begin, writeAscii(batch, digits), IN_SCRATCH | ESCAPED);
  }
}
