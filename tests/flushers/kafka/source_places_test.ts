import assert from "node:assert/strict";
import { Partition, Topic } from "../../../src/flushers/kafka/partition.ts";
import { fnv1a, type Partitioner } from "../../../src/flushers/kafka/partitioner.ts";
import { Sources } from "../../../src/flushers/kafka/source_places.ts";
import type { WireBatch } from "../../../src/flushers/kafka/wire_batch.ts";

/** The last partition there is. */
const last: Partitioner = { name: "source", place: (_seed, partitions) => partitions - 1 };

function topicOf(partitions: number): Topic {
  const topic = new Topic("t", 1000);
  grow(topic, partitions);
  return topic;
}

function grow(topic: Topic, partitions: number): void {
  while (topic.partitions.length < partitions) {
    topic.partitions.push(new Partition(topic, topic.partitions.length));
  }
}

const batch = (done: boolean) => ({ done }) as WireBatch;

Deno.test("SourcePlace.partition is null until the topic is described", () => {
  const topic = topicOf(0);
  const place = new Sources().open("a").place(topic, last);
  assert.equal(place.partition(), null);
  grow(topic, 3);
  assert.equal(place.partition()?.id, 2);
});

Deno.test("SourcePlace.partition changes with added partitions only when nothing is unacknowledged", () => {
  const topic = topicOf(2);
  const place = new Sources().open("a").place(topic, last);
  assert.equal(place.partition()?.id, 1);
  const sent = { done: false } as { done: boolean };
  place.last = sent as WireBatch;
  grow(topic, 4);
  assert.equal(place.partition()?.id, 1);
  assert.equal(place.busy, true);
  sent.done = true;
  assert.equal(place.partition()?.id, 3);
});

Deno.test("SourcePlace asks the partitioner with the hash of its source's name", () => {
  const seeds: number[] = [];
  const asked: Partitioner = { name: "source", place: (seed) => (seeds.push(seed), 0) };
  new Sources().open("pod/log é").place(topicOf(1), asked).partition();
  assert.deepEqual(seeds, [fnv1a(new TextEncoder().encode("pod/log é")) >>> 0]);
});

Deno.test("Sources gives lanes of one source the same place, so that their order holds", () => {
  const sources = new Sources();
  const topic = topicOf(1);
  const place = sources.open("a").place(topic, last);
  assert.equal(sources.open("a").place(topic, last), place);
  assert.notEqual(sources.open("b").place(topic, last), place);
  assert.notEqual(sources.open("a").place(topicOf(1), last), place);
});

Deno.test("Sources forgets those that are over when many others come, and keeps users and the unacknowledged", () => {
  const sources = new Sources();
  const topic = topicOf(1);
  const used = sources.open("used");
  const busy = sources.open("busy");
  busy.place(topic, last).last = batch(false);
  const over = sources.open("over");
  over.place(topic, last).last = batch(true);
  busy.users = over.users = 0;
  for (let i = 0; i < 200; i++) sources.open(`other ${i}`).users = 0;
  assert.equal(sources.open("used"), used);
  assert.equal(sources.open("busy"), busy);
  assert.notEqual(sources.open("over"), over);
});
