import { makeBytes } from "../base/buffers.ts";
import type { OpenFile } from "../core/host.ts";
import type { Inflater } from "../core/inflater.ts";
import { CHUNK_BYTES } from "./arena_pool.ts";
import { ANCHOR_BYTES } from "./identity.ts";

/** Packed bytes read at a time. */
const INPUT_BYTES = 64 * 1024;
/** Room for one step's output. */
const STEP_BYTES = 64 * 1024;
/** Unpacked bytes that stay readable behind the end: a chunk of which only the first lines were taken comes again. */
const KEEP_BYTES = CHUNK_BYTES + ANCHOR_BYTES + STEP_BYTES;

/** How far the stream is: in it, at its regular end, at the end of a file that is too short, at damaged bytes, or closed. */
export type PackedState = "more" | "whole" | "cut" | "damaged" | "closed";

/**
 * One pass through a packed file, with a window over what was unpacked last:
 *
 *   0 ……… begin |window| end ……… (not unpacked yet)
 */
export class PackedStream {
  state: PackedState = "more";
  /** Offsets in the unpacked stream. */
  begin = 0;
  end = 0;
  readonly #inflater: Inflater;
  #input: Uint8Array = makeBytes(INPUT_BYTES);
  #inputBegin = 0;
  #inputEnd = 0;
  #fileAt = 0;
  #keepBytes = KEEP_BYTES;
  #window: Uint8Array = makeBytes(2 * KEEP_BYTES);

  constructor(inflater: Inflater) {
    this.#inflater = inflater;
  }

  /** From now on at least so many bytes behind the end stay readable. */
  keep(bytes: number): void {
    if (bytes + STEP_BYTES <= this.#keepBytes) return;
    this.#keepBytes = bytes + STEP_BYTES;
    const grown = makeBytes(2 * this.#keepBytes);
    grown.set(this.#window.subarray(0, this.end - this.begin));
    this.#window = grown;
  }

  /** Unpacks one step from the file, 64 KiB at most. Throws what reading throws. */
  advance(file: OpenFile): void {
    if (this.state !== "more") return;
    if (this.#inputBegin === this.#inputEnd) {
      this.#inputBegin = this.#inputEnd = 0;
      this.#inputEnd = file.read(this.#input, 0, INPUT_BYTES, this.#fileAt);
      this.#fileAt += this.#inputEnd;
    }
    let fill = this.end - this.begin;
    if (this.#window.length - fill < STEP_BYTES) {
      const drop = fill - this.#keepBytes;
      this.#window.copyWithin(0, drop, fill);
      this.begin += drop;
      fill -= drop;
    }
    const length = this.#inputEnd - this.#inputBegin;
    try {
      this.#inflater.step(this.#input, this.#inputBegin, length, this.#window, fill, STEP_BYTES);
    } catch {
      this.state = "damaged";
      return;
    }
    const { taken, given } = this.#inflater;
    this.#inputBegin += taken;
    this.end += given;
    if (taken > 0 || given > 0) return;
    // Zeros that fill the last block of a tape, or nothing at all.
    if (length > 0) this.#inputBegin = this.#inputEnd;
    else this.state = this.#inflater.isComplete() ? "whole" : "cut";
  }

  /** Copies from the window; `at` is an offset in the unpacked stream. Returns how many bytes it has of them. */
  read(into: Uint8Array, begin: number, length: number, at: number): number {
    if (at < this.begin) return 0;
    const count = Math.max(0, Math.min(length, this.end - at));
    into.set(this.#window.subarray(at - this.begin, at - this.begin + count), begin);
    return count;
  }

  close(): void {
    if (this.state === "closed") return;
    this.#inflater.close();
    this.state = "closed";
  }
}
