/**
 * Arrays on the way of a line, made here so that they are counted. Once each has found its size, none of 4 KiB or more
 * is made any more, however many batches pass: a fresh arena per batch costs more resident memory than everything else
 * together (measured).
 */

/** Smaller ones are not counted: V8 keeps their like anyway. */
export const LARGE_BYTES = 4096;

/** How many large ones were made since the start of the process. */
export const largeBuffers = { made: 0 };

/** Counts one that somebody else has made, or is about to make. */
export function countBuffer(bytes: number): void {
  if (bytes >= LARGE_BYTES) largeBuffers.made++;
}

export function makeBytes(length: number): Uint8Array<ArrayBuffer> {
  countBuffer(length);
  return new Uint8Array(length);
}

export function makeInts(length: number): Int32Array<ArrayBuffer> {
  countBuffer(4 * length);
  return new Int32Array(length);
}

export function makeDoubles(length: number): Float64Array<ArrayBuffer> {
  countBuffer(8 * length);
  return new Float64Array(length);
}
