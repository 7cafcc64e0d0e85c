import { type Batch, UTF8_VALID } from "../core/batch.ts";
import type { ReadAgain } from "./held_bytes.ts";

const encoder = new TextEncoder();

/** Text of another encoding -> UTF-8 in the batch's scratch. A character cut by a long line's piece is kept for the next. */
export class LineDecoder {
  readonly #encoding: "gbk" | "utf16";
  readonly #file: ReadAgain;
  /** Made with the first bytes: a file that is opened while it is empty does not tell its byte order. */
  #decoder: TextDecoder | null = null;

  constructor(encoding: "gbk" | "utf16", file: ReadAgain) {
    this.#encoding = encoding;
    this.#file = file;
  }

  /** Decodes `bytes[begin, end)`; the result is `scratch[returned, scratchUsed)`. */
  decode(batch: Batch, bytes: Uint8Array, begin: number, end: number, goesOn: boolean): number {
    this.#decoder ??= new TextDecoder(this.#encoding === "gbk" ? "gb18030" : utf16Label(this.#file), {
      ignoreBOM: true,
    });
    const text = this.#decoder.decode(bytes.subarray(begin, end), { stream: goesOn });
    const at = batch.reserve(text.length * 3);
    batch.scratchUsed = at + encoder.encodeInto(text, batch.scratch.subarray(at)).written;
    if (batch.scratchUtf8 > UTF8_VALID) batch.scratchUtf8 = UTF8_VALID;
    return at;
  }
}

/** By the byte order mark at the begin of the file; little endian without one. */
function utf16Label(file: ReadAgain): string {
  const mark = new Uint8Array(2);
  const got = file.read(mark, 0, 2, 0);
  return got === 2 && mark[0] === 0xfe && mark[1] === 0xff ? "utf-16be" : "utf-16le";
}
