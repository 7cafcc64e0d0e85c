import { makeBytes } from "../../base/buffers.ts";
import { GIANT_BYTES_MAX, GiantUses } from "../../base/reused_bytes.ts";

/**
 * Byte arrays of a few sizes, used again and again: a fresh arena per batch costs more resident memory than
 * everything else together (measured).
 */

/** Smallest and largest size kept. Of larger ones (giant records) the last is kept for a while. */
export const POOL_SMALLEST_BYTES = 16 * 1024;
export const POOL_LARGEST_BYTES = 1024 * 1024;

/** Sizes between one power of two and the next: 16, 20, 24, 28, 32, 40, … KiB. */
const STEPS = 4;

/** Idle bytes kept over all sizes. */
const POOL_IDLE_BYTES_MAX = 6 * 1024 * 1024;

/**
 * So many arrays of each size are kept in any case: else many small idle ones (sealed batches of many partitions) keep
 * the few large ones (open batches) out, and each new batch costs a fresh array: 60 MB more at 100 files.
 */
const IDLE_PER_SIZE_MIN = 2;

/** See the module comment. One per Kafka client. */
export class BufferPool {
  readonly #idle: Uint8Array[][] = [];
  #idleBytes = 0;
  #giant: Uint8Array | null = null;
  readonly #giants = new GiantUses(POOL_LARGEST_BYTES);

  /** An array of at least `bytes`; its contents are what was left in it. */
  take(bytes: number): Uint8Array {
    if (bytes > POOL_LARGEST_BYTES) return this.#takeGiant(bytes);
    if (this.#giant !== null && this.#giants.isOver(this.#giant.length, bytes)) this.#giant = null;
    const slot = slotOf(bytes);
    const buffer = this.#idle[slot]?.pop();
    if (buffer === undefined) return makeBytes(sizeOf(slot));
    this.#idleBytes -= buffer.length;
    return buffer;
  }

  #takeGiant(bytes: number): Uint8Array {
    const giant = this.#giant;
    this.#giant = null;
    this.#giants.giant();
    return giant !== null && giant.length >= bytes ? giant : makeBytes(sizeOf(slotOf(bytes)));
  }

  /** Gives an array back; the caller forgets it. */
  give(buffer: Uint8Array): void {
    const slot = slotOf(buffer.length);
    if (buffer.length !== sizeOf(slot)) return;
    if (buffer.length > POOL_LARGEST_BYTES) {
      if (buffer.length <= GIANT_BYTES_MAX) this.#giant = buffer;
      return;
    }
    const idle = this.#idle[slot] ??= [];
    if (this.#idleBytes + buffer.length > POOL_IDLE_BYTES_MAX && idle.length >= IDLE_PER_SIZE_MIN) return;
    idle.push(buffer);
    this.#idleBytes += buffer.length;
  }
}

/** Number of the smallest size that holds so many bytes. */
function slotOf(bytes: number): number {
  let octave = 0;
  let size = POOL_SMALLEST_BYTES;
  for (; size * 2 <= bytes; octave++) size *= 2;
  return octave * STEPS + Math.max(0, Math.ceil((bytes - size) * STEPS / size));
}

function sizeOf(slot: number): number {
  const octave = Math.floor(slot / STEPS);
  const size = POOL_SMALLEST_BYTES * 2 ** octave;
  return size + size * (slot - octave * STEPS) / STEPS;
}
