import assert from "node:assert/strict";
import { countBuffer, largeBuffers, makeBytes, makeDoubles, makeInts } from "../../src/base/buffers.ts";
import { sourceFiles } from "../support/source_files.ts";

Deno.test("buffers of 4 KiB and more are counted, smaller ones are not", () => {
  const counts = (make: () => unknown): number => {
    const before = largeBuffers.made;
    make();
    return largeBuffers.made - before;
  };
  assert.deepEqual([4095, 4096].map((length) => counts(() => makeBytes(length))), [0, 1]);
  assert.deepEqual([1023, 1024].map((length) => counts(() => makeInts(length))), [0, 1]);
  assert.deepEqual([511, 512].map((length) => counts(() => makeDoubles(length))), [0, 1]);
  assert.deepEqual([4095, 4096].map((bytes) => counts(() => countBuffer(bytes))), [0, 1]);
  assert.deepEqual([makeBytes(7).length, makeInts(7).length, makeDoubles(7).length], [7, 7, 7]);
});

/** Code on the way of a line. */
const ON_THE_WAY = /^src\/(?:core|flushers|processors|tail)\/|^src\/host\/pooled_deflate\.ts$/;

/** A literal size below 4 KiB, or values. */
const SMALL = /^(?:\[|\d{1,3}\)|ANCHOR_BYTES(?: \+ \d{1,3})?\)|HEAD_BYTES_MAX\))/;

/** Arrays whose size is not plain to see, each with the reason why it is small or rare. */
const OTHERS: readonly string[] = [
  // Once per pattern.
  "src/processors/processor_regex.ts: new Int32Array(2 * (re2.groupCount + 1))",
];

Deno.test("arrays on the way of a line are made where they are counted", () => {
  const found: string[] = [];
  for (const { path, text } of sourceFiles()) {
    if (!ON_THE_WAY.test(path)) continue;
    for (
      const { 0: line } of text.matchAll(
        /new (?:Uint8|Int32|Float64|Uint32)Array\(.*|Buffer\.(?:alloc|concat).*/g,
      )
    ) {
      if (SMALL.test(line.replace(/^[^(]*\(/, ""))) continue;
      if (!OTHERS.some((other) => `${path}: ${line}`.startsWith(other))) found.push(`${path}: ${line}`);
    }
  }
  assert.deepEqual(found, []);
});
