import { makeBytes, makeDoubles, makeInts } from "../base/buffers.ts";
import { unescapeJsonBytes } from "../base/json_unescape.ts";
import { GiantUses } from "../base/reused_bytes.ts";
import { isAscii, TextSlicer } from "../base/text.ts";
import { KeyTable } from "./keys.ts";
import { NO_TAGS, type TagSet } from "./tags.ts";

/**
 * Complete records of one lane in file order. A batch lives for one turn: it is read, framed, processed and encoded
 * synchronously, and whoever wants its bytes later copies them.
 *
 * A record is a list of fields, a field five numbers in one table:
 *
 *   cells: … | key | begin | end | flags | next | …      next: index of the record's next cell, -1 at its end
 *                    |________|     |
 *                    span in …      00 arena (what was read)  01 scratch (made on the way)  10 texts[begin]
 *                                   +4 the bytes are JSON-escaped already (or need no escaping)
 *
 * One cell with key `TAGS` stands for all constant tags of the source: an encoder copies bytes it made once per
 * source. Only a processor that asks for a tag by name splits it up.
 *
 * Processors use the methods in the first half of the class. The public arrays are for framers and encoders.
 */
export const TAGS = -1;
/** Cell flags; see {@linkcode Batch}. */
export const IN_ARENA = 0;
export const IN_SCRATCH = 1;
export const IN_TEXTS = 2;
export const PLACE_MASK = 3;
export const ESCAPED = 4;
/** Numbers per cell. */
export const CELL = 5;

/** What is known of the bytes of a whole array. */
export const UTF8_UNCHECKED = 0;
export const UTF8_VALID = 1;
export const UTF8_ASCII = 2;

const DROPPED = -2;
const EMPTY = new Uint8Array(0);
const encoder = new TextEncoder();

/** See the module comment. Batches are pooled: one per lane output in flight of a turn, so one per agent in practice. */
export class Batch {
  readonly keys: KeyTable;
  /** Bytes that were read; shared with other lanes and read-only. */
  arena: Uint8Array = EMPTY;
  arenaUtf8 = UTF8_UNCHECKED;
  /** Bytes made on the way: joined records, unescaped or parsed values. Owned by the batch. */
  scratch: Uint8Array = makeBytes(SCRATCH_BYTES);
  scratchUsed = 0;
  scratchUtf8 = UTF8_ASCII;
  texts: string[] = [];
  cells: Int32Array = makeInts(CELL * 4096);
  cellCount = 0;
  /** First cell of each record; negative: no field left, or dropped. */
  first: Int32Array = makeInts(1024);
  last: Int32Array = makeInts(1024);
  /** Unix milliseconds of each record; 0: the batch's clock. */
  timesMs: Float64Array = makeDoubles(1024);
  tags: TagSet = NO_TAGS;
  /** Collection clock of all records, Unix milliseconds. */
  clockMs = 0;
  /** Records, dropped ones included. */
  count = 0;
  /** Window of records a processor looks at: `for (let r = batch.from; r < batch.to; r++)`. */
  from = 0;
  to = 0;
  /** Bytes of text in the records as framed; bounds the batch. */
  textBytes = 0;
  /** Reasons of deliberate drops by processors since `begin`: reason -> records. */
  readonly drops: Map<string, number> = new Map();

  #slicer = new TextSlicer();
  readonly #giants = new GiantUses(SCRATCH_BYTES_USUAL);
  #saved:
    | { cells: Int32Array; first: Int32Array; last: Int32Array; times: Float64Array; counts: number[] }
    | null = null;

  constructor(keys: KeyTable) {
    this.keys = keys;
  }

  // ---- for processors -------------------------------------------------------------------------------------------

  /** Whether the record is still there. */
  alive(record: number): boolean {
    return this.first[record] !== DROPPED;
  }

  /** The first field with this key (a {@linkcode KeyTable} id), tags included; -1 if there is none. */
  find(record: number, key: number): number {
    for (let cell = this.first[record]; cell >= 0; cell = this.cells[cell + 4]) {
      if (this.cells[cell] === key) return cell;
      if (this.cells[cell] === TAGS && this.#isTag(key)) return this.#splitTags(record, cell, key);
    }
    return -1;
  }

  /** The record's first field in order, -1 if none; tags are split up first, so every field can be visited. */
  firstField(record: number): number {
    for (let cell = this.first[record]; cell >= 0; cell = this.cells[cell + 4]) {
      if (this.cells[cell] === TAGS) {
        this.#splitTags(record, cell, -1);
        break;
      }
    }
    return this.first[record] < 0 ? -1 : this.first[record];
  }

  /** The field behind this one, -1 at the end. */
  nextField(cell: number): number {
    return this.cells[cell + 4];
  }

  /** The field's key. */
  key(cell: number): number {
    return this.cells[cell];
  }

  /** The field's value as text, decoded and unescaped now. Keep none of it: slices may pin large strings. */
  text(cell: number): string {
    const flags = this.cells[cell + 3];
    const begin = this.cells[cell + 1];
    if ((flags & PLACE_MASK) === IN_TEXTS) return this.texts[begin];
    const bytes = (flags & PLACE_MASK) === IN_ARENA ? this.arena : this.scratch;
    const end = this.cells[cell + 2];
    const text = this.#knownAscii(flags) || isAscii(bytes, begin, end)
      ? this.#slicer.ascii(bytes, begin, end)
      : this.#slicer.utf8(bytes, begin, end);
    return (flags & ESCAPED) !== 0 && text.includes("\\") ? unescapeJson(text) : text;
  }

  /** Whether the field's bytes are ASCII. After `toBytes`, offsets in `text()` are then offsets in the bytes. */
  isAscii(cell: number): boolean {
    const flags = this.cells[cell + 3];
    if ((flags & PLACE_MASK) === IN_TEXTS) return false;
    if (this.#knownAscii(flags)) return true;
    return isAscii(
      (flags & PLACE_MASK) === IN_ARENA ? this.arena : this.scratch,
      this.cells[cell + 1],
      this.cells[cell + 2],
    );
  }

  /**
   * Makes the field's value available as plain bytes: afterwards it is `this.bytesOf(cell)[beginOf(cell), endOf(cell))`,
   * not escaped. Text and escaped values are moved to the scratch.
   */
  toBytes(cell: number): void {
    const flags = this.cells[cell + 3];
    const escaped = (flags & ESCAPED) !== 0;
    if ((flags & PLACE_MASK) !== IN_TEXTS && !escaped) return;
    if (escaped && (!this.#hasBackslash(cell) || this.#unescapeToScratch(cell))) return;
    this.setText(cell, this.text(cell));
    this.#textToScratch(cell);
  }

  /** The array that holds the field's bytes (not for fields that are text: call `toBytes` first). */
  bytesOf(cell: number): Uint8Array {
    return (this.cells[cell + 3] & PLACE_MASK) === IN_SCRATCH ? this.scratch : this.arena;
  }

  beginOf(cell: number): number {
    return this.cells[cell + 1];
  }

  endOf(cell: number): number {
    return this.cells[cell + 2];
  }

  flagsOf(cell: number): number {
    return this.cells[cell + 3];
  }

  /** Replaces a value by text. */
  setText(cell: number, text: string): void {
    this.cells[cell + 1] = this.texts.push(text) - 1;
    this.cells[cell + 2] = 0;
    this.cells[cell + 3] = IN_TEXTS;
  }

  /** Renames a field in place. */
  setKey(cell: number, key: number): void {
    this.cells[cell] = key;
  }

  /** Appends a field whose value is text. */
  appendText(record: number, key: number, text: string): void {
    this.append(record, key, this.texts.push(text) - 1, 0, IN_TEXTS);
  }

  /** Appends a field whose value is a part of another one's bytes, or of the scratch: same place, narrower span. */
  append(record: number, key: number, begin: number, end: number, flags: number): void {
    const cell = this.cellCount;
    if (cell + CELL > this.cells.length) this.#growCells();
    const cells = this.cells;
    this.cellCount = cell + CELL;
    cells[cell] = key;
    cells[cell + 1] = begin;
    cells[cell + 2] = end;
    cells[cell + 3] = flags;
    cells[cell + 4] = -1;
    if (this.first[record] >= 0) cells[this.last[record] + 4] = cell;
    else if (this.first[record] === DROPPED) throw new Error("BUG: a field is added to a dropped record");
    else this.first[record] = cell;
    this.last[record] = cell;
  }

  /** Takes a field out of a record. */
  remove(record: number, cell: number): void {
    const cells = this.cells;
    const next = cells[cell + 4];
    let before = -1;
    for (let at = this.first[record]; at !== cell; at = cells[at + 4]) before = at;
    if (before < 0) this.first[record] = next;
    else cells[before + 4] = next;
    if (next < 0) this.last[record] = before;
  }

  /** Removes a record on purpose; it is counted under the reason. */
  drop(record: number, reason: string): void {
    if (this.first[record] === DROPPED) return;
    this.first[record] = DROPPED;
    this.drops.set(reason, (this.drops.get(reason) ?? 0) + 1);
  }

  /** Reserves room in the scratch and returns where it begins; the caller writes and calls `scratchUsed = end`. */
  reserve(bytes: number): number {
    const need = this.scratchUsed + bytes;
    if (need > this.scratch.length) {
      let size = this.scratch.length * 2;
      while (size < need) size *= 2;
      const grown = makeBytes(size);
      grown.set(this.scratch.subarray(0, this.scratchUsed));
      this.scratch = grown;
    }
    return this.scratchUsed;
  }

  // ---- for framers, the pipeline and encoders ---------------------------------------------------------------------

  /** Empties the batch for the records of one source. */
  begin(tags: TagSet, arena: Uint8Array, arenaUtf8: number, clockMs: number): void {
    if (tags !== this.tags) {
      for (const tag of tags.list) this.keys.permanent(tag.key);
      this.tags = tags;
    }
    this.keys.betweenBatches();
    this.arena = arena;
    this.arenaUtf8 = arenaUtf8;
    this.clockMs = clockMs;
    this.clear();
  }

  /** Forgets all records; source and arena stay. A scratch grown by a giant record is given back after a while. */
  clear(): void {
    if (this.#giants.isOver(this.scratch.length, this.scratchUsed)) this.scratch = makeBytes(SCRATCH_BYTES);
    this.scratchUsed = 0;
    this.scratchUtf8 = UTF8_ASCII;
    this.texts.length = 0;
    this.cellCount = 0;
    this.count = 0;
    this.from = 0;
    this.to = 0;
    this.textBytes = 0;
    if (this.drops.size > 0) this.drops.clear();
  }

  /** Adds an empty record and returns its number. */
  addRecord(timeMs = 0): number {
    const record = this.count;
    if (record >= this.first.length) this.#growRecords();
    this.first[record] = -1;
    this.last[record] = -1;
    this.timesMs[record] = timeMs;
    this.count = record + 1;
    this.to = this.count;
    return record;
  }

  /** Appends the one cell that stands for all tags; nothing when there are none. */
  appendTags(record: number): void {
    if (this.tags.list.length > 0) this.append(record, TAGS, 0, 0, 0);
  }

  /** Remembers the records as framed, so that a batch in which a processor threw can be run again. */
  save(): void {
    const n = this.count;
    const room = this.#saved;
    if (room === null || room.cells.length < this.cellCount || room.first.length < n) {
      this.#saved = {
        cells: makeInts(this.cells.length),
        first: makeInts(this.first.length),
        last: makeInts(this.first.length),
        times: makeDoubles(this.first.length),
        counts: [],
      };
    }
    const saved = this.#saved!;
    copyNumbers(this.cells, saved.cells, this.cellCount);
    copyNumbers(this.first, saved.first, n);
    copyNumbers(this.last, saved.last, n);
    for (let i = 0; i < n; i++) saved.times[i] = this.timesMs[i];
    saved.counts = [this.cellCount, this.scratchUsed, this.texts.length];
  }

  /** Goes back to what {@linkcode save} saw. */
  restore(): void {
    const saved = this.#saved;
    if (saved === null) throw new Error("BUG: restore without save");
    const [cellCount, scratchUsed, texts] = saved.counts;
    copyNumbers(saved.cells, this.cells, cellCount);
    copyNumbers(saved.first, this.first, this.count);
    copyNumbers(saved.last, this.last, this.count);
    for (let i = 0; i < this.count; i++) this.timesMs[i] = saved.times[i];
    this.cellCount = cellCount;
    this.scratchUsed = scratchUsed;
    this.texts.length = texts;
    this.drops.clear();
  }

  /** Goes back to what {@linkcode save} saw for one record; fields made since then stay unused in the table. */
  restoreRecord(record: number): void {
    const saved = this.#saved;
    if (saved === null) throw new Error("BUG: restore without save");
    this.first[record] = saved.first[record];
    this.last[record] = saved.last[record];
    this.timesMs[record] = saved.times[record];
    for (let cell = this.first[record]; cell >= 0; cell = this.cells[cell + 4]) {
      for (let i = 0; i < CELL; i++) this.cells[cell + i] = saved.cells[cell + i];
    }
  }

  /** Records that are alive and have a field left. */
  countAlive(): number {
    let alive = 0;
    for (let record = 0; record < this.count; record++) if (this.first[record] >= 0) alive++;
    return alive;
  }

  /** What is known of the bytes a cell points into. */
  utf8Of(flags: number): number {
    return (flags & PLACE_MASK) === IN_ARENA ? this.arenaUtf8 : this.scratchUtf8;
  }

  #knownAscii(flags: number): boolean {
    return ((flags & PLACE_MASK) === IN_ARENA ? this.arenaUtf8 : this.scratchUtf8) === UTF8_ASCII;
  }

  /** A search with `indexOf` would go on behind the value, to the end of the array if need be. */
  #hasBackslash(cell: number): boolean {
    const bytes = this.bytesOf(cell);
    const end = this.cells[cell + 2];
    for (let i = this.cells[cell + 1]; i < end; i++) if (bytes[i] === 0x5c) return true;
    return false;
  }

  /** Unescapes bytes to bytes; false for escapes that JSON does not know. */
  #unescapeToScratch(cell: number): boolean {
    const cells = this.cells;
    const begin = cells[cell + 1], end = cells[cell + 2];
    const to = this.reserve(end - begin);
    const utf8 = this.utf8Of(cells[cell + 3]);
    const written = unescapeJsonBytes(this.bytesOf(cell), begin, end, this.scratch, to);
    if (written < 0) return false;
    this.scratchUsed = written;
    // Escapes may name any character.
    const known = isAscii(this.scratch, to, written) ? UTF8_ASCII : Math.min(utf8, UTF8_VALID);
    if (known < this.scratchUtf8) this.scratchUtf8 = known;
    cells[cell + 1] = to;
    cells[cell + 2] = written;
    cells[cell + 3] = IN_SCRATCH;
    return true;
  }

  #textToScratch(cell: number): void {
    const text = this.texts[this.cells[cell + 1]];
    const begin = this.reserve(text.length * 3);
    const { written } = encoder.encodeInto(text, this.scratch.subarray(begin));
    this.scratchUsed = begin + written;
    if (written !== text.length && this.scratchUtf8 === UTF8_ASCII) this.scratchUtf8 = UTF8_VALID;
    this.cells[cell + 1] = begin;
    this.cells[cell + 2] = begin + written;
    this.cells[cell + 3] = IN_SCRATCH;
  }

  #isTag(key: number): boolean {
    const text = this.keys.text(key);
    const list = this.tags.list;
    for (let i = 0; i < list.length; i++) if (list[i].key === text) return true;
    return false;
  }

  /** Replaces the tags cell by one cell per tag; returns the first with this key. */
  #splitTags(record: number, tagsCell: number, key: number): number {
    const next = this.cells[tagsCell + 4];
    const list = this.tags.list;
    let before = -1;
    let found = -1;
    for (let at = this.first[record]; at !== tagsCell; at = this.cells[at + 4]) before = at;
    for (let i = 0; i < list.length; i++) {
      // The first tag takes the place of the tags cell, the others are new cells linked behind it.
      let cell = tagsCell;
      if (i > 0) {
        if (this.cellCount + CELL > this.cells.length) this.#growCells();
        cell = this.cellCount;
        this.cellCount += CELL;
      }
      const id = this.keys.dynamic(list[i].key);
      this.cells[cell] = id;
      this.cells[cell + 1] = this.texts.push(list[i].value) - 1;
      this.cells[cell + 2] = 0;
      this.cells[cell + 3] = IN_TEXTS;
      if (i > 0) this.cells[before + 4] = cell;
      before = cell;
      if (id === key && found < 0) found = cell;
    }
    this.cells[before + 4] = next;
    if (next < 0) this.last[record] = before;
    return found;
  }

  #growCells(): void {
    const grown = makeInts(this.cells.length * 2);
    grown.set(this.cells);
    this.cells = grown;
  }

  #growRecords(): void {
    const size = this.first.length * 2;
    const first = makeInts(size), last = makeInts(size), times = makeDoubles(size);
    first.set(this.first);
    last.set(this.last);
    times.set(this.timesMs);
    this.first = first;
    this.last = last;
    this.timesMs = times;
  }
}

/** What the scratch begins with, and what only a giant record needs more of. */
const SCRATCH_BYTES = 64 * 1024;
const SCRATCH_BYTES_USUAL = 1024 * 1024;

function copyNumbers(from: Int32Array, to: Int32Array, count: number): void {
  to.set(from.subarray(0, count));
}

/** Text of an escaped JSON string without its quotes; what JSON would refuse stays as it is. */
function unescapeJson(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
