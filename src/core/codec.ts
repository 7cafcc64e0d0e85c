/** Compression of record batches, as the host offers it to flushers under `host.codecs`. */

/** Names of Kafka's codecs, in the order of their number in a batch's attributes (0 … 4). */
export const CODEC_NAMES = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

export type CodecName = (typeof CODEC_NAMES)[number];

/** One codec at one level. Synchronous: half a megabyte takes about a millisecond. */
export interface Codec {
  readonly name: CodecName;
  /** The number that a batch's attributes carry: 1 gzip, 2 snappy, 3 lz4, 4 zstd. */
  readonly id: number;
  /** Level in the codec's own terms; 0 where it has none. Codecs of equal name and level are the same object. */
  readonly level: number;
  /** Compresses `bytes[begin, end)`. The result is valid until the next call: copy it. */
  compress(bytes: Uint8Array, begin: number, end: number): Uint8Array;
  /** The inverse, for the rare batch that must be split; always a fresh array. */
  decompress(bytes: Uint8Array): Uint8Array;
}

/** The codecs that this runtime has. */
export interface Codecs {
  /**
   * Makes a codec ready; `null` when the runtime lacks it. Without a level: zstd -5 (nearly free, measured), gzip 1.
   * Throws a PermanentError when the level is outside of what the codec takes.
   */
  load(name: Exclude<CodecName, "none">, level?: number): Promise<Codec | null>;
}
