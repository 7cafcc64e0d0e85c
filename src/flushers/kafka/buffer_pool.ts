/**
 * Byte arrays of a few sizes, used again and again: a fresh arena per batch costs more resident memory than
 * everything else together (measured).
 */

/** Sizes kept: 16 KiB · 2^n up to 1 MiB. Larger arrays (giant records) are left to the garbage collector. */
export const POOL_SMALLEST_BYTES = 16 * 1024;
export const POOL_LARGEST_BYTES = 1024 * 1024;

/** Idle bytes kept over all sizes. */
const POOL_IDLE_BYTES_MAX = 4 * 1024 * 1024;

/** See the module comment. One per Kafka client. */
export class BufferPool {
  readonly #idle: Uint8Array[][] = [];
  #idleBytes = 0;

  /** An array of at least `bytes`; its contents are what was left in it. */
  take(bytes: number): Uint8Array {
    let size = POOL_SMALLEST_BYTES;
    let slot = 0;
    for (; size < bytes; slot++) size *= 2;
    const buffer = this.#idle[slot]?.pop();
    if (buffer === undefined) return new Uint8Array(size);
    this.#idleBytes -= size;
    return buffer;
  }

  /** Gives an array back; the caller forgets it. */
  give(buffer: Uint8Array): void {
    if (buffer.length > POOL_LARGEST_BYTES || this.#idleBytes + buffer.length > POOL_IDLE_BYTES_MAX) return;
    const slot = Math.log2(buffer.length / POOL_SMALLEST_BYTES);
    (this.#idle[slot] ??= []).push(buffer);
    this.#idleBytes += buffer.length;
  }
}
