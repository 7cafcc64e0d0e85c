import assert from "node:assert/strict";
import { Ledger } from "../../../src/core/ledger.ts";
import type { TestLane } from "../../support/flusher_bed.ts";
import { ground, laneKey, lines, startRun } from "./transactions_bed.ts";

/** Lines of a lane that has read its file to the end with them. */
function give(lane: TestLane, lines: string[]): void {
  lane.write(lines);
  lane.sink.caughtUp();
}

Deno.test("Transactions commits once after 250 ms and settles only then when lines come", async () => {
  const on = ground();
  const run = await startRun(on);
  const lane = run.reads("a");
  await on.clock.run(1);
  give(lane, ["1", "2"]);
  await on.clock.run(100);
  assert.equal(on.kafka.texts("t").length, 2, "the broker has them");
  assert.deepEqual([lines(on), lane.safe], [[], 0]);
  await on.clock.run(200);
  assert.deepEqual([lines(on), lane.safe, on.kafka.commits], [["1", "2"], 2, 1]);
  assert.equal(run.budget.holders[0].used, 0);
  assert.equal(run.metrics.value("denotail_kafka_transactions_total"), 1);
});

Deno.test("Transactions sends nothing at all when nothing comes", async () => {
  const on = ground();
  const run = await startRun(on);
  run.reads("a");
  await on.clock.run(1000);
  const calls = on.kafka.calls.length;
  await on.clock.run(60_000);
  assert.equal(on.kafka.calls.length, calls);
  assert.equal(on.kafka.commits, 0);
});

Deno.test("Transactions stores the resume points of its own records when lanes go on meanwhile", async () => {
  const on = ground();
  const run = await startRun(on);
  const lane = run.reads("a");
  await on.clock.run(1);
  give(lane, ["1"]);
  await on.clock.run(200);
  // What is out when the time has come holds the commit up; what lanes give meanwhile belongs to the next one.
  on.kafka.auto = false;
  give(lane, ["2"]);
  await on.clock.run(100);
  assert.equal(on.kafka.held.length, 1);
  give(lane, ["3"]);
  await on.clock.run(100);
  on.kafka.take().accept();
  on.kafka.auto = true;
  await on.clock.run(20);
  assert.deepEqual([lines(on), lane.safe, on.kafka.commits], [["1", "2"], 2, 1]);
  const next = await startRun(on);
  assert.deepEqual(next.found()!.map(({ key, done }) => [key, done]), [[laneKey("a"), [2]]]);
});

Deno.test("Transactions settles the older generation's entry in the same commit when a record was joined", async () => {
  const on = ground();
  const run = await startRun(on);
  const lane = run.reads("young");
  await on.clock.run(1);
  const owner = {
    savedAt: ({ done }: { done: readonly number[] }, savedMs: number) => ({
      key: laneKey("old"),
      done,
      head: { length: 0, hash: 0 },
      anchor: { at: 0, length: 0, hash: 0 },
      hostPath: "/x.1",
      savedMs,
    }),
  };
  const older = new Ledger({ done: [5] }, () => {}, owner);
  const adopted = older.open({ done: [9] });
  const entry = lane.write(["joined"]);
  adopted.hold();
  entry.also = adopted;
  adopted.settle();
  lane.sink.caughtUp();
  await on.clock.run(300);
  assert.deepEqual(older.safe.done, [9]);
  const next = await startRun(on);
  const found = Object.fromEntries(next.found()!.map(({ key, done }) => [key.source, done[0]]));
  assert.deepEqual(found, { young: 1, old: 9 });
});

Deno.test("Transactions stops with a clear error when another producer has its id", async () => {
  const on = ground();
  const first = await startRun(on);
  const lane = first.reads("a");
  await on.clock.run(1);
  give(lane, ["1"]);
  await on.clock.run(50);
  const second = await startRun(on);
  assert.deepEqual(second.found(), []);
  give(lane, ["2"]);
  await on.clock.run(1000);
  const [said] = first.log.find("PRODUCER_FENCED");
  assert.equal(said.level, "error");
  assert.match(said.message, /stopped for good: another agent/);
  assert.equal(lane.sink.room(), 0);
  assert.deepEqual(lines(on), []);
  // It does not keep anybody waiting at the stop.
  let isStopped = false;
  first.flusher.stop(60_000).then(() => isStopped = true);
  await on.clock.run(10);
  assert.ok(isStopped);
  // The second one delivers all of it.
  const again = second.reads("a");
  await on.clock.run(1);
  give(again, ["1", "2"]);
  await on.clock.run(500);
  assert.deepEqual(lines(on), ["1", "2"]);
});

Deno.test("Transactions sends everything again in order when the coordinator gave one up", async () => {
  const on = ground();
  const run = await startRun(on);
  const lane = run.reads("a");
  await on.clock.run(1);
  // For longer than a transaction may take it cannot be committed.
  for (let i = 0; i < 100; i++) on.kafka.refusals.push(["end", 15]);
  give(lane, ["1", "2"]);
  await on.clock.run(400);
  give(lane, ["3"]);
  await on.clock.run(70_000);
  on.kafka.timeOut();
  on.kafka.refusals.length = 0;
  await on.clock.run(20_000);
  assert.deepEqual([lines(on), lane.safe], [["1", "2", "3"], 3]);
  assert.equal(run.metrics.value("denotail_kafka_transactions_aborted_total"), 1);
  assert.equal(run.log.find("PRODUCER_FENCED").length, 0);
});

Deno.test("Transactions settles once when the answer to a commit was lost and is found in the topic", async () => {
  const on = ground();
  const run = await startRun(on);
  const lane = run.reads("a");
  await on.clock.run(1);
  on.kafka.losesEnd = true;
  on.kafka.refusals.push(["coordinator", 15]);
  give(lane, ["1"]);
  await on.clock.run(270);
  assert.deepEqual([lines(on), lane.safe], [["1"], 0], "committed, and nobody knows");
  // The coordinator has forgotten the id meanwhile.
  on.kafka.refusals.push(["end", 49]);
  await on.clock.run(2000);
  assert.deepEqual([lines(on), lane.safe, on.kafka.commits], [["1"], 1, 1]);
  give(lane, ["2"]);
  await on.clock.run(500);
  assert.deepEqual(lines(on), ["1", "2"]);
});

Deno.test("Transactions asks again when the coordinator is still busy, moved or loading", async () => {
  const on = ground();
  const run = await startRun(on);
  const lane = run.reads("a");
  await on.clock.run(1);
  on.kafka.refusals.push(["add", 51], ["add", 16], ["coordinator", 15], ["end", 51], ["end", 14]);
  give(lane, ["1"]);
  await on.clock.run(3000);
  assert.deepEqual([lines(on), lane.safe, on.kafka.commits], [["1"], 1, 1]);
  assert.equal(run.metrics.value("denotail_kafka_transactions_aborted_total"), 0);
});

Deno.test("Transactions begins anew when a broker refuses a sequence", async () => {
  const on = ground();
  const run = await startRun(on);
  const lane = run.reads("a");
  await on.clock.run(1);
  give(lane, ["1"]);
  await on.clock.run(50);
  on.kafka.auto = false;
  give(lane, ["2"]);
  await on.clock.run(20);
  on.kafka.take().refuse(45);
  on.kafka.auto = true;
  await on.clock.run(2000);
  assert.deepEqual([lines(on), lane.safe], [["1", "2"], 2]);
  assert.equal(run.metrics.value("denotail_kafka_transactions_aborted_total"), 1);
});

Deno.test("Transactions waits for a topic that is not known yet when an entry has records for it", async () => {
  const on = ground();
  const run = await startRun(on, { Topic: "%{content.content}" });
  const lane = run.reads("a");
  await on.clock.run(1);
  give(lane, ["t", "later"]);
  await on.clock.run(2000);
  assert.equal(on.kafka.commits, 0);
  on.kafka.topics.set("later", [1]);
  await on.clock.run(40_000);
  assert.equal(lane.safe, 2);
  assert.equal(on.kafka.committed("later").length, 1);
});

Deno.test("Transactions deletes rows of lanes that are gone with the next commit", async () => {
  const on = ground();
  const run = await startRun(on);
  for (const source of ["a", "b"]) {
    const lane = run.reads(source);
    await on.clock.run(1);
    lane.write([source]);
    lane.sink.caughtUp();
  }
  await on.clock.run(500);
  run.flusher.forget!(laneKey("a"));
  const lane = run.reads("c");
  give(lane, ["c"]);
  await on.clock.run(500);
  const next = await startRun(on);
  assert.deepEqual(next.found()!.map(({ key }) => key.source).sort(), ["b", "c"]);
});

Deno.test("Transactions drains when it is stopped, without waiting for its time", async () => {
  const on = ground();
  const run = await startRun(on);
  const lane = run.reads("a");
  await on.clock.run(1);
  lane.write(["1"]);
  let isStopped = false;
  run.flusher.stop(10_000).then(() => isStopped = true);
  await on.clock.run(20);
  assert.ok(isStopped);
  assert.deepEqual([lines(on), lane.safe], [["1"], 1]);
});

Deno.test("Transactions keeps its partition of the topic when partitions are added", async () => {
  const on = ground();
  const run = await startRun(on);
  const lane = run.reads("a");
  await on.clock.run(1);
  give(lane, ["1"]);
  await on.clock.run(500);
  on.kafka.topics.set("denotail-resume", [1, 2, 1, 2, 1, 2, 1]);
  const next = await startRun(on);
  assert.equal(next.found()!.length, 1);
});

Deno.test("Transactions asks for the leader of its topic until there is one", async () => {
  const on = ground();
  on.kafka.topics.set("denotail-resume", [-1]);
  const run = await startRun(on);
  assert.equal(run.found(), null);
  on.kafka.topics.set("denotail-resume", [2]);
  await on.clock.run(1000);
  assert.deepEqual(run.found(), []);
});
