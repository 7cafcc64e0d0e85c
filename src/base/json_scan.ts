import { viewOf } from "./byte_views.ts";
import { plainEnd } from "./json_words.ts";

/**
 * Finding the ends of JSON tokens in bytes, strictly: -1 says "odd or incomplete, look again with care", never a
 * guess. Positions are those of the array; nothing at or behind `end` is looked at.
 */

/** First position from `i` on that holds no JSON white space. */
export function skipJsonSpace(bytes: Uint8Array, i: number, end: number): number {
  while (i < end) {
    const byte = bytes[i];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return i;
    i++;
  }
  return end;
}

/**
 * Position of the quote that ends the string whose first character is at `i`. -1 when it is not closed, holds raw
 * control characters, an unknown escape or a lone surrogate: then its bytes are not the inside of a JSON string.
 */
export function jsonStringEnd(bytes: Uint8Array, i: number, end: number): number {
  const view = viewOf(bytes);
  for (;;) {
    i = plainEnd(view, i, end);
    if (i >= end) return -1;
    if (bytes[i] === 0x22) return i;
    if (bytes[i] !== 0x5c) return -1;
    i = jsonEscapeEnd(bytes, i, end);
    if (i < 0) return -1;
  }
}

/** Position behind the escape that begins at `i` (two of them for a surrogate pair), -1 if it is not a valid one. */
export function jsonEscapeEnd(bytes: Uint8Array, i: number, end: number): number {
  if (i + 1 >= end) return -1;
  switch (bytes[i + 1]) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return i + 2;
    case 0x75: // u
      break;
    default:
      return -1;
  }
  const unit = jsonHexUnit(bytes, i, end);
  if (unit < 0) return -1;
  if (unit < 0xd800 || unit > 0xdfff) return i + 6;
  if (unit > 0xdbff || i + 7 >= end || bytes[i + 6] !== 0x5c || bytes[i + 7] !== 0x75) return -1;
  const low = jsonHexUnit(bytes, i + 6, end);
  return low >= 0xdc00 && low <= 0xdfff ? i + 12 : -1;
}

/** The UTF-16 unit that `\uXXXX` at `i` names; -1 if there are no four hex digits. */
export function jsonHexUnit(bytes: Uint8Array, i: number, end: number): number {
  if (i + 6 > end) return -1;
  let unit = 0;
  for (let n = 2; n < 6; n++) {
    const byte = bytes[i + n];
    let digit = byte - 0x30;
    if (digit < 0) return -1;
    if (digit > 9) {
      digit = (byte | 0x20) - 0x57;
      if (digit < 10 || digit > 15) return -1;
    }
    unit = unit << 4 | digit;
  }
  return unit;
}

/** Nesting that fits the bits of {@linkcode jsonNestedEnd}. */
const NESTED_DEPTH_MAX = 31;

/**
 * Position behind the object or array that begins at `i`; -1 when brackets do not pair up, a string is odd, or it is
 * deeper than 31 levels. What stands between brackets and strings is not looked at.
 */
export function jsonNestedEnd(bytes: Uint8Array, i: number, end: number): number {
  // One bit per open bracket: 1 for an object. The newest is the lowest.
  let open = 0;
  let depth = 0;
  for (; i < end; i++) {
    switch (bytes[i]) {
      case 0x22: // "
        i = jsonStringEnd(bytes, i + 1, end);
        if (i < 0) return -1;
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > NESTED_DEPTH_MAX) return -1;
        open = open << 1 | (bytes[i] === 0x7b ? 1 : 0);
        break;
      case 0x7d: // }
      case 0x5d: // ]
        if ((open & 1) !== (bytes[i] === 0x7d ? 1 : 0)) return -1;
        open >>>= 1;
        if (--depth === 0) return i + 1;
    }
  }
  return -1;
}

/** What a byte means within a number or word: 0 it goes on, {@linkcode WORD_END} or {@linkcode WORD_ODD}. */
const WORD = new Uint8Array(256);
const WORD_END = 1, WORD_ODD = 2;
WORD.fill(WORD_ODD, 0, 0x20);
for (const byte of '"{[\\') WORD[byte.charCodeAt(0)] = WORD_ODD;
for (const byte of " ,}]\n\r\t") WORD[byte.charCodeAt(0)] = WORD_END;

/**
 * Position behind a number or word: that of the next space, comma or closing bracket; -1 if none comes, or something
 * before it that cannot stand in a JSON string as it is, or an opening bracket.
 */
export function jsonWordEnd(bytes: Uint8Array, i: number, end: number): number {
  for (; i < end; i++) {
    const kind = WORD[bytes[i]];
    if (kind !== 0) return kind === WORD_END ? i : -1;
  }
  return -1;
}
