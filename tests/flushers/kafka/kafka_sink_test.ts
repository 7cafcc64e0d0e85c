import assert from "node:assert/strict";
import { TagSet } from "../../../src/core/tags.ts";
import { DYNAMIC_TOPICS_MAX } from "../../../src/flushers/kafka/sink_plan.ts";
import { FakeKafka } from "../../support/fake_kafka.ts";
import { contents, producerBed } from "./producer_bed.ts";

function fakeKafka(partitions: number): FakeKafka {
  const kafka = new FakeKafka();
  kafka.topics.set("t", Array.from({ length: partitions }, () => 1));
  return kafka;
}

function text(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder().decode(bytes);
}

Deno.test("KafkaSink keeps a source in one of at most four partitions of its node when there are many", async () => {
  const bed = await producerBed({}, fakeKafka(64));
  const lanes = Array.from({ length: 50 }, (_, i) => bed.lane(`container-${i}`));
  await bed.clock.run(1);
  for (let round = 0; round < 3; round++) {
    lanes.forEach((lane, i) => lane.write([`${i} ${round}`]));
  }
  lanes.forEach((lane) => lane.sink.caughtUp());
  await bed.clock.run(100);
  const homes = new Map<string, Set<number>>();
  const used = new Set<number>();
  for (let partition = 0; partition < 64; partition++) {
    for (const line of contents(bed.kafka.texts("t", partition))) {
      used.add(partition);
      const source = line.split(" ")[0];
      homes.set(source, (homes.get(source) ?? new Set()).add(partition));
    }
    assert.ok(bed.kafka.log("t", partition).keys.every((key) => key === null));
  }
  assert.equal(homes.size, 50);
  assert.ok([...homes.values()].every((partitions) => partitions.size === 1));
  assert.equal(used.size, 4);
});

Deno.test("KafkaSink changes a source's partition only when nothing of it is unacknowledged", async () => {
  const kafka = fakeKafka(1);
  const bed = await producerBed({ Metadata: { RefreshFrequency: 1000 } }, kafka);
  const lanes = ["a", "b", "c", "d"].map((source) => bed.lane(source));
  await bed.clock.run(1);
  kafka.auto = false;
  lanes.forEach((lane) => lane.write(["first"]));
  lanes.forEach((lane) => lane.sink.caughtUp());
  await bed.clock.run(0);
  kafka.topics.set("t", [1, 1, 1, 1]);
  await bed.clock.run(3000);
  lanes.forEach((lane) => lane.write(["second"]));
  lanes.forEach((lane) => lane.sink.caughtUp());
  kafka.auto = true;
  while (kafka.held.length > 0) kafka.take().accept();
  await bed.clock.run(3000);
  assert.equal(kafka.texts("t", 0).length, 8);
  lanes.forEach((lane) => lane.write(["third"]));
  lanes.forEach((lane) => lane.sink.caughtUp());
  await bed.clock.run(100);
  assert.ok(kafka.texts("t", 0).length < 12);
  assert.equal([0, 1, 2, 3].reduce((sum, partition) => sum + kafka.texts("t", partition).length, 0), 12);
});

Deno.test("KafkaSink spreads records one by one when the partitioner is roundrobin or random", async () => {
  for (const PartitionerType of ["roundrobin", "random"]) {
    const bed = await producerBed({ PartitionerType }, fakeKafka(3));
    let next = 0;
    (bed.context as { random: () => number }).random = () => (next = (next + 0.37) % 1);
    const lane = bed.lane();
    await bed.clock.run(1);
    lane.write(Array.from({ length: 30 }, (_, i) => `${i}`));
    lane.sink.caughtUp();
    await bed.clock.run(100);
    const counts = [0, 1, 2].map((partition) => bed.kafka.texts("t", partition).length);
    if (PartitionerType === "roundrobin") assert.deepEqual(counts, [10, 10, 10]);
    else assert.ok(Math.min(...counts) > 0, `${counts}`);
    assert.equal(lane.safe, 30);
    assert.equal(bed.report.warnings.filter(({ code }) => code === "KAFKA_ORDER").length, 1);
  }
});

Deno.test("KafkaSink joins the values of HashKeys by ### and places them as sarama does when the partitioner is hash", async () => {
  const options = { PartitionerType: "hash", HashKeys: ["content.user", "tag.k8s.pod.name", "content.none"] };
  const bed = await producerBed(options, fakeKafka(7));
  const lane = bed.lane("s", new TagSet([{ key: "_pod_name_", value: "web-0" }]));
  await bed.clock.run(1);
  lane.write([{ content: "1", user: "alice" }, { content: "2", user: "bob" }, { content: "3" }]);
  lane.sink.caughtUp();
  await bed.clock.run(100);
  // FNV-1a of the key as a signed 32-bit number, modulo 7, absolute value; computed apart.
  const fnv = (key: string) => {
    let hash = 0x811c9dc5n;
    for (const byte of new TextEncoder().encode(key)) {
      hash = ((hash ^ BigInt(byte)) * 0x01000193n) & 0xffffffffn;
    }
    return Math.abs(Number(BigInt.asIntN(32, hash)) % 7);
  };
  for (const [key, content] of [["alice###web-0", "1"], ["bob###web-0", "2"], ["web-0", "3"]]) {
    const log = bed.kafka.log("t", fnv(key));
    const at = log.keys.findIndex((found) => text(found) === key);
    assert.ok(at >= 0, key);
    assert.equal(contents(bed.kafka.texts("t", fnv(key)))[at], content);
  }
});

Deno.test("KafkaSink uses the first key for all records when HashOnce is set", async () => {
  const options = { PartitionerType: "hash", HashKeys: ["content.user"], HashOnce: true };
  const bed = await producerBed(options, fakeKafka(5));
  const [one, two] = [bed.lane("one"), bed.lane("two")];
  await bed.clock.run(1);
  one.write([{ content: "1", user: "alice" }, { content: "2", user: "bob" }]);
  two.write([{ content: "3", user: "carol" }]);
  one.sink.caughtUp();
  two.sink.caughtUp();
  await bed.clock.run(100);
  const keys = [0, 1, 2, 3, 4].flatMap((partition) => bed.kafka.log("t", partition).keys.map(text));
  assert.deepEqual(keys, ["alice", "alice", "alice"]);
});

Deno.test("KafkaSink sends records to the topics that their fields name, also before those are known", async () => {
  const kafka = new FakeKafka();
  for (const topic of ["app-a", "app-b", "unsorted"]) kafka.topics.set(topic, [1, 1, 1]);
  for (const PartitionerType of ["source", "hash", "roundrobin"]) {
    kafka.logs.clear();
    const bed = await producerBed(
      { Topic: "app-%{content.app}", FallbackTopic: "unsorted", PartitionerType, HashKeys: ["content.n"] },
      kafka,
    );
    const lane = bed.lane();
    for (let round = 0; round < 2; round++) {
      lane.write([
        { content: `1 ${round}`, app: "a", n: "1" },
        { content: `2 ${round}`, app: "b", n: "2" },
        { content: `3 ${round}`, n: "3" },
        { content: `4 ${round}`, app: "no topic!", n: "4" },
        { content: `5 ${round}`, app: "a", n: "5" },
      ]);
      lane.sink.caughtUp();
      await bed.clock.run(1000);
    }
    const all = (topic: string) =>
      [0, 1, 2].flatMap((partition) => contents(kafka.texts(topic, partition))).sort();
    assert.deepEqual(all("app-a"), ["1 0", "1 1", "5 0", "5 1"], PartitionerType);
    assert.deepEqual(all("app-b"), ["2 0", "2 1"]);
    assert.deepEqual(all("unsorted"), ["3 0", "3 1", "4 0", "4 1"]);
    assert.equal(lane.safe, 10);
    assert.equal(bed.budget.holders[0].used, 0);
    assert.equal(bed.log.find("has no field for its topic").length, 1);
  }
});

Deno.test("KafkaSink puts the key's text in place of a missing field when there is no FallbackTopic", async () => {
  const kafka = new FakeKafka();
  kafka.topics.set("test_content.application", [1]);
  const bed = await producerBed({ Topic: "test_%{content.application}" }, kafka);
  const lane = bed.lane();
  lane.write(["homeless"]);
  lane.sink.caughtUp();
  await bed.clock.run(100);
  assert.deepEqual(contents(kafka.texts("test_content.application")), ["homeless"]);
});

Deno.test("KafkaSink stamps records with the event's time when asked for, else with the moment of sending", async () => {
  for (const RecordTimestamp of ["event", "sending"]) {
    const bed = await producerBed({ RecordTimestamp });
    const lane = bed.lane();
    await bed.clock.run(1);
    lane.write(["a", "b", "c"], [5000.7, 3000, 9000]);
    lane.sink.caughtUp();
    await bed.clock.run(0);
    const expected = RecordTimestamp === "event" ? [5000, 3000, 9000] : Array(3).fill(bed.clock.wallMs());
    assert.deepEqual(bed.kafka.log("t", 0).timesMs, expected);
  }
});

Deno.test("KafkaSink sends what is longer than MaxMessageBytes in pieces when OversizeRecord is split", async () => {
  const bed = await producerBed({ MaxMessageBytes: 1000 });
  const lane = bed.lane();
  await bed.clock.run(1);
  const long = Array.from({ length: 400 }, (_, i) => `${i}"€😀`).join("");
  const entry = lane.write(["before", { content: long, level: "info" }, "after"]);
  assert.equal(lane.batch.text(lane.batch.find(1, bed.context.keys.dynamic("content"))), long);
  lane.sink.caughtUp();
  await bed.clock.run(100);
  const events = bed.kafka.texts("t").map((value) => {
    assert.ok(new TextEncoder().encode(value).length <= 1000);
    const pairs = (JSON.parse(value) as { Contents: { Key: string; Value: string }[] }).Contents;
    return Object.fromEntries(pairs.map(({ Key, Value }) => [Key, Value]));
  });
  const pieces = events.slice(1, -1);
  assert.equal(pieces.map(({ content }) => content).join(""), long);
  assert.ok(pieces.every(({ level }) => level === "info"));
  const n = pieces.length;
  assert.deepEqual(pieces.map(({ _split_ }) => _split_), [
    ...Array.from({ length: n - 1 }, (_, i) => `${i + 1}`),
    `${n}/${n}`,
  ]);
  assert.equal(events.at(-1)!.content, "after");
  assert.ok(entry.settled);
});

Deno.test("KafkaSink sends what is too long in pieces when its topic is not known yet either", async () => {
  for (const [OversizeRecord, kept] of [["split", true], ["truncate", false], ["drop", false]] as const) {
    const bed = await producerBed({ MaxMessageBytes: 1000, Topic: "%{content.to}", OversizeRecord });
    bed.kafka.topics.set("late", [1]);
    const lane = bed.lane();
    const long = "0123456789".repeat(300);
    const entry = lane.write([{ content: long, to: "late" }, { content: "after", to: "late" }]);
    lane.sink.caughtUp();
    await bed.clock.run(1000);
    const sent = contents(bed.kafka.texts("late"));
    assert.equal(sent.at(-1), "after");
    assert.equal(sent.slice(0, -1).join("") === long, kept, OversizeRecord);
    assert.equal(bed.log.find("longer than MaxMessageBytes").length, kept ? 0 : 1, OversizeRecord);
    assert.equal(sent.length, kept ? sent.length : OversizeRecord === "truncate" ? 2 : 1);
    assert.ok(entry.settled);
  }
});

Deno.test("KafkaSink truncates or drops what is longer than MaxMessageBytes when told so, and counts it", async () => {
  for (const OversizeRecord of ["truncate", "drop"]) {
    const bed = await producerBed({ MaxMessageBytes: 1000, OversizeRecord });
    const lane = bed.lane();
    await bed.clock.run(1);
    lane.write(["x".repeat(3000), "\u0001".repeat(900), "after"]);
    lane.sink.caughtUp();
    await bed.clock.run(100);
    const got = contents(bed.kafka.texts("t"));
    assert.equal(got.at(-1), "after");
    if (OversizeRecord === "drop") {
      assert.equal(got.length, 1);
      assert.equal(bed.metrics.value("denotail_kafka_dropped_records_total reason=too_large"), 2);
    } else {
      assert.equal(got.length, 3);
      assert.match(got[0], /^x{800,}…\[truncated \d+ bytes\]$/);
      assert.ok(bed.metrics.value("denotail_kafka_truncated_bytes_total") > 2000);
    }
    assert.equal(lane.safe, 3);
  }
});

Deno.test("KafkaSink stops reading for a topic that does not exist, and the client's other lanes go on", async () => {
  const kafka = new FakeKafka();
  kafka.topics.set("good", [1]);
  const bed = await producerBed({ Topic: "%{content.topic}" }, kafka);
  bed.budget.capBytes = 1024 * 1024;
  const stuck = Array.from({ length: 4 }, (_, i) => bed.lane(`stuck-${i}`));
  const fine = bed.lane("fine");
  for (const lane of stuck) lane.write([{ topic: "missing", content: "x".repeat(100_000) }]);
  await bed.clock.run(10);
  for (const lane of stuck) assert.equal(lane.sink.room(), 0);
  for (let i = 0; i < 20; i++) {
    assert.ok(fine.sink.room() > 500_000, `${fine.sink.room()}`);
    fine.write([{ topic: "good", content: "y".repeat(100_000) }]);
    fine.sink.caughtUp();
    await bed.clock.run(300);
  }
  assert.equal(fine.safe, 20);
  kafka.topics.set("missing", [1]);
  await bed.clock.run(60_000);
  assert.ok(stuck.every((lane) => lane.safe === 1 && lane.sink.room() > 0));
  assert.ok(bed.wakes > 0);
});

Deno.test("KafkaSink loses nothing when its topic was forgotten after a long silence", async () => {
  const kafka = new FakeKafka();
  kafka.topics.set("rare", [1]);
  const bed = await producerBed({ Topic: "%{content.topic}" }, kafka);
  const lane = bed.lane();
  lane.write([{ content: "1", topic: "rare" }]);
  lane.sink.caughtUp();
  await bed.clock.run(3_000_000);
  // The broker still knows the producer and its first sequences.
  assert.equal(kafka.log("rare", 0).producers.size, 1);
  kafka.topics.set("rare", [2]);
  lane.write([{ content: "2", topic: "rare" }]);
  lane.sink.caughtUp();
  await bed.clock.run(100);
  assert.deepEqual(contents(kafka.texts("rare")), ["1", "2"]);
});

Deno.test("KafkaSink writes nothing when no record has a field left", async () => {
  const bed = await producerBed();
  const lane = bed.lane();
  await bed.clock.run(1);
  lane.write([{}, {}]);
  lane.sink.caughtUp();
  await bed.clock.run(1000);
  assert.equal(lane.safe, 2);
  assert.deepEqual(bed.kafka.texts("t"), []);
});

Deno.test("KafkaSink keeps to its limit of topics when a field names 100,000 of them, and counts the rest", async () => {
  const kafka = fakeKafka(1);
  for (let i = 0; i < DYNAMIC_TOPICS_MAX + 100; i++) kafka.topics.set(`app-${i}`, [1]);
  kafka.topics.set("rest", [1]);
  kafka.topics.set("app-", [1]);
  const bed = await producerBed({ Topic: "app-%{content.app}", FallbackTopic: "rest" }, kafka);
  const lane = bed.lane();
  await bed.clock.run(1);
  const hostile = ["../x", "a\nb", "\u001b[2J", "é", "x".repeat(300), ""];
  for (let i = 0; i < 100_000; i += 100) {
    lane.write(
      Array.from(
        { length: 100 },
        (_, n) => ({ content: "", app: n === 7 ? hostile[i / 100 % 6] : `${i + n}` }),
      ),
    );
    lane.sink.caughtUp();
    await bed.clock.run(50);
  }
  await bed.clock.run(5_000);
  const asked = new Set(kafka.asked.flat());
  assert.ok(asked.size <= DYNAMIC_TOPICS_MAX + 2, `${asked.size} topics were asked for`);
  assert.ok([...asked].every((topic) => /^(?:app-\d*|rest)$/.test(topic)), "a topic that was made up");
  assert.equal(lane.safe, 100_000, "all of them arrived somewhere");
  const counts = ["no_field", "topic_limit"].map((reason) =>
    bed.metrics.value(`denotail_kafka_redirected_records_total reason=${reason}`)
  );
  assert.ok(counts[0] >= 800 && counts[0] <= 1_000, `${counts}`);
  assert.equal(counts[0] + counts[1], bed.kafka.texts("rest").length);
  assert.equal(
    bed.log.lines.filter(({ message }) => message.startsWith("Log fields name more topics")).length,
    1,
  );
});
