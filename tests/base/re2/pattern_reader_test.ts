import assert from "node:assert/strict";
import { PatternReader } from "../../../src/base/re2/pattern_reader.ts";

Deno.test("PatternReader takes code points and counts UTF-16 units", () => {
  const reader = new PatternReader("a😀b");
  assert.deepEqual([reader.take(), reader.take(), reader.at], [0x61, 0x1f600, 3]);
  assert.equal(reader.since(1), "😀");
  assert.equal(reader.peek(), "b");
  assert.equal(reader.peek(1), "");
  assert.equal(reader.startsWith("b"), true);
  reader.take();
  assert.equal(reader.atEnd, true);
});

Deno.test("PatternReader refuses half of a surrogate pair", () => {
  assert.throws(() => new PatternReader("a\ud83d"), /invalid UTF-8/);
});
