import assert from "node:assert/strict";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { RuntimeError } from "../../src/core/runtime.ts";
import { readMapEntry, readMessage, readNested, timeMs } from "../../src/host/protobuf_fields.ts";

Deno.test("readMessage skips the fields that are not known, of every wire type", () => {
  const bytes = new BinaryWriter().tag(1, 0).uint32(7).tag(2, 1).fixed64(1n).tag(3, 2).string("skip")
    .tag(4, 5).fixed32(1).tag(5, 2).string("take").finish();
  const seen: string[] = [];
  readMessage(bytes, (field, reader) => {
    if (field !== 5) return false;
    seen.push(reader.string());
  });
  assert.deepEqual(seen, ["take"]);
});

Deno.test("readNested follows a path, and does nothing where it ends early", () => {
  const inner = new BinaryWriter().tag(2, 2).string("deep").finish();
  const bytes = new BinaryWriter().tag(1, 2).bytes(inner).finish();
  const seen: string[] = [];
  readNested(bytes, [1, 2], (reader) => seen.push(reader.string()));
  readNested(bytes, [1, 3], (reader) => seen.push(reader.string()));
  readNested(bytes, [4, 2], (reader) => seen.push(reader.string()));
  assert.deepEqual(seen, ["deep"]);
});

Deno.test("readMapEntry takes a missing key or value for empty", () => {
  const map = new Map<string, string>();
  readMapEntry(new BinaryWriter().tag(1, 2).string("k").finish(), map);
  readMapEntry(new BinaryWriter().tag(2, 2).string("v").finish(), map);
  assert.deepEqual([...map], [["k", ""], ["", "v"]]);
});

Deno.test("timeMs cuts nanoseconds to milliseconds and takes a time before 1970 for none", () => {
  assert.equal(timeMs(1_700_000_000_123_999_999n), 1_700_000_000_123);
  assert.equal(timeMs("5000000"), 5);
  assert.equal(timeMs(0n), 0);
  assert.equal(timeMs(-62_135_596_800_000_000_000n), 0);
});

Deno.test("readMessage throws RuntimeError when the bytes are no message, also inside of one", () => {
  const failed = (error: unknown) => error instanceof RuntimeError && error.reason === "failed";
  const groups = new Uint8Array(100_000).fill(0x0b);
  for (const bytes of [Uint8Array.of(0), Uint8Array.of(0x0a, 5, 1), new Uint8Array(11).fill(0xff), groups]) {
    assert.throws(() => readMessage(bytes, () => false), failed);
    const outer = new BinaryWriter().tag(1, 2).bytes(bytes).finish();
    assert.throws(() => readNested(outer, [1, 99], () => {}), failed);
  }
});
