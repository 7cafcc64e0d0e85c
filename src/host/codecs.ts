import { Buffer } from "node:buffer";
import zlib from "node:zlib";
import { countBuffer } from "../base/buffers.ts";
import type { Codec, CodecName, Codecs } from "../core/codec.ts";
import { PermanentError } from "../core/errors.ts";
import { pooledDeflate } from "./pooled_deflate.ts";

/** zstd below its own "fast" levels: half the price of level 1, and it pays for itself in checksum and socket. */
const ZSTD_LEVEL = -5;
const GZIP_LEVEL = 1;

/** Xerial's framing of snappy, as Kafka's Java clients write it: blocks of at most this many plain bytes. */
const SNAPPY_BLOCK_BYTES = 32 * 1024;
const SNAPPY_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1];

type Wasm = typeof import("@platformatic/wasm-utils/bundled");

/** The codecs of this runtime; each is made once per level. zstd is absent before Deno 2.6 or so: asked, not guessed. */
export class HostCodecs implements Codecs {
  readonly #made: Map<string, Codec | null> = new Map();

  async load(name: Exclude<CodecName, "none">, level?: number): Promise<Codec | null> {
    const at = level ?? (name === "zstd" ? ZSTD_LEVEL : name === "gzip" ? GZIP_LEVEL : 0);
    const key = `${name} ${at}`;
    let codec = this.#made.get(key);
    if (codec === undefined) {
      codec = await make(name, at);
      // Two pipelines may have asked at the same time: all get the object that was there first.
      codec = this.#made.get(key) ?? codec;
      this.#made.set(key, codec);
    }
    return codec;
  }
}

function make(name: Exclude<CodecName, "none">, level: number): Promise<Codec | null> | Codec | null {
  switch (name) {
    case "gzip":
      return gzip(checkLevel(name, level, 0, 9));
    case "zstd":
      return zstd(checkLevel(name, level, -7, 22));
    case "snappy":
      return import("@platformatic/wasm-utils/bundled").then(snappy);
    case "lz4":
      return import("@platformatic/wasm-utils/bundled").then(lz4);
  }
}

function checkLevel(name: string, level: number, least: number, most: number): number {
  if (level >= least && level <= most) return level;
  throw new PermanentError("CODEC_LEVEL", `'${name}' has levels ${least} to ${most}, not '${level}'`);
}

function gzip(level: number): Codec {
  const plain = (bytes: Uint8Array) => counted(zlib.gzipSync(bytes, { level }));
  const decompress = (bytes: Uint8Array): Uint8Array => zlib.gunzipSync(bytes);
  const compress = atFirstUse(() => pooledDeflate("gzip", level, decompress) ?? plain);
  return codec("gzip", 1, level, compress, decompress);
}

function zstd(level: number): Codec | null {
  if (typeof zlib.zstdCompressSync !== "function") return null;
  const params = { [zlib.constants.ZSTD_c_compressionLevel]: level };
  const plain = (bytes: Uint8Array) => counted(zlib.zstdCompressSync(bytes, { params }));
  const decompress = (bytes: Uint8Array): Uint8Array => zlib.zstdDecompressSync(bytes);
  const compress = atFirstUse(() => pooledDeflate("zstd", level, decompress) ?? plain);
  return codec("zstd", 4, level, compress, decompress);
}

/** A context and its trial cost 6 ms and half a megabyte; of two codecs that are ready, one is used. */
function atFirstUse(make: () => (bytes: Uint8Array) => Uint8Array): (bytes: Uint8Array) => Uint8Array {
  let made: ReturnType<typeof make> | null = null;
  return (bytes) => (made ??= make())(bytes);
}

function lz4(wasm: Wasm): Codec {
  return codec(
    "lz4",
    3,
    0,
    (bytes) => counted(wasm.lz4Compress(asBuffer(bytes))),
    (bytes) => wasm.lz4Decompress(asBuffer(bytes)),
  );
}

/*
 * Xerial frame: magic and versions (16 bytes), then per block its compressed length (4 bytes) and the block.
 */
function snappy(wasm: Wasm): Codec {
  const compress = (bytes: Uint8Array): Uint8Array => {
    const blocks: Uint8Array[] = [Uint8Array.from(SNAPPY_MAGIC)];
    for (let at = 0; at < bytes.length; at += SNAPPY_BLOCK_BYTES) {
      const block = wasm.snappyCompress(asBuffer(bytes.subarray(at, at + SNAPPY_BLOCK_BYTES)));
      blocks.push(lengthOf(block), block);
    }
    return counted(Buffer.concat(blocks));
  };
  const decompress = (bytes: Uint8Array): Uint8Array => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const blocks: Uint8Array[] = [];
    for (let at = SNAPPY_MAGIC.length; at < bytes.length;) {
      const end = at + 4 + view.getInt32(at);
      blocks.push(wasm.snappyDecompress(asBuffer(bytes.subarray(at + 4, end))));
      at = end;
    }
    return Buffer.concat(blocks);
  };
  return codec("snappy", 2, 0, compress, decompress);
}

function lengthOf(block: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, block.length);
  return bytes;
}

function codec(
  name: CodecName,
  id: number,
  level: number,
  compress: (bytes: Uint8Array) => Uint8Array,
  decompress: (bytes: Uint8Array) => Uint8Array,
): Codec {
  return {
    name,
    id,
    level,
    compress: (bytes, begin, end) => compress(bytes.subarray(begin, end)),
    decompress: (bytes) => Uint8Array.from(decompress(bytes)),
  };
}

/** A result that is a fresh buffer at each call. */
function counted(packed: Uint8Array): Uint8Array {
  countBuffer(packed.length);
  return packed;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
