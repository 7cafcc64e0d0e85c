import { viewOf } from "../base/byte_views.ts";
import { plainEnd } from "../base/json_words.ts";

/**
 * The header of one physical line that a container runtime wrote, as offsets:
 *
 *   CRI      2024-01-01T00:00:00.123456789Z stdout F text…\n
 *            |____________time____________| |src_| tag |text|        tag F: end, P: goes on; `F:more`, `P:more` too
 *   docker   {"log":"text…\n","stream":"stdout","time":"2024-01-01T00:00:00.123456789Z"}\n
 *                   |text|             |src_|         |____________time____________|
 *            the text stays JSON-escaped; it ends with the two bytes `\n`, or the line goes on in the next one
 *
 * The decision is made per line by its first byte (reference 2.4). What is neither is `ROW_RAW`: the whole line is
 * text, so that nothing is lost. Tags: exactly `F` or `P`, alone or followed by `:`. Any other word there is text, as
 * a tag that is a word of the message must not swallow it.
 */

/** Numbers per row; the slots follow. */
export const ROW = 8;
/** Arena offset of the line, and behind its newline. */
export const ROW_BEGIN = 0;
export const ROW_END = 1;
/** Bits `STREAM_BIT …` below. */
export const ROW_FLAGS = 2;
/** Text without newline. */
export const ROW_TEXT = 3;
export const ROW_TEXT_END = 4;
/** Runtime timestamp; empty span when there is none. */
export const ROW_TIME = 5;
export const ROW_TIME_END = 6;
/** Six bytes `stdout` or `stderr`; -1 when there is none. */
export const ROW_SOURCE = 7;

/** 0 stdout, 1 stderr: `flags & STREAM_BIT` is the index of `Resume.done`. */
export const STREAM_BIT = 1;
/** The text goes on in the next line of the stream. */
export const ROW_PARTIAL = 2;
/** Not a runtime's line; belongs to no stream. */
export const ROW_RAW = 4;
/** The text is JSON-escaped. */
export const ROW_ESCAPED = 8;
/** A part of a physical line that goes on in the next row. */
export const ROW_PIECE = 16;
/** The line had no newline; only at the end of a file that is final. */
export const ROW_UNTERMINATED = 32;
/** Begins in the middle of a physical line; header fields are empty. */
export const ROW_CONTINUED = 64;

const NEWLINE = 10, BLANK = 0x20, QUOTE = 0x22, BACKSLASH = 0x5c;
const LOG_KEY = wordsOf('{"log":"');
const STREAM_KEY = wordsOf(',"stream":"std');
const TIME_KEY = wordsOf('","time":"');
/** From the quote that ends the text to the time's first byte. */
const KEYS_BYTES = 28;
const decoder = new TextDecoder();

/** Fills the row at `row` for the line `bytes[begin, end)`, `end` being its newline or the end of what there is. */
export function decodeRuntimeLine(
  bytes: Uint8Array,
  begin: number,
  end: number,
  rows: Int32Array,
  row: number,
): void {
  if (bytes[begin] === 0x7b) {
    if (!decodeDocker(bytes, begin, end, rows, row)) decodeRaw(begin, end, rows, row);
  } else if (!decodeCri(bytes, begin, end, rows, row)) decodeRaw(begin, end, rows, row);
}

function decodeRaw(begin: number, end: number, rows: Int32Array, row: number): void {
  rows[row + ROW_FLAGS] = ROW_RAW;
  rows[row + ROW_TEXT] = begin;
  rows[row + ROW_TEXT_END] = end;
  rows[row + ROW_TIME] = begin;
  rows[row + ROW_TIME_END] = begin;
  rows[row + ROW_SOURCE] = -1;
}

/** See the module comment; false when the line is no CRI line. */
export function decodeCri(
  bytes: Uint8Array,
  begin: number,
  end: number,
  rows: Int32Array,
  row: number,
): boolean {
  // Nanoseconds in UTC, the usual form; else the blank is looked for. Both ends are checked before they are read.
  let blank = begin + 30;
  if (blank >= end || bytes[blank] !== BLANK || bytes[blank - 1] !== 0x5a) {
    blank = begin + 10;
    const limit = end < begin + 64 ? end : begin + 64;
    while (blank < limit && bytes[blank] !== BLANK) blank++;
  }
  if (bytes[begin] - 0x30 >>> 0 > 9 || bytes[begin + 10] !== 0x54) return false;
  const source = blank + 1;
  const afterSource = source + 6;
  if (
    afterSource > end || bytes[blank] !== BLANK || bytes[source] !== 0x73 || bytes[source + 1] !== 0x74 ||
    bytes[source + 2] !== 0x64 ||
    (afterSource < end && bytes[afterSource] !== BLANK)
  ) return false;
  let flags = 0;
  if (bytes[source + 3] === 0x65) {
    if (bytes[source + 4] !== 0x72 || bytes[source + 5] !== 0x72) return false;
    flags = STREAM_BIT;
  } else if (bytes[source + 3] !== 0x6f || bytes[source + 4] !== 0x75 || bytes[source + 5] !== 0x74) {
    return false;
  }
  let text = afterSource + 1;
  if (text >= end) text = end;
  else {
    const tag = bytes[text];
    if (tag === 0x46 || tag === 0x50) {
      const after = text + 1;
      if (after >= end) {
        text = end;
        if (tag === 0x50) flags |= ROW_PARTIAL;
      } else if (bytes[after] === BLANK) {
        text = after + 1;
        if (tag === 0x50) flags |= ROW_PARTIAL;
      } else if (bytes[after] === 0x3a) {
        text = after;
        while (text < end && bytes[text] !== BLANK) text++;
        if (text < end) text++;
        if (tag === 0x50) flags |= ROW_PARTIAL;
      }
    }
  }
  rows[row + ROW_FLAGS] = flags;
  rows[row + ROW_TEXT] = text;
  rows[row + ROW_TEXT_END] = end;
  rows[row + ROW_TIME] = begin;
  rows[row + ROW_TIME_END] = blank;
  rows[row + ROW_SOURCE] = source;
  return true;
}

/**
 * Docker's own order of keys, nothing escaped but the text: returns the offset of the newline, -1 when the line is
 * anything else. The search for the newline and the check that the text may be copied as it is are one loop. The
 * caller guarantees a newline somewhere behind `begin`.
 */
export function decodeDockerFast(bytes: Uint8Array, begin: number, rows: Int32Array, row: number): number {
  const view = viewOf(bytes);
  const limit = bytes.length;
  if (begin + 8 > limit || !wordsAt(view, begin, LOG_KEY)) return -1;
  const text = begin + 8;
  let at = text;
  let escape = -2;
  for (;;) {
    at = plainEnd(view, at, limit);
    if (at + KEYS_BYTES > limit) return -1;
    const byte = bytes[at];
    if (byte === QUOTE) break;
    if (byte !== BACKSLASH) return -1;
    const next = bytes[at + 1];
    // `\"`, `\\`, `\n`, `\t`, `\r`, `\u003c`: what Go writes. Others are left to the careful path.
    if (next === 0x75) {
      if (!isHex4(bytes, at + 2)) return -1;
    } else if (
      next !== 0x6e && next !== QUOTE && next !== BACKSLASH && next !== 0x74 && next !== 0x72 &&
      next !== 0x2f && next !== 0x62 && next !== 0x66
    ) return -1;
    escape = at;
    at += 2;
  }
  const textEnd = at;
  if (!wordsAt(view, at + 1, STREAM_KEY)) return -1;
  at += 15;
  let flags = ROW_ESCAPED;
  if (bytes[at] === 0x65 && bytes[at + 1] === 0x72 && bytes[at + 2] === 0x72) flags |= STREAM_BIT;
  else if (bytes[at] !== 0x6f || bytes[at + 1] !== 0x75 || bytes[at + 2] !== 0x74) return -1;
  const source = at - 3;
  if (!wordsAt(view, at + 3, TIME_KEY)) return -1;
  const time = at + 13;
  at = plainEnd(view, time, limit);
  if (at + 2 >= limit || bytes[at] !== QUOTE || bytes[at + 1] !== 0x7d || bytes[at + 2] !== NEWLINE) {
    return -1;
  }
  const closed = escape === textEnd - 2 && bytes[textEnd - 1] === 0x6e;
  rows[row + ROW_FLAGS] = closed ? flags : flags | ROW_PARTIAL;
  rows[row + ROW_TEXT] = text;
  rows[row + ROW_TEXT_END] = closed ? textEnd - 2 : textEnd;
  rows[row + ROW_TIME] = time;
  rows[row + ROW_TIME_END] = at;
  rows[row + ROW_SOURCE] = source;
  return at + 2;
}

/** Text of four bytes or more as words, the last one moved back to its end: offset and value in turn. */
function wordsOf(text: string): Int32Array {
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(bytes.buffer);
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const from = Math.min(at, bytes.length - 4);
    words.push(from, view.getInt32(from, true));
  }
  return Int32Array.from(words);
}

/** Whether these words, offset and value in turn, stand at `at`. */
function wordsAt(view: DataView, at: number, words: Int32Array): boolean {
  for (let i = 0; i < words.length; i += 2) {
    if (view.getInt32(at + words[i], true) !== words[i + 1]) return false;
  }
  return true;
}

function isHex4(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 4; i++) {
    const byte = bytes[i] | 0x20;
    if (!((bytes[i] >= 0x30 && bytes[i] <= 0x39) || (byte >= 0x61 && byte <= 0x66))) return false;
  }
  return true;
}

/**
 * Any JSON object with the strings `log`, `stream` and `time`, in any order, other keys ignored. JSON.parse says
 * whether it is one; the spans of the tokens are then found by a walk that need not check anything.
 */
export function decodeDocker(
  bytes: Uint8Array,
  begin: number,
  end: number,
  rows: Int32Array,
  row: number,
): boolean {
  let line: unknown;
  try {
    line = JSON.parse(decoder.decode(bytes.subarray(begin, end)));
  } catch {
    return false;
  }
  const { log, stream, time } = line as Record<string, unknown>;
  if (typeof log !== "string" || (stream !== "stdout" && stream !== "stderr")) return false;
  const logAt = findMember(bytes, begin, "log");
  const streamAt = findMember(bytes, begin, "stream");
  if (logAt < 0 || streamAt < 0 || bytes[streamAt + 7] !== QUOTE) return false;
  const timeAt = typeof time === "string" ? findMember(bytes, begin, "time") : -1;
  let flags = ROW_ESCAPED | (stream === "stderr" ? STREAM_BIT : 0);
  let textEnd = stringEnd(bytes, logAt) - 1;
  if (log.endsWith("\n")) {
    // Another spelling of the newline (`\u000a`) is legal JSON.
    textEnd -= bytes[textEnd - 1] === 0x6e ? 2 : 6;
  } else flags |= ROW_PARTIAL;
  rows[row + ROW_FLAGS] = flags;
  rows[row + ROW_TEXT] = logAt + 1;
  rows[row + ROW_TEXT_END] = textEnd;
  rows[row + ROW_TIME] = timeAt < 0 ? begin : timeAt + 1;
  rows[row + ROW_TIME_END] = timeAt < 0 ? begin : stringEnd(bytes, timeAt) - 1;
  rows[row + ROW_SOURCE] = streamAt + 1;
  return true;
}

/**
 * Offset of the opening quote of the last string value with this name at the top level, -1 if none. The name may be
 * spelled with escapes: JSON.parse takes the last of equal names, and so must this.
 */
function findMember(bytes: Uint8Array, begin: number, name: string): number {
  let found = -1;
  let depth = 0;
  let isKey = false;
  let wanted = false;
  for (let at = begin;; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) {
      const end = stringEnd(bytes, at);
      if (depth === 1 && isKey) {
        wanted = isKeyOf(bytes, at, end, name);
        isKey = false;
      } else if (depth === 1 && wanted) found = at;
      at = end - 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      isKey = ++depth === 1;
    } else if (byte === 0x7d || byte === 0x5d) {
      if (--depth === 0) return found;
    } else if (byte === 0x2c && depth === 1) {
      isKey = true;
      wanted = false;
    }
  }
}

/** Whether the string `bytes[at, end)`, quotes included, is this name. */
function isKeyOf(bytes: Uint8Array, at: number, end: number, name: string): boolean {
  if (end - at - 2 === name.length) return isAt(bytes, at + 1, name);
  const escape = bytes.indexOf(BACKSLASH, at);
  return escape >= 0 && escape < end && JSON.parse(decoder.decode(bytes.subarray(at, end))) === name;
}

function isAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** Offset behind the closing quote of the string that opens at `at`. */
function stringEnd(bytes: Uint8Array, at: number): number {
  for (let i = at + 1;; i++) {
    if (bytes[i] === BACKSLASH) i++;
    else if (bytes[i] === QUOTE) return i + 1;
  }
}
