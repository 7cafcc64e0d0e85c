import assert from "node:assert/strict";
import { BufferPool } from "../../../src/flushers/kafka/buffer_pool.ts";
import { Counters } from "../../../src/flushers/kafka/counters.ts";
import { Partition, Topic } from "../../../src/flushers/kafka/partition.ts";
import type { ProducerServices } from "../../../src/flushers/kafka/producer_settings.ts";
import { Resizer } from "../../../src/flushers/kafka/resizer.ts";
import type { WireBatch } from "../../../src/flushers/kafka/wire_batch.ts";
import { MetricRegistry } from "../../../src/telemetry/metrics.ts";
import { MemoryLog } from "../../support/memory_log.ts";
import { openEntry, sealedBatch, valuesOf } from "./wire_batches.ts";

function setUp() {
  const pool = new BufferPool();
  const log = new MemoryLog();
  const counters = new Counters(new MetricRegistry(), "c");
  const settled: WireBatch[] = [];
  let held = 0;
  const services = { name: "c", log } as unknown as ProducerServices;
  const resizer = new Resizer(pool, counters, services, {
    held: (_partition, bytes) => held += bytes,
    settled: (_partition, batch) => settled.push(batch),
    wakeUp: () => {},
  });
  const partition = new Partition(new Topic("t", 400_000), 0);
  const put = (...batches: WireBatch[]) => {
    partition.queue = batches;
    held = batches.reduce((sum, batch) => sum + batch.heldBytes, 0);
  };
  const queueBytes = () => partition.queue.reduce((sum, batch) => sum + batch.heldBytes, 0);
  return { pool, log, counters, settled, resizer, partition, put, held: () => held, queueBytes };
}

Deno.test("Resizer halves what is too large, in its place, and makes the topic's batches smaller", () => {
  const { pool, resizer, partition, put, held, queueBytes } = setUp();
  const large = sealedBatch(pool, ["b", "c", "d"]);
  large.tooLarge = true;
  put(sealedBatch(pool, ["a"]), large, sealedBatch(pool, ["e"]));
  resizer.resize(partition, 0);
  assert.deepEqual(partition.queue.map(valuesOf), [["a"], ["b", "c"], ["d"], ["e"]]);
  assert.equal(partition.topic.sealBytes, 200_000);
  assert.equal(held(), queueBytes());
  assert.equal(partition.rebase, "no");
});

Deno.test("Resizer does not make a topic's batches smaller than 16 KiB", () => {
  const { pool, resizer, partition, put } = setUp();
  partition.topic.sealBytes = 20_000;
  const large = sealedBatch(pool, ["a", "b"]);
  large.tooLarge = true;
  put(large);
  resizer.resize(partition, 0);
  assert.equal(partition.topic.sealBytes, 16 * 1024);
});

Deno.test("Resizer cuts a single record, and counts and names what went", () => {
  const { pool, log, counters, resizer, partition, put, held, queueBytes } = setUp();
  const large = sealedBatch(pool, [JSON.stringify({ text: "x".repeat(5_000) })]);
  large.tooLarge = true;
  put(large);
  resizer.resize(partition, 0);
  const [text] = valuesOf(partition.queue[0]);
  assert.ok(text.length < 3_000);
  assert.equal(counters.truncatedBytes.value, 5_011 - new TextEncoder().encode(text).length);
  assert.deepEqual(log.messages("warn"), ["Record is above the broker's limit and was truncated"]);
  assert.equal(held(), queueBytes());
});

Deno.test("Resizer drops what cannot be cut: settled, counted, and the sequences behind it begin anew", () => {
  const { pool, log, settled, resizer, partition, put, held, queueBytes } = setUp();
  const { entry } = openEntry();
  const large = sealedBatch(pool, ["{}"], [entry]);
  entry.settle();
  large.tooLarge = true;
  const next = sealedBatch(pool, ["next"]);
  put(large, next);
  resizer.resize(partition, 0);
  assert.deepEqual(partition.queue, [next]);
  assert.deepEqual(settled, [large]);
  assert.equal(entry.settled, true);
  assert.equal(partition.rebase, "epoch");
  assert.equal(held(), queueBytes());
  assert.equal(log.messages("error").length, 1);
});

Deno.test("Resizer keeps a rebase with a new id when one was asked for already", () => {
  const { pool, resizer, partition, put } = setUp();
  partition.rebase = "id";
  const large = sealedBatch(pool, ["{}"]);
  large.tooLarge = true;
  put(large);
  resizer.resize(partition, 0);
  assert.equal(partition.rebase, "id");
});
