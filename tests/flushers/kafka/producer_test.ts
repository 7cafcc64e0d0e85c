import assert from "node:assert/strict";
import { contents, type ProducerBed, producerBed } from "./producer_bed.ts";
import type { TestLane } from "../../support/flusher_bed.ts";

/** A lane whose partition has seen an acknowledgement, so that several batches may be out. */
async function warmLane(bed: ProducerBed): Promise<TestLane> {
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["warm"]);
  lane.sink.caughtUp();
  await bed.clock.run(1);
  assert.equal(lane.safe, 1);
  return lane;
}

Deno.test("Producer sends one batch at a time when the broker does not know it yet", async () => {
  const bed = await producerBed({ BulkMaxSize: 1 });
  bed.kafka.auto = false;
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["a", "b", "c"]);
  lane.sink.caughtUp();
  await bed.clock.run(0);
  assert.equal(bed.kafka.held.length, 1);
  bed.kafka.take().accept();
  await bed.clock.run(0);
  assert.equal(bed.kafka.held.length, 2);
});

Deno.test("Producer keeps the order when the broker has forgotten it during a long rest", async () => {
  const bed = await producerBed({ BulkMaxSize: 1 });
  const lane = await warmLane(bed);
  await bed.clock.run(86_400_000);
  bed.kafka.log("t", 0).producers.clear();
  bed.kafka.auto = false;
  lane.write(["a", "b", "c"]);
  lane.sink.caughtUp();
  await bed.clock.run(0);
  // Two of them, and the broker would take the second one for the first of all.
  assert.equal(bed.kafka.held.length, 1);
  bed.kafka.take().refuse(19);
  bed.kafka.auto = true;
  await bed.clock.run(10_000);
  assert.deepEqual(contents(bed.kafka.texts("t")), ["warm", "a", "b", "c"]);
  assert.equal(lane.safe, 4);
});

Deno.test("Producer delivers and settles when the cluster takes everything", async () => {
  const bed = await producerBed();
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["a", "b"]);
  lane.write(["c"]);
  lane.sink.caughtUp();
  assert.equal(lane.safe, 0);
  await bed.clock.run(1);
  assert.deepEqual(contents(bed.kafka.texts("t")), ["a", "b", "c"]);
  assert.equal(lane.safe, 3);
  assert.equal(bed.budget.holders[0].used, 0);
  assert.equal(bed.metrics.value("denotail_kafka_records_total"), 3);
});

Deno.test("Producer has no room and asks for none of the lines when the topic is not described yet", async () => {
  const bed = await producerBed();
  bed.kafka.reachable = false;
  const lane = bed.lane();
  assert.equal(lane.sink.room(), 0);
  await bed.clock.run(60_000);
  assert.equal(lane.sink.room(), 0);
  assert.equal(bed.log.find("cannot be reached").length, 1);
  bed.kafka.reachable = true;
  await bed.clock.run(15_000);
  assert.ok(bed.wakes > 0);
  assert.ok(lane.sink.room() > 1_000_000);
});

Deno.test("Producer asks about a new topic at once and about nothing else, however soon after an answer", async () => {
  const bed = await producerBed({ Topic: "%{content.content}" });
  bed.kafka.topics.set("u", [1]);
  const lane = bed.lane();
  lane.write(["t"]);
  await bed.clock.run(1);
  assert.deepEqual(bed.kafka.asked, [["t"]]);
  lane.write(["u"]);
  await bed.clock.run(0);
  assert.deepEqual(bed.kafka.asked, [["t"], ["u"]]);
  await bed.clock.run(300);
  assert.deepEqual(bed.kafka.asked.length, 2);
  assert.deepEqual([bed.kafka.texts("t").length, bed.kafka.texts("u").length], [1, 1]);
});

Deno.test("Producer asks about new topics with all others after the pause when the cluster did not answer", async () => {
  const bed = await producerBed({ Topic: "%{content.content}" });
  bed.kafka.topics.set("u", [1]);
  bed.kafka.reachable = false;
  const lane = bed.lane();
  lane.write(["t"]);
  await bed.clock.run(1);
  lane.write(["u"]);
  await bed.clock.run(1);
  assert.deepEqual(bed.kafka.asked, [["t"]]);
  bed.kafka.reachable = true;
  await bed.clock.run(10_000);
  assert.deepEqual(bed.kafka.asked, [["t"], ["t", "u"]]);
});

Deno.test("Producer seals at once when a lane has caught up, later when more may come", async () => {
  const bed = await producerBed();
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["more comes"]);
  await bed.clock.run(150);
  assert.deepEqual(bed.kafka.texts("t"), []);
  await bed.clock.run(60);
  assert.deepEqual(contents(bed.kafka.texts("t")), ["more comes"]);
  lane.write(["lonely"]);
  lane.sink.caughtUp();
  await bed.clock.run(0);
  assert.equal(bed.kafka.texts("t").length, 2);
});

Deno.test("Producer gathers what comes behind a batch in flight when lanes have caught up", async () => {
  const bed = await producerBed();
  bed.kafka.auto = false;
  const [one, two] = [bed.lane("one"), bed.lane("two")];
  await bed.clock.run(1);
  one.write(["1"]);
  one.sink.caughtUp();
  await bed.clock.run(0);
  one.write(["2"]);
  one.sink.caughtUp();
  two.write(["3"]);
  two.sink.caughtUp();
  await bed.clock.run(5);
  assert.equal(bed.kafka.held.length, 1);
  bed.kafka.take().accept();
  await bed.clock.run(0);
  assert.equal(bed.kafka.held.length, 1);
  assert.equal(bed.kafka.held[0].records, 2);
});

Deno.test("Producer counts answers by the time they took", async () => {
  const bed = await producerBed();
  const lane = await warmLane(bed);
  bed.kafka.auto = false;
  for (const tookMs of [20, 21, 5_000]) {
    lane.write(["a"]);
    lane.sink.caughtUp();
    await bed.clock.run(0);
    await bed.clock.run(tookMs);
    bed.kafka.take().accept();
    await bed.clock.run(0);
  }
  const counts = ["5 ms", "10 ms", "20 ms", "50 ms", "100 ms", "1000 ms", "longer"].map((within) =>
    bed.metrics.value(`denotail_kafka_answers_total within=${within}`)
  );
  assert.deepEqual(counts, [1, 0, 1, 1, 0, 0, 1]);
});

Deno.test("Producer settles only what is acknowledged when a batch is refused for a while", async () => {
  const bed = await producerBed({ BulkMaxSize: 1 });
  const lane = await warmLane(bed);
  bed.kafka.auto = false;
  lane.write(["a", "b", "c"]);
  lane.sink.caughtUp();
  await bed.clock.run(0);
  assert.deepEqual(bed.kafka.held.map((request) => request.sequence), [1, 2, 3]);
  bed.kafka.take().refuse(19);
  bed.kafka.take().refuse(45);
  bed.kafka.take().refuse(45);
  await bed.clock.run(0);
  assert.equal(bed.kafka.held.length, 0);
  assert.equal(lane.safe, 1);
  bed.kafka.auto = true;
  await bed.clock.run(1000);
  assert.deepEqual(contents(bed.kafka.texts("t")), ["warm", "a", "b", "c"]);
  assert.equal(lane.safe, 4);
});

Deno.test("Producer takes DUPLICATE_SEQUENCE_NUMBER for success when an answer was lost", async () => {
  const bed = await producerBed({ BulkMaxSize: 2 });
  const lane = await warmLane(bed);
  bed.kafka.auto = false;
  lane.write(["a", "b", "c", "d"]);
  await bed.clock.run(0);
  bed.kafka.take().acceptAndLose();
  bed.kafka.take().lose();
  bed.kafka.auto = true;
  await bed.clock.run(2000);
  assert.deepEqual(contents(bed.kafka.texts("t")), ["warm", "a", "b", "c", "d"]);
  assert.equal(lane.safe, 5);
});

Deno.test("Producer follows the leader when it moves while requests are out", async () => {
  const bed = await producerBed({ BulkMaxSize: 1 });
  const lane = await warmLane(bed);
  bed.kafka.auto = false;
  lane.write(["a", "b", "c"]);
  lane.sink.caughtUp();
  await bed.clock.run(0);
  bed.kafka.topics.set("t", [2]);
  for (let i = 0; i < 3; i++) bed.kafka.take().accept();
  bed.kafka.auto = true;
  await bed.clock.run(3000);
  assert.deepEqual(contents(bed.kafka.texts("t")), ["warm", "a", "b", "c"]);
  assert.equal(lane.safe, 4);
});

Deno.test("Producer lets other brokers' partitions flow when one broker is dead", async () => {
  const bed = await producerBed({ PartitionerType: "hash", HashKeys: ["content.k"] });
  bed.kafka.topics.set("t", [1, 2]);
  bed.kafka.down.add(1);
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(Array.from({ length: 20 }, (_, i) => ({ content: `${i}`, k: `${i}` })));
  lane.sink.caughtUp();
  await bed.clock.run(30_000);
  const alive = bed.kafka.texts("t", 1).length;
  assert.ok(alive > 0);
  assert.equal(bed.kafka.texts("t", 0).length, 0);
  assert.equal(lane.safe, 0);
  const warnings = bed.log.find("takes no records, they are sent again");
  assert.equal(warnings.length, 1);
  bed.kafka.down.delete(1);
  await bed.clock.run(15_000);
  assert.equal(bed.kafka.texts("t", 0).length, 20 - alive);
  assert.equal(lane.safe, 20);
});

Deno.test("Producer starts sequences over under a new epoch when the broker has lost its state", async () => {
  const bed = await producerBed({ BulkMaxSize: 1 });
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["a", "b"]);
  lane.sink.caughtUp();
  await bed.clock.run(10);
  bed.kafka.auto = false;
  lane.write(["c", "d"]);
  lane.sink.caughtUp();
  await bed.clock.run(0);
  bed.kafka.take().refuse(59);
  bed.kafka.take().refuse(45);
  await bed.clock.run(1000);
  // One at a time until an acknowledgement.
  assert.equal(bed.kafka.held.length, 1);
  assert.deepEqual([bed.kafka.held[0].sequence, bed.kafka.held[0].epoch], [0, 1]);
  bed.kafka.take().accept();
  await bed.clock.run(100);
  assert.deepEqual([bed.kafka.held[0].sequence, bed.kafka.held[0].epoch], [1, 1]);
  bed.kafka.take().accept();
  await bed.clock.run(0);
  assert.deepEqual(contents(bed.kafka.texts("t")), ["a", "b", "c", "d"]);
  assert.equal(lane.safe, 4);
});

Deno.test("Producer rebases when the first unacknowledged batch is out of order", async () => {
  const bed = await producerBed();
  bed.kafka.auto = false;
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["a"]);
  lane.sink.caughtUp();
  await bed.clock.run(0);
  bed.kafka.take().refuse(45);
  bed.kafka.auto = true;
  await bed.clock.run(1000);
  assert.equal(lane.safe, 1);
  assert.equal([...bed.kafka.log("t", 0).producers.values()][0].epoch, 1);
});

Deno.test("Producer takes another id when its own is fenced", async () => {
  const bed = await producerBed();
  bed.kafka.auto = false;
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["a"]);
  lane.sink.caughtUp();
  await bed.clock.run(0);
  bed.kafka.take().refuse(47);
  bed.kafka.auto = true;
  await bed.clock.run(1000);
  assert.equal(lane.safe, 1);
  assert.deepEqual([...bed.kafka.log("t", 0).producers.keys()], [101n]);
});

Deno.test("Producer asks again for its id when the coordinator is still loading", async () => {
  const bed = await producerBed();
  bed.kafka.idCode = 14;
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["a"]);
  lane.sink.caughtUp();
  await bed.clock.run(500);
  assert.equal(lane.safe, 0);
  bed.kafka.idCode = 0;
  await bed.clock.run(10_000);
  assert.equal(lane.safe, 1);
});

Deno.test("Producer halves a batch and keeps the sequences when the broker finds it too large", async () => {
  for (const Compression of ["none", "gzip"]) {
    const bed = await producerBed({ Compression });
    const lane = bed.lane();
    await bed.clock.run(1);
    bed.kafka.batchBytesMax = Compression === "none" ? 700 : 300;
    const texts = Array.from({ length: 20 }, (_, i) => `record ${i} ${Math.sin(i)}${Math.cos(i)}`);
    lane.write(texts);
    lane.sink.caughtUp();
    await bed.clock.run(0);
    lane.write(["behind"]);
    lane.sink.caughtUp();
    await bed.clock.run(5000);
    assert.deepEqual(contents(bed.kafka.texts("t")), [...texts, "behind"]);
    assert.equal(lane.safe, 21);
    assert.equal(bed.budget.holders[0].used, 0);
  }
});

Deno.test("Producer cuts the longest text when one record is above the broker's limit", async () => {
  const bed = await producerBed();
  const lane = bed.lane();
  await bed.clock.run(1);
  bed.kafka.batchBytesMax = 1000;
  lane.write(["before", "x".repeat(5000), "after"]);
  lane.sink.caughtUp();
  await bed.clock.run(10_000);
  const [before, cut, after] = contents(bed.kafka.texts("t"));
  assert.deepEqual([before, after], ["before", "after"]);
  assert.match(cut, /^x+…\[truncated \d+ bytes\]/);
  assert.equal(lane.safe, 3);
  assert.ok(bed.metrics.value("denotail_kafka_truncated_bytes_total") > 4000);
});

Deno.test("Producer drops a record and goes on when nothing is left to cut", async () => {
  const bed = await producerBed();
  const lane = bed.lane();
  await bed.clock.run(1);
  bed.kafka.batchBytesMax = 120;
  lane.write(["x".repeat(300)]);
  lane.sink.caughtUp();
  await bed.clock.run(20_000);
  assert.equal(lane.safe, 1);
  await bed.clock.run(60_000);
  assert.equal(bed.clock.pending, 1, "only the next refresh of metadata");
  bed.kafka.batchBytesMax = Infinity;
  lane.write(["next"]);
  lane.sink.caughtUp();
  await bed.clock.run(5000);
  assert.deepEqual(contents(bed.kafka.texts("t")), ["next"]);
  assert.equal(lane.safe, 2);
  assert.equal(bed.metrics.value("denotail_kafka_dropped_records_total reason=too_large"), 1);
  assert.equal(bed.budget.holders[0].used, 0);
});

Deno.test("Producer parks only the topic that does not exist and names it once with a remedy", async () => {
  const bed = await producerBed({ Topic: "%{content.topic}" });
  bed.kafka.topics.set("good", [1]);
  const lane = bed.lane();
  lane.write([{ content: "1", topic: "good" }, { content: "2", topic: "missing" }]);
  lane.sink.caughtUp();
  await bed.clock.run(120_000);
  assert.deepEqual(contents(bed.kafka.texts("good")), ["1"]);
  assert.equal(lane.safe, 0);
  const named = bed.log.find("takes no records, its lines wait");
  assert.equal(named.length, 1);
  assert.match(String(named[0].fields.remedy), /create the topic 'missing'/);
  bed.kafka.topics.set("missing", [1]);
  await bed.clock.run(40_000);
  assert.deepEqual(contents(bed.kafka.texts("missing")), ["2"]);
  assert.equal(lane.safe, 2);
});

Deno.test("Producer waits with a topic when it may not write there, and goes on when it may", async () => {
  const bed = await producerBed();
  bed.kafka.auto = false;
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["a"]);
  lane.sink.caughtUp();
  for (let i = 0; i < 4; i++) {
    await bed.clock.run(10_000);
    bed.kafka.take().refuse(29);
  }
  await bed.clock.run(0);
  assert.equal(bed.log.find("TOPIC_AUTHORIZATION_FAILED").length, 1);
  bed.kafka.auto = true;
  await bed.clock.run(40_000);
  assert.equal(lane.safe, 1);
  assert.equal(bed.log.find("takes records again").length, 1);
});

Deno.test("Producer tries a refused topic again in time when metadata came for another one meanwhile", async () => {
  const bed = await producerBed({ Topic: "%{content.topic}" });
  bed.kafka.topics.set("other", [1]);
  bed.kafka.auto = false;
  const lane = bed.lane();
  lane.write([{ content: "1", topic: "t" }]);
  lane.sink.caughtUp();
  for (let i = 0; i < 8; i++) {
    await bed.clock.run(31_000);
    bed.kafka.take().refuse(29);
  }
  await bed.clock.run(1000);
  bed.kafka.auto = true;
  // Nobody knows this topic yet: metadata are asked for, before the refused one's time has come.
  lane.write([{ content: "2", topic: "other" }]);
  await bed.clock.run(40_000);
  assert.deepEqual(contents(bed.kafka.texts("t")), ["1"]);
  assert.equal(lane.safe, 2);
});

Deno.test("Producer keeps one request out per partition when acks are not from all", async () => {
  const bed = await producerBed({ BulkMaxSize: 1, RequiredAcks: 1 });
  bed.kafka.auto = false;
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["a", "b"]);
  lane.sink.caughtUp();
  await bed.clock.run(0);
  assert.equal(bed.kafka.held.length, 1);
  assert.equal(bed.kafka.held[0].sequence, -1);
  bed.kafka.take().lose();
  await bed.clock.run(1000);
  bed.kafka.auto = true;
  bed.kafka.take().accept();
  await bed.clock.run(1000);
  assert.deepEqual(contents(bed.kafka.texts("t")), ["a", "b"]);
});

Deno.test("Producer has at most five requests out per broker when many batches wait", async () => {
  const bed = await producerBed({ BulkMaxSize: 1 });
  const lane = await warmLane(bed);
  bed.kafka.auto = false;
  lane.write(Array.from({ length: 20 }, (_, i) => `${i}`));
  await bed.clock.run(0);
  assert.equal(bed.kafka.held.length, 5);
  assert.equal(lane.sink.room(), 0);
  bed.kafka.auto = true;
  while (bed.kafka.held.length > 0) bed.kafka.take().accept();
  await bed.clock.run(0);
  assert.ok(bed.wakes > 0);
  assert.ok(lane.sink.room() > 0);
  assert.equal(lane.safe, 21);
});

Deno.test("Producer says that it is stalled when nothing is acknowledged for ten seconds", async () => {
  const bed = await producerBed();
  bed.kafka.auto = false;
  const lane = bed.lane();
  await bed.clock.run(60_000);
  lane.write(["a"]);
  lane.sink.caughtUp();
  await bed.clock.run(9000);
  assert.equal(bed.budget.holders[0].stalled, false);
  await bed.clock.run(2500);
  assert.equal(bed.budget.holders[0].stalled, true);
  bed.kafka.take().accept();
  await bed.clock.run(1);
  assert.equal(bed.budget.holders[0].stalled, false);
});

Deno.test("Producer gives no room when its part of the budget is full, and seals what is open", async () => {
  const bed = await producerBed();
  bed.budget.capBytes = 2000;
  bed.kafka.auto = false;
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["x".repeat(1900)]);
  assert.ok(lane.sink.room() < 100);
  await bed.clock.run(0);
  assert.equal(bed.kafka.held.length, 1);
  assert.equal(lane.sink.room(), 0);
  bed.kafka.take().accept();
  await bed.clock.run(0);
  assert.equal(lane.sink.room(), 2000);
});

Deno.test("stop resolves when all is acknowledged, at the latest at the deadline", async () => {
  const bed = await producerBed();
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write(["a"]);
  lane.sink.close();
  await Promise.all([bed.flusher.stop(10_000), bed.clock.run(1)]);
  assert.equal(lane.safe, 1);
  assert.equal(bed.kafka.closed, 1);
  const stuck = await producerBed();
  stuck.kafka.auto = false;
  const other = stuck.lane();
  await stuck.clock.run(1);
  other.write(["a"]);
  let stopped = false;
  const stop = stuck.flusher.stop(10_000).then(() => stopped = true);
  await stuck.clock.run(9000);
  assert.equal(stopped, false);
  await stuck.clock.run(1500);
  await stop;
  assert.equal(other.safe, 0);
  assert.equal(stuck.clock.pending, 0);
});

Deno.test("Producer calls lanes without room a few times when the cluster cannot be reached", async () => {
  const bed = await producerBed();
  bed.kafka.reachable = false;
  let asked = 0;
  const ask = () => {
    // As the tail does: not in the call, but in a turn soon after.
    bed.clock.after(0, () => {
      asked++;
      if (asked < 1_000) lane.sink.room();
    });
  };
  Object.assign(bed.context, { wake: ask });
  const lane = bed.lane();
  ask();
  await bed.clock.run(10_000);
  assert.ok(asked < 100, `${asked} times in 10 s`);
  bed.kafka.reachable = true;
  await bed.clock.run(10_000);
  assert.ok(lane.sink.room() > 0);
});
