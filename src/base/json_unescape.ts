import { jsonHexUnit } from "./json_scan.ts";

/** The byte that a one-letter escape stands for; 0: no such escape. */
const LETTERS = new Uint8Array(256);
for (
  const [letter, byte] of Object.entries({
    '"': 0x22,
    "\\": 0x5c,
    "/": 0x2f,
    b: 8,
    f: 12,
    n: 10,
    r: 13,
    t: 9,
  })
) {
  LETTERS[letter.charCodeAt(0)] = byte;
}

/**
 * The inside of a JSON string -> UTF-8, never longer than what comes in. Writes to `out` from `at` on and returns the
 * position behind; -1 when an escape is unknown or a surrogate stands alone. Bytes that are no escapes pass as they
 * are, control characters and broken UTF-8 too.
 */
export function unescapeJsonBytes(
  bytes: Uint8Array,
  begin: number,
  end: number,
  out: Uint8Array,
  at: number,
): number {
  for (let i = begin; i < end; i++) {
    const byte = bytes[i];
    if (byte !== 0x5c) {
      out[at++] = byte;
      continue;
    }
    const letter = i + 1 < end ? bytes[i + 1] : 0;
    if (letter !== 0x75) {
      if (LETTERS[letter] === 0) return -1;
      out[at++] = LETTERS[letter];
      i++;
      continue;
    }
    const unit = jsonHexUnit(bytes, i, end);
    if (unit < 0) return -1;
    if (unit >= 0xd800 && unit <= 0xdfff) {
      const low = bytes[i + 6] === 0x5c && bytes[i + 7] === 0x75 ? jsonHexUnit(bytes, i + 6, end) : -1;
      if (unit > 0xdbff || low < 0xdc00 || low > 0xdfff) return -1;
      at = writeFour(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), out, at);
      i += 11;
    } else {
      at = writeUnit(unit, out, at);
      i += 5;
    }
  }
  return at;
}

function writeUnit(unit: number, out: Uint8Array, at: number): number {
  if (unit < 0x80) {
    out[at] = unit;
    return at + 1;
  }
  if (unit < 0x800) {
    out[at] = 0xc0 | (unit >> 6);
    out[at + 1] = 0x80 | (unit & 0x3f);
    return at + 2;
  }
  out[at] = 0xe0 | (unit >> 12);
  out[at + 1] = 0x80 | ((unit >> 6) & 0x3f);
  out[at + 2] = 0x80 | (unit & 0x3f);
  return at + 3;
}

function writeFour(point: number, out: Uint8Array, at: number): number {
  out[at] = 0xf0 | (point >> 18);
  out[at + 1] = 0x80 | ((point >> 12) & 0x3f);
  out[at + 2] = 0x80 | ((point >> 6) & 0x3f);
  out[at + 3] = 0x80 | (point & 0x3f);
  return at + 4;
}
