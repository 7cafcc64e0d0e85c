/**
 * Variable-length integers as Kafka and Protocol Buffers write them: seven bits a byte, lowest first, the top bit
 * says that more follow. Signed numbers go through zigzag, so that small negative ones stay short:
 *
 *   0 -> 0   -1 -> 1   1 -> 2   -2 -> 3   …
 *
 * Numbers are exact up to 2^53; within a record of a batch none is larger.
 */

/** Zigzag of a safe integer below 2^52 in size. */
export function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

/** The number whose zigzag this is. */
export function unzigzag(coded: number): number {
  return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
}

/** Bytes that {@linkcode writeVarint} needs for a number ≥ 0. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  if (value < 0x10000000) return 4;
  let bytes = 5;
  for (let rest = Math.floor(value / 0x800000000); rest > 0; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

/** Writes a number ≥ 0 at `at` and returns where it ends. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  while (value > 0x7fffffff) {
    bytes[at++] = (value % 128) | 0x80;
    value = Math.floor(value / 128);
  }
  while (value > 0x7f) {
    bytes[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[at++] = value;
  return at;
}

/** Where {@linkcode readVarint} stopped; one object for the whole process, read it at once. */
export const varintEnd = { at: 0 };

/** Reads a number ≥ 0; its end is in {@linkcode varintEnd}. Throws a RangeError behind the end of the bytes. */
export function readVarint(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let scale = 1;; scale *= 128) {
    if (at >= bytes.length) throw new RangeError("a variable-length integer goes past the end of its bytes");
    const byte = bytes[at++];
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  varintEnd.at = at;
  return value;
}
