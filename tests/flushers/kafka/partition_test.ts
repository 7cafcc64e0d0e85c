import assert from "node:assert/strict";
import { BufferPool } from "../../../src/flushers/kafka/buffer_pool.ts";
import { Partition, Topic, type Unassigned } from "../../../src/flushers/kafka/partition.ts";
import { openBuilder, sealedBatch } from "./wire_batches.ts";

const pool = new BufferPool();

Deno.test("Partition is idle when nothing is open and nothing unacknowledged", () => {
  const partition = new Partition(new Topic("t", 1), 0);
  assert.equal(partition.idle, true);
  partition.queue.push(sealedBatch(pool, ["a"]));
  assert.equal(partition.idle, false);
});

Deno.test("Topic is ready when it is known and takes records", () => {
  const topic = new Topic("t", 1);
  assert.equal(topic.ready, false);
  topic.partitions = [new Partition(topic, 0)];
  assert.equal(topic.ready, true);
  topic.code = 29;
  assert.equal(topic.ready, false);
});

Deno.test("Topic counts the bytes of records without a partition, and is not idle with them", () => {
  const topic = new Topic("t", 1);
  topic.partitions = [new Partition(topic, 0)];
  assert.deepEqual([topic.idle, topic.unassignedBytes], [true, 0]);
  const builders = [openBuilder(pool, ["abc"]), openBuilder(pool, ["defg", "h"])];
  topic.unassigned = builders.map((builder) => ({ builder }) as Unassigned);
  assert.equal(topic.unassignedBytes, builders[0].bytes + builders[1].bytes);
  assert.ok(topic.unassignedBytes > 8);
  assert.equal(topic.idle, false);
  topic.unassigned = [];
  topic.partitions[0].queue.push(sealedBatch(pool, ["a"]));
  assert.equal(topic.idle, false);
});
