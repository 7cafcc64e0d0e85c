import assert from "node:assert/strict";
import { halveBatch, shrinkBatch } from "../../../src/flushers/kafka/split_batch.ts";
import { BufferPool } from "../../../src/flushers/kafka/buffer_pool.ts";
import type { WireBatch } from "../../../src/flushers/kafka/wire_batch.ts";
import { openEntry, sealedBatch, valuesOf } from "./wire_batches.ts";

const pool = new BufferPool();
const NOW = 7_000;

Deno.test("halveBatch keeps records, order, times and the range of sequences", () => {
  const batch = sealedBatch(pool, ["a", "b", "c", "d", "e"]);
  batch.stamp(5n, 1, 40);
  const [first, second] = halveBatch(batch, pool, NOW);
  assert.deepEqual([valuesOf(first), valuesOf(second)], [["a", "b", "c"], ["d", "e"]]);
  assert.deepEqual([first.sequence, second.sequence], [40, 43]);
  assert.deepEqual([first.baseTimeMs, second.baseTimeMs], [batch.baseTimeMs, batch.baseTimeMs]);
  assert.equal(batch.done, true);
});

Deno.test("halveBatch goes over the end of the sequences, and leaves batches without any alone", () => {
  const batch = sealedBatch(pool, ["a", "b"]);
  batch.stamp(5n, 1, 2 ** 31 - 1);
  assert.deepEqual(halveBatch(batch, pool, NOW).map((half) => half.sequence), [2 ** 31 - 1, 0]);
  const plain = sealedBatch(pool, ["a", "b"]);
  assert.deepEqual(halveBatch(plain, pool, NOW).map((half) => half.sequence), [-1, -1]);
});

Deno.test("halveBatch settles an entry only when both halves are finished", () => {
  const { entry, ledger } = openEntry();
  const batch = sealedBatch(pool, ["a", "b"], [entry]);
  entry.settle();
  const [first, second] = halveBatch(batch, pool, NOW);
  second.finish(pool);
  assert.equal(entry.settled, false);
  first.finish(pool);
  assert.equal(entry.settled, true);
  assert.equal(ledger.openCount, 0);
});

Deno.test("halveBatch refuses a single record", () => {
  assert.throws(() => halveBatch(sealedBatch(pool, ["a"]), pool, NOW), /^Error: BUG:/);
});

Deno.test("shrinkBatch cuts the longest text of its record, says what is lost, and carries the entry on", () => {
  const { entry } = openEntry();
  const value = JSON.stringify({ short: "s", long: "x".repeat(1_000) });
  const batch = sealedBatch(pool, [value], [entry]);
  batch.stamp(5n, 1, 8);
  entry.settle();
  let lost = 0;
  const shrunk = shrinkBatch(batch, pool, NOW, (bytes) => lost += bytes) as WireBatch;
  const [text] = valuesOf(shrunk);
  const { short, long } = JSON.parse(text);
  assert.equal(short, "s");
  assert.ok(long.length < 600 && long.startsWith("xxx"), long);
  assert.equal(lost, value.length - new TextEncoder().encode(text).length);
  assert.equal(shrunk.sequence, 8);
  assert.equal(entry.settled, false);
  shrunk.finish(pool);
  assert.equal(entry.settled, true);
});

Deno.test("shrinkBatch gives null when nothing is left to cut, and the batch stays as it is", () => {
  const batch = sealedBatch(pool, ["{}"]);
  assert.equal(shrinkBatch(batch, pool, NOW, () => assert.fail("nothing is lost")), null);
  assert.deepEqual(valuesOf(batch), ["{}"]);
  assert.equal(batch.done, false);
});
