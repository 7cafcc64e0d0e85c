/**
 * The part of a node:zlib stream's private handle that is used here: one call of zlib at a time, on the caller's buffers,
 * without the machinery of streams. The same in Node and in Deno 2.9; Deno 2.4 returns what later ones put into
 * `_writeState`.
 */
export interface ZlibStream {
  readonly _handle: {
    onerror: (message: string, code: number) => void;
    reset(): void;
    close(): void;
    writeSync(
      flush: number,
      input: Uint8Array,
      inputAt: number,
      inputBytes: number,
      output: Uint8Array,
      outputAt: number,
      outputBytes: number,
    ): readonly [inputLeft: number, outputLeft: number] | undefined;
  };
  /** After a write: bytes of output left, bytes of input left. */
  readonly _writeState?: Uint32Array;
}
