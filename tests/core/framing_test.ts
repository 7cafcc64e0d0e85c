import assert from "node:assert/strict";
import { type Framing, STREAM_STDERR, STREAM_STDOUT, streamCount } from "../../src/core/framing.ts";

Deno.test("streamCount has a place for each stream number of a format", () => {
  const count = (format: "runtime" | "lines") => streamCount({ format } as Framing);
  assert.equal(count("runtime"), Math.max(STREAM_STDOUT, STREAM_STDERR) + 1);
  assert.equal(count("lines"), 1);
});
