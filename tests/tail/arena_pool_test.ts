import assert from "node:assert/strict";
import { ArenaPool, CHUNK_BYTES } from "../../src/tail/arena_pool.ts";
import { ANCHOR_BYTES } from "../../src/tail/identity.ts";

Deno.test("ArenaPool hands out a chunk again that was given back, and never one that is taken", () => {
  const pool = new ArenaPool();
  const one = pool.takeChunk();
  const two = pool.takeChunk();
  assert.notEqual(one, two);
  assert.notEqual(one, pool.chunk);
  assert.ok(one.length >= ANCHOR_BYTES + CHUNK_BYTES);
  pool.giveChunk(one, 0);
  assert.equal(pool.takeChunk(), one);
});

Deno.test("ArenaPool lends the long one to one line at a time, large enough", () => {
  const pool = new ArenaPool();
  const long = pool.takeLong(1_000_000);
  assert.ok(long !== null && long.length >= ANCHOR_BYTES + 1_000_000);
  assert.equal(pool.takeLong(10), null);
  pool.giveLong(0);
  assert.equal(pool.takeLong(10), long);
  pool.giveLong(0);
  assert.ok(pool.takeLong(2_000_000)!.length >= ANCHOR_BYTES + 2_000_000);
});

Deno.test("ArenaPool gives back what nobody used for 10 s, but nothing that is taken", () => {
  const pool = new ArenaPool();
  const long = pool.takeLong(1_000_000)!;
  pool.giveChunk(pool.takeChunk(), 1_000);
  pool.trim(10_999);
  assert.ok(pool.extraBytes > 1_000_000 + CHUNK_BYTES);
  pool.trim(11_000);
  assert.equal(pool.extraBytes, long.length, "the long one is taken");
  pool.giveLong(12_000);
  pool.trim(22_000);
  assert.equal(pool.extraBytes, 0);
});
