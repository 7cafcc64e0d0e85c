import { Buffer } from "node:buffer";

/**
 * Bytes -> text for single fields. `latin1Slice` is the cheapest by far where it is native (0.06 µs a line on Deno
 * 2.9), and a trap where it is written in JavaScript (Deno 2.4: 9 ms per 256 KiB); then `TextDecoder` is taken.
 * On 2.9 the method is one call of the native `decodeLatin1`.
 */
export const LATIN1_NATIVE: boolean = /\[native code\]|\bdecodeLatin1\(/.test(
  Function.prototype.toString.call((Buffer.prototype as Latin1Buffer).latin1Slice),
);

/** The type of Node's `Buffer` leaves its fast slices out. */
type Latin1Buffer = Buffer & { latin1Slice(begin: number, end: number): string };

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Remembers a `Buffer` view of the array asked for last: making one per field would cost more than the decoding. */
export class TextSlicer {
  #array: Uint8Array = new Uint8Array(0);
  #buffer: Latin1Buffer = Buffer.alloc(0) as Latin1Buffer;

  /** Text of `bytes[begin, end)` which the caller knows to be ASCII. */
  ascii(bytes: Uint8Array, begin: number, end: number): string {
    if (!LATIN1_NATIVE) return utf8.decode(bytes.subarray(begin, end));
    if (bytes !== this.#array) {
      this.#array = bytes;
      this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) as Latin1Buffer;
    }
    return this.#buffer.latin1Slice(begin, end);
  }

  /** Text of UTF-8 `bytes[begin, end)`; each invalid sequence becomes U+FFFD. */
  utf8(bytes: Uint8Array, begin: number, end: number): string {
    return utf8.decode(bytes.subarray(begin, end));
  }
}

/** Whether all of `bytes[begin, end)` is below 0x80. */
export function isAscii(bytes: Uint8Array, begin: number, end: number): boolean {
  let i = begin;
  const whole = end - 3;
  // Four at a time without an aligned view: `begin` is anywhere.
  for (; i < whole; i += 4) {
    if (((bytes[i] | bytes[i + 1] | bytes[i + 2] | bytes[i + 3]) & 0x80) !== 0) return false;
  }
  for (; i < end; i++) if (bytes[i] >= 0x80) return false;
  return true;
}
