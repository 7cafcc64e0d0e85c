import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { contentKind } from "../../src/tail/content_kind.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const kindOf = (head: Uint8Array, encoding: "utf8" | "gbk" | "utf16" = "utf8") =>
  contentKind(head, head.length, encoding).kind;

Deno.test("contentKind takes lines, other encodings and nothing at all for text", () => {
  assert.equal(kindOf(bytes("2026-01-01 BZh9 said \u00e9\n")), "text");
  assert.equal(kindOf(new Uint8Array([0xd6, 0xd0, 0xce, 0xc4, 0x0a]), "gbk"), "text");
  assert.equal(kindOf(new Uint8Array()), "text");
  assert.equal(kindOf(bytes("BZh")), "text", "the word alone is no bzip2 file");
});

Deno.test("contentKind knows compressed files by their first bytes", () => {
  const heads: readonly (readonly [string, Uint8Array])[] = [
    ["gzip", gzipSync(bytes("a line\n"))],
    ["zstd", new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 4])],
    ["xz", new Uint8Array([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0])],
    ["lz4", new Uint8Array([4, 0x22, 0x4d, 0x18, 0x64])],
    ["bzip2", new Uint8Array([0x42, 0x5a, 0x68, 0x39, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59])],
    ["zip", bytes("PK\x03\x04")],
  ];
  for (const [name, head] of heads) {
    const { kind, detail } = contentKind(head, head.length, "utf8");
    assert.equal(kind, "compressed", name);
    assert.match(detail, new RegExp(`a ${name} file`));
  }
});

Deno.test("contentKind takes a NUL byte for binary, but not in UTF-16 and not behind the length", () => {
  const wide = new Uint8Array([0xff, 0xfe, 0x61, 0x00, 0x0a, 0x00]);
  assert.equal(kindOf(wide), "binary");
  assert.equal(kindOf(wide, "utf16"), "text");
  assert.equal(kindOf(gzipSync(bytes("x")), "utf16"), "compressed");
  const arena = new Uint8Array(64);
  arena.set(bytes("text\n"));
  assert.equal(contentKind(arena, 5, "utf8").kind, "text");
});
