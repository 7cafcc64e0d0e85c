import assert from "node:assert/strict";
import { Batch, UTF8_ASCII, UTF8_VALID } from "../../src/core/batch.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { NO_TAGS } from "../../src/core/tags.ts";
import { LineDecoder } from "../../src/tail/line_decoder.ts";

/** A file with these first bytes. */
function fileOf(head: number[]): ConstructorParameters<typeof LineDecoder>[1] {
  return {
    read: (into: Uint8Array, begin: number, end: number, at: number) => {
      const bytes = head.slice(at, at + end - begin);
      into.set(bytes, begin);
      return bytes.length;
    },
  } as ConstructorParameters<typeof LineDecoder>[1];
}

function setUp(encoding: "gbk" | "utf16", head: number[] = []) {
  const batch = new Batch(new KeyTable());
  batch.begin(NO_TAGS, new Uint8Array(0), UTF8_ASCII, 0);
  const decoder = new LineDecoder(encoding, fileOf(head));
  const decode = (bytes: number[], goesOn = false) => {
    const at = decoder.decode(batch, Uint8Array.from([0, ...bytes, 0]), 1, bytes.length + 1, goesOn);
    return new TextDecoder().decode(batch.scratch.subarray(at, batch.scratchUsed));
  };
  return { batch, decode };
}

const gbk = [0xc4, 0xe3, 0xba, 0xc3]; // 你好

Deno.test("LineDecoder turns GBK into UTF-8 in the scratch, one line after another", () => {
  const { batch, decode } = setUp("gbk");
  assert.equal(decode([...gbk, 0x21]), "你好!");
  assert.equal(decode([0x61]), "a");
  assert.equal(batch.scratchUtf8, UTF8_VALID);
});

Deno.test("LineDecoder keeps a character that a piece of a long line cuts", () => {
  const { decode } = setUp("gbk");
  assert.equal(decode(gbk.slice(0, 3), true), "你");
  assert.equal(decode(gbk.slice(3)), "好");
});

Deno.test("LineDecoder begins anew behind a line that ended within a character", () => {
  const { decode } = setUp("gbk");
  assert.equal(decode(gbk.slice(0, 3)), "你\ufffd");
  assert.equal(decode(gbk), "你好");
});

Deno.test("LineDecoder takes the byte order of UTF-16 from the file's mark, little endian without one", () => {
  assert.equal(setUp("utf16").decode([0x61, 0, 0xe9, 0]), "aé");
  assert.equal(setUp("utf16", [0xff, 0xfe]).decode([0x61, 0]), "a");
  assert.equal(setUp("utf16", [0xfe, 0xff]).decode([0, 0x61, 0, 0xe9]), "aé");
  assert.equal(setUp("utf16", [0xfe]).decode([0x61, 0]), "a");
});
