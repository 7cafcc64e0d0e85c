import assert from "node:assert/strict";
import fc from "fast-check";
import type { LaneKey } from "../../src/core/checkpoint.ts";
import { shardOf, shardOfContainer, shardOfLane } from "../../src/core/shard.ts";

const lane = (key: Partial<LaneKey>): LaneKey => ({
  pipeline: "p",
  input: "i#0",
  flusher: "f#0",
  source: "host:/a",
  device: 1,
  inode: 2,
  ...key,
});

Deno.test("shardOf is the same for every file, flusher and generation of a target, and for its saved lanes", () => {
  const id = fc.stringMatching(/^[0-9a-f]{12,64}$/);
  const origin = fc.oneof(fc.constant("host"), id);
  const name = fc.string({ minLength: 1 });
  const path = fc.string().map((text) => `/${text}`);
  fc.assert(fc.property(
    origin,
    name,
    name,
    fc.record({ flusher: name, path, inode: fc.nat(), device: fc.nat() }),
    fc.integer({ min: 1, max: 16 }),
    (origin, pipeline, input, { path, ...rest }, count) => {
      const part = shardOf({ origin, pipeline, input }, count);
      assert.ok(Number.isInteger(part) && part >= 0 && part < count);
      assert.equal(shardOfLane(lane({ pipeline, input, source: `${origin}:${path}`, ...rest }), count), part);
      if (origin !== "host") assert.equal(shardOfContainer(origin, count), part);
    },
  ));
});

Deno.test("shardOf keeps a container together over pipelines, and parts inputs on the host", () => {
  const one = { origin: "c0ffee", pipeline: "a", input: "x#0" };
  assert.equal(shardOf(one, 16), shardOf({ ...one, pipeline: "b", input: "y#1" }, 16));
  const parts = new Set(
    Array.from({ length: 64 }, (_, i) => shardOf({ ...one, origin: "host", input: `x#${i}` }, 4)),
  );
  assert.equal(parts.size, 4);
});

Deno.test("shardOf spreads names that differ little", () => {
  for (const count of [2, 3, 4]) {
    const each = new Array(count).fill(0);
    for (let i = 0; i < 1000; i++) each[shardOfContainer(`${i}`.padStart(64, "c0ffee"), count)]++;
    for (const containers of each) {
      assert.ok(Math.abs(containers - 1000 / count) < 100, `${count} parts: ${each}`);
    }
  }
});
