import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { Gunzip } from "../../src/host/gunzip.ts";
import { CHUNK_BYTES } from "../../src/tail/arena_pool.ts";
import { PackedStream } from "../../src/tail/packed_stream.ts";
import { hostView, MemoryFiles } from "../support/virtual_host.ts";

const BYTES = Uint8Array.from({ length: 3 << 20 }, (_, i) => (i >> 8) ^ (i * 7));

function open(content: Uint8Array) {
  const files = new MemoryFiles();
  files.write("/a.gz", content);
  const opened = files.open(hostView("/"), "/a.gz");
  if ("refused" in opened) throw new Error("refused");
  return { file: opened.file, stream: new PackedStream(new Gunzip()) };
}

Deno.test("PackedStream gives all bytes, and a chunk behind the end again", () => {
  const { file, stream } = open(gzipSync(BYTES));
  const into = new Uint8Array(CHUNK_BYTES);
  while (stream.state === "more") {
    stream.advance(file);
    const at = Math.max(0, stream.end - into.length);
    const got = stream.read(into, 0, into.length, at);
    assert.equal(got, Math.min(into.length, stream.end));
    assert.equal(Buffer.compare(into.subarray(0, got), BYTES.subarray(at, at + got)), 0);
  }
  assert.deepEqual([stream.state, stream.end], ["whole", BYTES.length]);
  assert.equal(stream.read(into, 0, 10, 0), 0, "long gone");
});

Deno.test("PackedStream keeps more when more is asked for", () => {
  const { file, stream } = open(gzipSync(BYTES));
  stream.advance(file);
  stream.keep(2 << 20);
  const into = new Uint8Array(2 << 20);
  while (stream.end < 5 << 19) stream.advance(file);
  assert.equal(stream.read(into, 0, into.length, stream.end - into.length), into.length);
  assert.equal(Buffer.compare(into, BYTES.subarray(stream.end - into.length, stream.end)), 0);
});

Deno.test("PackedStream ends whatever it is given", () => {
  const whole = gzipSync(BYTES);
  const padded = new Uint8Array(whole.length + 100_000);
  padded.set(whole);
  const damaged = whole.slice();
  damaged[whole.length >> 1] ^= 1;
  const cases = { whole: padded, cut: whole.subarray(0, 1_000), damaged };
  for (const [state, content] of Object.entries(cases)) {
    const { file, stream } = open(content);
    for (let step = 0; stream.state === "more"; step++) {
      stream.advance(file);
      assert.ok(step < 1_000);
    }
    assert.equal(stream.state, state);
    stream.close();
  }
  const { file, stream } = open(new Uint8Array(0));
  stream.advance(file);
  assert.deepEqual([stream.state, stream.end], ["cut", 0]);
});
