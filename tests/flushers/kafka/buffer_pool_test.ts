import assert from "node:assert/strict";
import { GIANT_BYTES_MAX } from "../../../src/base/reused_bytes.ts";
import {
  BufferPool,
  POOL_LARGEST_BYTES,
  POOL_SMALLEST_BYTES,
} from "../../../src/flushers/kafka/buffer_pool.ts";

Deno.test("take gives enough and at most a quarter more when bytes are any", () => {
  const pool = new BufferPool();
  for (let bytes = 0; bytes < 3 * POOL_LARGEST_BYTES; bytes += 1021) {
    for (const wanted of [bytes, Math.round(bytes / 4096) * 4096]) {
      const { length } = pool.take(wanted);
      assert.ok(length >= wanted, `${length} for ${wanted}`);
      assert.ok(length <= Math.max(POOL_SMALLEST_BYTES, wanted * 1.25), `${length} for ${wanted}`);
    }
  }
});

Deno.test("take gives the same array again when it was given back", () => {
  const pool = new BufferPool();
  for (const bytes of [1, POOL_SMALLEST_BYTES, 33_000, 401 * 1024, POOL_LARGEST_BYTES]) {
    const buffer = pool.take(bytes);
    pool.give(buffer);
    assert.equal(pool.take(bytes), buffer);
    assert.notEqual(pool.take(bytes), buffer);
  }
});

Deno.test("give keeps large arrays when many small ones are idle", () => {
  const pool = new BufferPool();
  const large = pool.take(401 * 1024);
  const small = Array.from({ length: 1000 }, () => pool.take(40 * 1024));
  for (const buffer of small) pool.give(buffer);
  pool.give(large);
  assert.equal(pool.take(401 * 1024), large);
  const known = new Set(small);
  let kept = 0;
  while (known.delete(pool.take(40 * 1024))) kept++;
  assert.ok(kept > 100 && kept < 200, `${kept} small ones were kept`);
});

Deno.test("give lets go what is larger than it keeps, or no array of its own", () => {
  const pool = new BufferPool();
  for (const buffer of [pool.take(2 * GIANT_BYTES_MAX), new Uint8Array(POOL_SMALLEST_BYTES + 1)]) {
    pool.give(buffer);
    assert.notEqual(pool.take(buffer.length), buffer);
  }
});

Deno.test("take gives a giant's array to the next giant, and lets it go when none comes for long", () => {
  const pool = new BufferPool();
  const giant = pool.take(2 * POOL_LARGEST_BYTES);
  pool.give(giant);
  for (let small = 0; small < 100; small++) pool.give(pool.take(POOL_SMALLEST_BYTES));
  assert.equal(pool.take(1.5 * POOL_LARGEST_BYTES), giant);
  assert.notEqual(pool.take(1.5 * POOL_LARGEST_BYTES), giant, "it is taken");
  pool.give(giant);
  for (let small = 0; small < 300; small++) pool.give(pool.take(POOL_SMALLEST_BYTES));
  assert.notEqual(pool.take(2 * POOL_LARGEST_BYTES), giant);
});
