/** What the first bytes of a file say about the rest. */
export type ContentKind = "text" | "binary" | "compressed";

/** So many first bytes are looked at. */
export const CONTENT_HEAD_BYTES = 4096;

/** First bytes of compressed files, with what people call them. */
const MAGICS: readonly (readonly [string, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["lz4", [0x04, 0x22, 0x4d, 0x18]],
  // "BZh", a level, and the digits of pi that begin a block: "BZh" alone may be a word of a log.
  ["bzip2", [0x42, 0x5a, 0x68, -1, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
];

/**
 * Kind of a file by its first `length` bytes, with a sentence for people. A NUL byte makes it binary, save in UTF-16,
 * where every other byte of English text is one. No bytes at all are text.
 */
export function contentKind(
  head: Uint8Array,
  length: number,
  encoding: "utf8" | "gbk" | "utf16",
): { readonly kind: ContentKind; readonly detail: string } {
  for (const [name, magic] of MAGICS) {
    if (length >= magic.length && magic.every((byte, i) => byte < 0 || head[i] === byte)) {
      return { kind: "compressed", detail: `Begins like a ${name} file` };
    }
  }
  const nul = encoding === "utf16" ? -1 : head.subarray(0, Math.min(length, CONTENT_HEAD_BYTES)).indexOf(0);
  if (nul < 0) return { kind: "text", detail: "" };
  return { kind: "binary", detail: `Holds a NUL byte at ${nul}; UTF-16 needs 'FileEncoding: utf16'` };
}
