import { makeBytes } from "./buffers.ts";

/** Giant records up to about this size find the array that the one before them had; larger ones get their own. */
export const GIANT_BYTES_MAX = 4 * 1024 * 1024;
/** So many small uses in a row, and the array of a giant one is given back. */
const SMALL_USES_MAX = 256;

/**
 * Decides when an array that a giant record needed is given back: not at once, because giants come in rows (a hundred
 * containers that each end a line of 1 MiB), and the garbage of fresh arrays is collected later than memory runs out.
 */
export class GiantUses {
  readonly #usualBytes: number;
  #smallUses = 0;

  /** Up to `usualBytes` an array stays for ever. */
  constructor(usualBytes: number) {
    this.#usualBytes = usualBytes;
  }

  /** Whether an array of `length` is too large to keep, now that `usedBytes` of it were or will be used. */
  isOver(length: number, usedBytes: number): boolean {
    if (length <= this.#usualBytes) return false;
    if (usedBytes > this.#usualBytes) this.giant();
    else if (++this.#smallUses >= SMALL_USES_MAX) return true;
    return length > GIANT_BYTES_MAX;
  }

  /** A giant came. */
  giant(): void {
    this.#smallUses = 0;
  }
}

/** One array for one use after the other; its contents do not outlive the next `take`. */
export class ReusedBytes {
  readonly #stepBytes: number;
  readonly #uses: GiantUses;
  #bytes: Uint8Array<ArrayBuffer>;

  /** Begins with one step; sizes are multiples of it. Up to `usualBytes` it stays for ever. */
  constructor(stepBytes: number, usualBytes: number) {
    this.#stepBytes = stepBytes;
    this.#uses = new GiantUses(usualBytes);
    this.#bytes = makeBytes(stepBytes);
  }

  /** An array of at least so many bytes, with whatever is in it. */
  take(bytes: number): Uint8Array<ArrayBuffer> {
    const isOver = this.#uses.isOver(this.#bytes.length, bytes);
    if (isOver || this.#bytes.length < bytes) {
      this.#bytes = makeBytes(Math.ceil(Math.max(bytes, 1) / this.#stepBytes) * this.#stepBytes);
    }
    return this.#bytes;
  }
}
