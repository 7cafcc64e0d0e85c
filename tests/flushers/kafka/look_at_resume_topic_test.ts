import assert from "node:assert/strict";
import { lookAtResumeTopic } from "../../../src/flushers/kafka/look_at_resume_topic.ts";
import { MemoryLog } from "../../support/memory_log.ts";
import { ground, RESUME, startRun } from "./transactions_bed.ts";

/** What is said of a topic with this policy. */
async function saidOf(policy: () => Promise<string>) {
  const log = new MemoryLog();
  await lookAtResumeTopic({ cleanupPolicy: policy }, { node: 1, topic: "r", bootstrap: "k:9092" }, log);
  return log.lines;
}

Deno.test("lookAtResumeTopic says nothing when the topic is compacted, also if it is cut off, too", async () => {
  for (const policy of ["compact", "compact,delete", "delete, compact"]) {
    assert.deepEqual(await saidOf(() => Promise.resolve(policy)), [], policy);
  }
});

Deno.test("lookAtResumeTopic warns once, with the command that mends it, when the topic is not compacted", async () => {
  const [line, ...more] = await saidOf(() => Promise.resolve("delete"));
  assert.deepEqual([line.level, more], ["warn", []]);
  assert.deepEqual(line.fields, {
    topic: "r",
    cleanupPolicy: "delete",
    remedy: "kafka-configs.sh --bootstrap-server k:9092 --alter --entity-type topics --entity-name r " +
      "--add-config cleanup.policy=compact",
  });
});

Deno.test("lookAtResumeTopic says no more than a line for debugging when the settings may not be seen", async () => {
  const lines = await saidOf(() => Promise.reject(new Error("TOPIC_AUTHORIZATION_FAILED")));
  assert.deepEqual(lines.map(({ level }) => level), ["debug"]);
});

Deno.test("Transactions looks at the topic once, at the start, and goes on whatever it is", async () => {
  const on = ground();
  on.kafka.cleanupPolicy = "delete";
  const run = await startRun(on);
  assert.deepEqual(run.found(), []);
  const said = run.log.lines.filter(({ message }) => message.includes("not compacted"));
  assert.deepEqual(said.map(({ level, fields }) => [level, fields.topic]), [["warn", RESUME]]);
  on.kafka.timeOut();
  run.reads("a").write(["1"]);
  await on.clock.run(5_000);
  assert.equal(on.kafka.calls.filter((call) => call === "setting").length, 1);
});

Deno.test("Transactions begins when the settings of its topic may not be seen", async () => {
  const on = ground();
  on.kafka.refusals.push(["setting", 29]);
  const run = await startRun(on);
  await on.clock.run(500);
  assert.deepEqual(run.found(), []);
  assert.deepEqual(run.log.lines.filter(({ level }) => level === "warn"), []);
});
