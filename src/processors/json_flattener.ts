import { makeInts } from "../base/buffers.ts";
import { jsonNestedEnd, jsonStringEnd, jsonWordEnd, skipJsonSpace } from "../base/json_scan.ts";
import { type Batch, ESCAPED, PLACE_MASK } from "../core/batch.ts";
import type { KeyTable } from "../core/keys.ts";
import { type JsonExpandOptions, NAMES_CHARS_MAX } from "./json_expand_options.ts";
import { type JsonKey, JsonKeyPaths, type JsonLevel, startsWith } from "./json_key_paths.ts";

/** Levels it descends; deeper lines are for the plain form. */
const DEPTH_MAX = 24;
/** Numbers per found field: key id, begin, end, flags. */
const FIELD = 4;

/**
 * Expands ordinary JSON lines without making a string or unescaping anything: a string value becomes the span
 * between its quotes, still escaped, a nested value or number the span of its text. Anything odd (raw control
 * characters, escapes in keys, brackets that do not pair up, …) is refused as a whole, before the record is touched.
 */
export class JsonFlattener {
  readonly #options: JsonExpandOptions;
  readonly #paths: JsonKeyPaths;
  #found = makeInts(FIELD * 64);
  #used = 0;
  /** Characters of the names so far: of many long ones the plain form decides. */
  #nameChars = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;

  constructor(keys: KeyTable, options: JsonExpandOptions) {
    this.#options = options;
    this.#paths = new JsonKeyPaths(keys, options);
  }

  /** Appends the fields of the JSON object in a field whose bytes are plain; false: odd, and nothing was done. */
  flatten(batch: Batch, record: number, cell: number): boolean {
    this.#bytes = batch.bytesOf(cell);
    this.#end = batch.endOf(cell);
    this.#used = 0;
    this.#nameChars = 0;
    const begin = skipJsonSpace(this.#bytes, batch.beginOf(cell), this.#end);
    if (begin >= this.#end || this.#bytes[begin] !== 0x7b) return false;
    if (this.#object(begin + 1, this.#paths.root()) < 0) return false;
    const place = batch.flagsOf(cell) & PLACE_MASK;
    const found = this.#found;
    for (let i = 0; i < this.#used; i += FIELD) {
      batch.append(record, found[i], found[i + 1], found[i + 2], place | found[i + 3]);
    }
    return true;
  }

  /** Members of the object whose brace is before `i`; returns the position behind it, -1 if it is odd. */
  #object(i: number, level: JsonLevel): number {
    const bytes = this.#bytes, end = this.#end;
    i = skipJsonSpace(bytes, i, end);
    if (i < end && bytes[i] === 0x7d) return i + 1;
    for (let next = 0;;) {
      if (i >= end || bytes[i] !== 0x22) return -1;
      const key = this.#key(level, next, i + 1);
      if (key === null || (this.#nameChars += key.nameChars) > NAMES_CHARS_MAX) return -1;
      next = key.index + 1;
      i += key.bytes.length + 2;
      if (bytes[i] !== 0x3a) i = skipJsonSpace(bytes, i, end);
      if (i >= end || bytes[i] !== 0x3a) return -1;
      i = this.#value(skipJsonSpace(bytes, i + 1, end), level, key);
      if (i < 0) return -1;
      if (bytes[i] !== 0x2c) i = skipJsonSpace(bytes, i, end);
      if (i >= end) return -1;
      if (bytes[i] === 0x7d) return i + 1;
      if (bytes[i] !== 0x2c) return -1;
      i = skipJsonSpace(bytes, i + 1, end);
    }
  }

  /** The key whose first character is at `i`: the expected one if it is there, else looked up; `null` if it is odd. */
  #key(level: JsonLevel, next: number, i: number): JsonKey | null {
    const bytes = this.#bytes, end = this.#end;
    if (next < level.keys.length) {
      const expected = level.keys[next];
      const close = i + expected.bytes.length;
      if (close < end && bytes[close] === 0x22 && startsWith(bytes, i, expected.bytes)) return expected;
    }
    for (let close = i; close < end; close++) {
      const byte = bytes[close];
      if (byte === 0x22) return this.#paths.key(level, bytes, i, close);
      if (byte === 0x5c) return null;
    }
    return null;
  }

  /** Notes the value at `i` and returns the position behind it, -1 if it is odd. */
  #value(i: number, level: JsonLevel, key: JsonKey): number {
    const bytes = this.#bytes, end = this.#end;
    if (i >= end) return -1;
    switch (bytes[i]) {
      case 0x22: { // "
        const close = jsonStringEnd(bytes, i + 1, end);
        if (close < 0) return -1;
        this.#note(key.id, i + 1, close, ESCAPED);
        return close + 1;
      }
      case 0x7b: // {
        if (level.depth !== this.#options.expandDepth) {
          return level.depth >= DEPTH_MAX ? -1 : this.#object(i + 1, this.#paths.below(level, key));
        }
        break;
      case 0x5b: // [
        break;
      default:
        return this.#word(i, key);
    }
    const close = jsonNestedEnd(bytes, i, end);
    if (close >= 0) this.#note(key.id, i, close, 0);
    return close;
  }

  #word(i: number, key: JsonKey): number {
    const bytes = this.#bytes;
    const close = jsonWordEnd(bytes, i, this.#end);
    if (close <= i) return -1;
    const first = bytes[i];
    if (first !== 0x2d && (first < 0x30 || first > 0x39) && !isConstant(bytes, i, close)) return -1;
    // Nothing in it needs an escape.
    this.#note(key.id, i, close, ESCAPED);
    return close;
  }

  #note(id: number, begin: number, end: number, flags: number): void {
    if (this.#used === this.#found.length) {
      const grown = makeInts(this.#found.length * 2);
      grown.set(this.#found);
      this.#found = grown;
    }
    const found = this.#found, at = this.#used;
    found[at] = id;
    found[at + 1] = begin;
    found[at + 2] = end;
    found[at + 3] = flags;
    this.#used = at + FIELD;
  }
}

const CONSTANTS = ["true", "false", "null"].map((word) => new TextEncoder().encode(word));

function isConstant(bytes: Uint8Array, begin: number, end: number): boolean {
  for (let i = 0; i < CONSTANTS.length; i++) {
    if (CONSTANTS[i].length === end - begin && startsWith(bytes, begin, CONSTANTS[i])) return true;
  }
  return false;
}
