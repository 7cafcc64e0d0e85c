import assert from "node:assert/strict";
import { Partition, Topic } from "../../../src/flushers/kafka/partition.ts";
import {
  JOINING_BATCHES_MAX,
  STUCK_BYTES_MAX,
  WAITING_BATCHES_MAX,
} from "../../../src/flushers/kafka/producer_settings.ts";
import { Room } from "../../../src/flushers/kafka/room.ts";
import type { WireBatch } from "../../../src/flushers/kafka/wire_batch.ts";

const CAP = 1_000_000;

function setUp() {
  const budget = { used: 0, stalled: false, cap: () => CAP, close: () => {} };
  const room = new Room(budget);
  let woken = 0;
  const off = room.onRoom(() => woken++);
  return { budget, room, off, woken: () => woken };
}

function partitionOf(ready = true): Partition {
  const topic = new Topic("t", 1000);
  const partition = new Partition(topic, 0);
  topic.partitions = [partition];
  topic.code = ready ? 0 : 29;
  return partition;
}

Deno.test("Room.bytes is what the budget leaves, and nothing when it is used up", () => {
  const { budget, room } = setUp();
  budget.used = CAP - 10;
  assert.equal(room.bytes(partitionOf()), 10);
  assert.equal(room.bytes(null), 10);
  budget.used = CAP + 5;
  assert.equal(room.bytes(partitionOf()), 0);
});

Deno.test("Room.bytes is nothing for a partition with too many waiting batches, those in flight aside", () => {
  const { room } = setUp();
  const partition = partitionOf();
  partition.queue = Array.from({ length: WAITING_BATCHES_MAX + 2 }, () => ({}) as WireBatch);
  partition.inFlight = 3;
  assert.equal(room.bytes(partition), CAP);
  partition.inFlight = 2;
  assert.equal(room.bytes(partition), 0);
});

Deno.test("Room.bytes is more for who reads together with others, but not without end", () => {
  const { room } = setUp();
  const partition = partitionOf();
  partition.queue = Array.from({ length: JOINING_BATCHES_MAX - 1 }, () => ({}) as WireBatch);
  assert.deepEqual([room.bytes(partition), room.bytes(partition, true)], [0, CAP]);
  partition.queue.push({} as WireBatch);
  assert.equal(room.bytes(partition, true), 0);
});

Deno.test("Room.bytes is nothing for a failing or parked partition that holds its share", () => {
  const { room } = setUp();
  const failing = partitionOf();
  failing.heldBytes = STUCK_BYTES_MAX;
  assert.equal(room.bytes(failing), CAP);
  failing.failures = 1;
  assert.equal(room.bytes(failing), 0);
  const parked = partitionOf(false);
  parked.heldBytes = STUCK_BYTES_MAX - 1;
  assert.equal(room.bytes(parked), CAP);
  parked.heldBytes++;
  assert.equal(room.bytes(parked), 0);
});

Deno.test("Room leaves bytes of parked topics out of the account, up to half of the cap", () => {
  const { budget, room } = setUp();
  const parked = partitionOf(false);
  budget.used = parked.heldBytes = CAP;
  room.count([parked], []);
  assert.equal(room.bytes(null), CAP / 2);
  parked.heldBytes = 100;
  room.count([parked], []);
  assert.equal(room.bytes(null), 100);
  parked.topic.code = 0;
  room.count([parked], []);
  assert.equal(room.bytes(null), 0);
});

Deno.test("Room.give calls those who were refused, once, when there is room again", () => {
  const { budget, room, woken, off } = setUp();
  room.give();
  assert.equal(woken(), 0);
  budget.used = CAP;
  room.bytes(null);
  room.give();
  assert.equal(woken(), 0);
  budget.used = 0;
  room.give();
  room.give();
  assert.equal(woken(), 1);
  off();
  room.refuse();
  room.give();
  assert.equal(woken(), 1);
});

Deno.test("Room.isShort when less is free than a batch, or than a quarter of a small cap", () => {
  const { budget, room } = setUp();
  budget.used = CAP - 1000;
  assert.equal(room.isShort(1001), true);
  assert.equal(room.isShort(1000), false);
  budget.used = CAP * 0.75;
  assert.equal(room.isShort(10 * CAP), false);
  budget.used++;
  assert.equal(room.isShort(10 * CAP), true);
});
