import { makeBytes } from "../base/buffers.ts";
import type { FileInfo, OpenFile } from "../core/host.ts";
import type { HeadHash } from "../core/checkpoint.ts";
import { ANCHOR_BYTES, hashBytes, HEAD_BYTES_MAX } from "./identity.ts";
import { PackedStream } from "./packed_stream.ts";
import type { Inflater } from "../core/inflater.ts";

/** Unpacked bytes of one packed file; what gives more is no log, but a bomb. */
export const UNPACKED_BYTES_MAX = 8 * 1024 * 1024 * 1024;
/** Bytes before the end in which the time of the last line is looked for. */
const TAIL_BYTES = 64 * 1024;

/** Some bytes of the unpacked stream. */
export interface Spot {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** What a look through a packed file found. */
export interface PackedFacts {
  /** Of the packed file. */
  readonly info: FileInfo;
  /** End of the unpacked stream. */
  readonly unpackedBytes: number;
  /** The places that somebody asked for, so that nobody has to unpack up to them for a few bytes. */
  readonly spots: readonly Spot[];
}

/** What became of the look. `cut`: the file ends before its stream does. */
export type SurveyResult = "whole" | "cut" | "damaged" | "too_large";

/** A look through one packed file, in steps. */
export class PackedSurvey {
  readonly #file: OpenFile;
  readonly #info: FileInfo;
  readonly #stream: PackedStream;
  readonly #bytesMax: number;
  readonly #spots: Spot[] = [];
  #wanted: number[] = [];
  #next = 0;

  constructor(file: OpenFile, inflater: Inflater, bytesMax: number = UNPACKED_BYTES_MAX) {
    this.#file = file;
    this.#info = file.info();
    this.#stream = new PackedStream(inflater);
    this.#bytesMax = bytesMax;
  }

  /** The first unpacked bytes, 1 KiB if there are so many; before `want`. */
  head(): Uint8Array {
    const stream = this.#stream;
    while (stream.end < HEAD_BYTES_MAX && stream.state === "more") stream.advance(this.#file);
    const bytes = makeBytes(Math.min(stream.end, HEAD_BYTES_MAX));
    stream.read(bytes, 0, bytes.length, 0);
    this.#spots.push({ at: 0, bytes });
    return bytes;
  }

  /** The bytes before these places are kept. */
  want(places: readonly number[]): void {
    this.#wanted = [...new Set(places)].filter((at) => at > 0).sort((a, b) => a - b);
    this.#note();
  }

  /** Unpacks about so many bytes more; `null`: there is more. Throws what reading throws. */
  step(bytes: number): SurveyResult | null {
    const stream = this.#stream;
    const until = stream.end + bytes;
    while (stream.state === "more" && stream.end < until) {
      stream.advance(this.#file);
      this.#note();
      if (stream.end > this.#bytesMax) return "too_large";
    }
    return stream.state === "more" || stream.state === "closed" ? null : stream.state;
  }

  /** The last unpacked bytes; after the last step. */
  last(): Uint8Array {
    const { begin, end } = this.#stream;
    const bytes = makeBytes(Math.min(TAIL_BYTES, end - begin));
    this.#stream.read(bytes, 0, bytes.length, end - bytes.length);
    return bytes;
  }

  /** After the last step. */
  facts(): PackedFacts {
    const { end } = this.#stream;
    this.#keep(end);
    return { info: this.#info, unpackedBytes: end, spots: this.#spots };
  }

  close(): void {
    this.#stream.close();
    this.#file.close();
  }

  #note(): void {
    while (this.#next < this.#wanted.length && this.#wanted[this.#next] <= this.#stream.end) {
      this.#keep(this.#wanted[this.#next++]);
    }
  }

  #keep(at: number): void {
    const begin = Math.max(0, at - ANCHOR_BYTES, this.#stream.begin);
    const bytes = makeBytes(at - begin);
    this.#stream.read(bytes, 0, bytes.length, begin);
    this.#spots.push({ at: begin, bytes });
  }
}

/** Whether the unpacked stream begins as a saved file did. */
export function beginsAs(head: Uint8Array, saved: HeadHash): boolean {
  return saved.length <= head.length && hashBytes(head, 0, saved.length) === saved.hash;
}

/**
 * What the outside of a gzip file says (RFC 1952): bytes 4 to 7 of the first member are the time of the unpacked file in
 * seconds, 0 where the packer does not say; the last four are the unpacked length, modulo 2^32, of the last member.
 */
export function outsideOf(file: OpenFile): { readonly modifiedMs: number; readonly lengthMod32: number } {
  const { sizeBytes } = file.info();
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  if (sizeBytes < 18 || file.read(bytes, 0, 8, 0) !== 8) return { modifiedMs: 0, lengthMod32: -1 };
  const modifiedMs = view.getUint32(4, true) * 1000;
  const lengthMod32 = file.read(bytes, 0, 4, sizeBytes - 4) === 4 ? view.getUint32(0, true) : -1;
  return { modifiedMs, lengthMod32 };
}
