import { viewOf } from "./byte_views.ts";
import { specialBytes } from "./json_words.ts";

/**
 * Bytes and text -> the inside of a JSON string, as UTF-8, without the quotes. The same escapes as `JSON.stringify`:
 * `\"`, `\\`, `\b \t \n \f \r`, else `\u00xx` below 0x20; everything else as it is.
 *
 * Every function writes to `out` from `at` on, returns the position behind what it wrote, and never writes past that.
 * The caller has made room: at most {@linkcode JSON_ESCAPE_GROWTH} bytes for each one that comes in.
 */

/** Output bytes per input byte (or UTF-16 unit) at most: one control byte becomes `\u0001`. */
export const JSON_ESCAPE_GROWTH = 6;

/** 0: as it is; `u`: six characters; else the character behind the backslash. */
const ESCAPE = new Uint8Array(256);
ESCAPE.fill(0x75, 0, 0x20);
ESCAPE[0x08] = 0x62;
ESCAPE[0x09] = 0x74;
ESCAPE[0x0a] = 0x6e;
ESCAPE[0x0c] = 0x66;
ESCAPE[0x0d] = 0x72;
ESCAPE[0x22] = 0x22;
ESCAPE[0x5c] = 0x5c;
const BACKSLASH = 0x5c, LETTER_U = 0x75;
const HEX = new TextEncoder().encode("0123456789abcdef");

/** Below this many bytes four at a time is quicker than `set`, which has to make a subarray first. */
export const SHORT_COPY_BYTES = 96;

/** Copies UTF-8 `bytes[begin, end)`; other bytes may change, see {@linkcode copyShort}. */
export function copyBytes(
  bytes: Uint8Array,
  begin: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  const length = end - begin;
  if (length < SHORT_COPY_BYTES) return copyShort(viewOf(bytes), begin, end, viewOf(out), at);
  out.set(begin === 0 && end === bytes.length ? bytes : bytes.subarray(begin, end), at);
  return at + length;
}

/**
 * Copies a short piece of UTF-8 from one array to another, for callers that hold the views already. Eight bytes travel as
 * one double, which changes none of them: a double that is no number begins (its highest bytes, which come last) with
 * 0x7f or 0xff behind a byte from 0xf0 on, and UTF-8 never has these two beside each other.
 */
export function copyShort(from: DataView, begin: number, end: number, to: DataView, at: number): number {
  let i = begin;
  if (end - begin < 8) return copyTiny(from, begin, end, to, at);
  for (const wide = end - 16; i < wide; i += 16, at += 16) {
    to.setFloat64(at, from.getFloat64(i, true), true);
    to.setFloat64(at + 8, from.getFloat64(i + 8, true), true);
  }
  const last = end - 8;
  if (i < last) {
    to.setFloat64(at, from.getFloat64(i, true), true);
    i += 8, at += 8;
  }
  // The last eight once more from their end: no loop for what is left over, and no byte behind it.
  at += last - i;
  to.setFloat64(at, from.getFloat64(last, true), true);
  return at + 8;
}

function copyTiny(from: DataView, begin: number, end: number, to: DataView, at: number): number {
  const length = end - begin;
  if (length < 4) {
    for (let i = begin; i < end; i++) to.setUint8(at++, from.getUint8(i));
    return at;
  }
  to.setInt32(at, from.getInt32(begin, true), true);
  at += length;
  to.setInt32(at - 4, from.getInt32(end - 4, true), true);
  return at;
}

/** Escapes UTF-8 `bytes[begin, end)`; bytes that are not UTF-8 pass as they are. */
export function escapeJson(
  bytes: Uint8Array,
  begin: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  return escapeView(viewOf(bytes), begin, end, viewOf(out), at);
}

/** {@linkcode escapeJson} for callers that hold the views already. */
export function escapeView(from: DataView, begin: number, end: number, to: DataView, at: number): number {
  const whole = end - 4, wide = end - 16;
  let i = begin;
  while (i <= whole) {
    let word = from.getInt32(i, true);
    to.setInt32(at, word, true);
    let special = specialBytes(word);
    if (special === 0) {
      // Up to four words in one turn of the loop: the loop itself costs as much as two of them.
      if (i > wide) {
        i += 4, at += 4;
        continue;
      }
      word = from.getInt32(i + 4, true);
      to.setInt32(at + 4, word, true);
      special = specialBytes(word);
      if (special !== 0) i += 4, at += 4;
      else {
        word = from.getInt32(i + 8, true);
        to.setInt32(at + 8, word, true);
        special = specialBytes(word);
        if (special !== 0) i += 8, at += 8;
        else {
          word = from.getInt32(i + 12, true);
          to.setInt32(at + 12, word, true);
          special = specialBytes(word);
          if (special === 0) {
            i += 16, at += 16;
            continue;
          }
          i += 12, at += 12;
        }
      }
    }
    // The lowest mark is exact: what is before it stands already.
    const bits = (31 - Math.clz32(special & -special)) & 24;
    const byte = (word >>> bits) & 255;
    i += (bits >> 3) + 1;
    at += bits >> 3;
    const letter = ESCAPE[byte];
    to.setInt16(at, BACKSLASH | letter << 8, true);
    at += 2;
    if (letter === LETTER_U) at = writeHex(byte, to, at);
  }
  if (i < end && whole >= begin) {
    // The last four bytes once more: what of them stands already stands as it is if none of them is special.
    const word = from.getInt32(whole, true);
    if (specialBytes(word) === 0) {
      to.setInt32(at + whole - i, word, true);
      return at + end - i;
    }
  }
  for (; i < end; i++) {
    const byte = from.getUint8(i);
    const letter = ESCAPE[byte];
    if (letter === 0) to.setUint8(at++, byte);
    else {
      to.setInt16(at, BACKSLASH | letter << 8, true);
      at += 2;
      if (letter === LETTER_U) at = writeHex(byte, to, at);
    }
  }
  return at;
}

/** `00` and two hex digits. */
function writeHex(byte: number, to: DataView, at: number): number {
  to.setInt16(at, 0x3030);
  to.setUint8(at + 2, HEX[byte >> 4]);
  to.setUint8(at + 3, HEX[byte & 15]);
  return at + 4;
}

/** As {@linkcode escapeJson}; each invalid sequence becomes U+FFFD, exactly as `TextDecoder` cuts them. */
export function escapeJsonRepaired(
  bytes: Uint8Array,
  begin: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  return repair(bytes, begin, end, out, at, ESCAPE);
}

/** Copies bytes that are JSON-escaped already; each invalid UTF-8 sequence becomes U+FFFD. */
export function copyRepaired(
  bytes: Uint8Array,
  begin: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  return repair(bytes, begin, end, out, at, ESCAPE_NOTHING);
}

/** Escapes text; a lone surrogate becomes U+FFFD, as `TextEncoder` writes it. */
export function escapeJsonText(text: string, out: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      if (ESCAPE[unit] === 0) out[at++] = unit;
      else at = escapeByte(unit, out, at);
    } else if (unit < 0x800) {
      out[at++] = 0xc0 | (unit >> 6);
      out[at++] = 0x80 | (unit & 0x3f);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      at = writeThree(unit, out, at);
    } else {
      const low = unit < 0xdc00 && i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
      if (low < 0xdc00 || low > 0xdfff) at = writeThree(0xfffd, out, at);
      else {
        const point = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        out[at++] = 0xf0 | (point >> 18);
        out[at++] = 0x80 | ((point >> 12) & 0x3f);
        out[at++] = 0x80 | ((point >> 6) & 0x3f);
        out[at++] = 0x80 | (point & 0x3f);
        i++;
      }
    }
  }
  return at;
}

/** An upper bound of what the byte functions write for `bytes[begin, end)`, much closer than the growth factor. */
export function escapedBytesMax(bytes: Uint8Array, begin: number, end: number): number {
  let max = end - begin;
  for (let i = begin; i < end; i++) {
    const byte = bytes[i];
    if (byte >= 0x80) max += 2;
    else if (ESCAPE[byte] !== 0) max += ESCAPE[byte] === 0x75 ? 5 : 1;
  }
  return max;
}

/** The same for {@linkcode escapeJsonText}. */
export function escapedTextMax(text: string): number {
  let max = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) max += 2;
    else if (ESCAPE[unit] !== 0) max += ESCAPE[unit] === 0x75 ? 5 : 1;
  }
  return max;
}

const ESCAPE_NOTHING = new Uint8Array(256);

function repair(
  bytes: Uint8Array,
  begin: number,
  end: number,
  out: Uint8Array,
  at: number,
  escape: Uint8Array,
): number {
  let i = begin;
  while (i < end) {
    const byte = bytes[i];
    if (byte < 0x80) {
      if (escape[byte] === 0) out[at++] = byte;
      else at = escapeByte(byte, out, at);
      i++;
      continue;
    }
    const length = sequenceLength(bytes, i, end);
    if (length > 0) {
      for (const stop = i + length; i < stop; i++) out[at++] = bytes[i];
    } else {
      at = writeThree(0xfffd, out, at);
      i -= length;
    }
  }
  return at;
}

/**
 * Length of the UTF-8 sequence at `i`; negative: it is broken, and so many bytes (the longest piece that begins a
 * valid one, at least 1) become one U+FFFD. WHATWG Encoding, "UTF-8 decoder".
 */
function sequenceLength(bytes: Uint8Array, i: number, end: number): number {
  const lead = bytes[i];
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const need = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
  // Overlong forms, surrogates and points past U+10FFFF show in the second byte.
  let lower = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  let upper = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  for (let n = 1; n <= need; n++) {
    const byte = i + n < end ? bytes[i + n] : 0;
    if (byte < lower || byte > upper) return -n;
    lower = 0x80;
    upper = 0xbf;
  }
  return need + 1;
}

function escapeByte(byte: number, out: Uint8Array, at: number): number {
  const letter = ESCAPE[byte];
  out[at] = 0x5c;
  out[at + 1] = letter;
  if (letter !== 0x75) return at + 2;
  out[at + 2] = 0x30;
  out[at + 3] = 0x30;
  out[at + 4] = HEX[byte >> 4];
  out[at + 5] = HEX[byte & 15];
  return at + 6;
}

function writeThree(unit: number, out: Uint8Array, at: number): number {
  out[at] = 0xe0 | (unit >> 12);
  out[at + 1] = 0x80 | ((unit >> 6) & 0x3f);
  out[at + 2] = 0x80 | (unit & 0x3f);
  return at + 3;
}
