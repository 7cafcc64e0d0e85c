/**
 * Unpacks one gzip stream, forwards and in pieces; input and output are the caller's. A stream of several members, as
 * `cat a.gz b.gz` gives, is one.
 */
export interface Inflater {
  /** Bytes of input that the last step took. */
  readonly taken: number;
  /** Bytes of output that the last step gave. */
  readonly given: number;
  /**
   * Unpacks `input[begin, begin + length)` into `output[at, at + room)`, as far as there is input and room. Throws a
   * `PermanentError` (`GZIP_DAMAGED`) when the bytes are no gzip stream, or a check sum is wrong.
   */
  step(
    input: Uint8Array,
    begin: number,
    length: number,
    output: Uint8Array,
    at: number,
    room: number,
  ): void;
  /** Whether the stream ends with what was taken; asked when there is no more input. No steps after that. */
  isComplete(): boolean;
  /** Gives its memory back. */
  close(): void;
}
