import assert from "node:assert/strict";
import fc from "fast-check";
import { FakeKafka } from "../../support/fake_kafka.ts";
import { contents, producerBed } from "./producer_bed.ts";

/** One step of a run: lines of a source, time, or what the cluster does with requests. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      source: fc.nat(3),
      lines: fc.nat(6),
      end: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.constantFrom(0, 1, 25, 300, 2000) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("answer" as const),
      how: fc.constantFrom(
        "accept",
        "accept",
        "accept",
        "acceptAndLose",
        "lose",
        6,
        7,
        19,
        45,
        47,
        59,
        -1,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("leader" as const),
      partition: fc.nat(2),
      node: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reach" as const), reachable: fc.boolean() }) },
);

Deno.test("Producer settles every hold once and keeps each source's order when anything may fail", async () => {
  const run = fc.record({
    steps: fc.array(step, { maxLength: 60 }),
    records: fc.integer({ min: 1, max: 4 }),
    compression: fc.constantFrom("none", "gzip"),
    limit: fc.constantFrom(Infinity, 250),
  });
  await fc.assert(
    fc.asyncProperty(run, async ({ steps, records, compression, limit }) => {
      const kafka = new FakeKafka();
      kafka.topics.set("t", [1, 2, 3]);
      kafka.auto = false;
      kafka.batchBytesMax = limit;
      const bed = await producerBed({ BulkMaxSize: records, Compression: compression }, kafka);
      const lanes = [0, 1, 2, 3].map((source) => bed.lane(`s${source}`));
      const written = lanes.map(() => 0);
      await bed.clock.run(1);
      for (const one of steps) {
        if (one.kind === "write") {
          const lane = lanes[one.source];
          // A lane reads only when it has room.
          if (lane.sink.room() === 0) continue;
          lane.write(Array.from({ length: one.lines }, () => `${one.source} ${written[one.source]++}`));
          if (one.end) lane.sink.caughtUp();
        } else if (one.kind === "time") await bed.clock.run(one.ms);
        else if (one.kind === "leader") kafka.topics.get("t")![one.partition] = one.node;
        else if (one.kind === "reach") kafka.reachable = one.reachable;
        else if (kafka.held.length > 0) {
          const request = kafka.take();
          if (typeof one.how === "number") request.refuse(one.how);
          else request[one.how as "accept" | "lose" | "acceptAndLose"]();
          await bed.clock.run(0);
        }
      }
      kafka.reachable = true;
      kafka.auto = true;
      while (kafka.held.length > 0) kafka.take().accept();
      await bed.clock.run(300_000);
      lanes.forEach((lane, source) => assert.equal(lane.safe, written[source], `source ${source}`));
      assert.equal(bed.budget.holders[0]?.used ?? 0, 0);
      checkOrder(kafka, written);
    }),
    { numRuns: 300 },
  );
});

/** Every line is there, first copies are in order, and a source stays in one partition. */
function checkOrder(kafka: FakeKafka, written: readonly number[]): void {
  const next = written.map(() => 0);
  const home = new Map<number, number>();
  for (const partition of [0, 1, 2]) {
    for (const line of contents(kafka.texts("t", partition))) {
      const [source, number] = line.split(" ").map(Number);
      assert.equal(home.get(source) ?? partition, partition);
      home.set(source, partition);
      assert.ok(number <= next[source], `source ${source}: ${number} came before ${next[source]}`);
      if (number === next[source]) next[source]++;
    }
  }
  assert.deepEqual(next, written);
}
