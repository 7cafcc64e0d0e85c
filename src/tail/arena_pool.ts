import { makeBytes } from "../base/buffers.ts";
import { ANCHOR_BYTES } from "./identity.ts";

/** Bytes read at a time. 64 KiB to 1 MiB cost the same CPU; small chunks keep the memory small. */
export const CHUNK_BYTES = 256 * 1024;
/** A buffer that nobody used for this long is given back. */
const UNUSED_MS = 10_000;

/** Arena with room for the bytes before the cursor and, at its end, for reads and writes past the end. */
export function makeArena(bytes: number): Uint8Array {
  return makeBytes(ANCHOR_BYTES + bytes + 64);
}

/**
 * Buffers that files are read into: one for all turns, a few for reads that wait outside the event loop, and a large
 * one for a line longer than a chunk. Fresh buffers at each read would cost more memory than all else together.
 */
export class ArenaPool {
  /** Bytes read at a time. */
  readonly chunkBytes: number;
  /** For turns, which never overlap. */
  readonly chunk: Uint8Array;
  readonly #free: Uint8Array[] = [];
  #long: Uint8Array | null = null;
  #longTaken = false;
  #usedMs = 0;

  /** `chunkBytes`: at least the bytes that tell a file (`HEAD_BYTES_MAX`); other than the constant in tests only. */
  constructor(chunkBytes: number = CHUNK_BYTES) {
    this.chunkBytes = chunkBytes;
    this.chunk = makeArena(chunkBytes);
  }

  /** A chunk that stays taken while a slow read waits. */
  takeChunk(): Uint8Array {
    return this.#free.pop() ?? makeArena(this.chunkBytes);
  }

  giveChunk(arena: Uint8Array, nowMs: number): void {
    this.#usedMs = nowMs;
    this.#free.push(arena);
  }

  /** The large one with room for `bytes`, `null` while another line has it. */
  takeLong(bytes: number): Uint8Array | null {
    if (this.#longTaken) return null;
    this.#longTaken = true;
    if (this.#long === null || this.#long.length < ANCHOR_BYTES + bytes + 64) this.#long = makeArena(bytes);
    return this.#long;
  }

  giveLong(nowMs: number): void {
    this.#longTaken = false;
    this.#usedMs = nowMs;
  }

  /** Called from time to time: gives back what was not used for a while. */
  trim(nowMs: number): void {
    if (nowMs - this.#usedMs < UNUSED_MS) return;
    this.#free.length = 0;
    if (!this.#longTaken) this.#long = null;
  }

  /** Bytes held besides the one chunk of the turns. */
  get extraBytes(): number {
    return this.#free.reduce((sum, { length }) => sum + length, 0) + (this.#long?.length ?? 0);
  }
}
