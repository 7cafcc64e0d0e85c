/** `Delivery: exactly_once`: the agent is killed under load and amid rotations, and each line is there once. */
import assert from "node:assert/strict";
import type { TestAgent } from "../support/agent.ts";
import { startKafka, type TestKafka } from "../support/kafka.ts";
import { sleep, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { type Fate, fateOf, fateText, oracleRecords } from "../support/oracle.ts";
import { oracleLines } from "../support/oracle_lines.ts";
import { brokerTime, report } from "../support/verify.ts";
import { AgentBed, filePipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "namespace"));

const committed = { timeoutMs: 120_000, settings: { "isolation.level": "read_committed" } };
const flusher = ["Delivery: exactly_once", "ResumeTopic: resume"];

let resumeTopic: Promise<void> | undefined;

/** The topic of resume points, in small segments, so that its cleaner has work. */
async function makeResumeTopic(): Promise<void> {
  const kafka = await bed.kafka();
  await (resumeTopic ??= kafka.createTopic("resume", 3, {
    "cleanup.policy": "compact",
    "segment.bytes": "1048576",
    "min.cleanable.dirty.ratio": "0.01",
    ...brokerTime,
  }));
}

async function folderOf(name: string): Promise<string> {
  const { folder } = await bed.namespace();
  const logs = `${folder}/tmp/${name}`;
  Deno.mkdirSync(logs, { recursive: true });
  return logs;
}

/** Fates as a `read_committed` consumer sees them, once nothing is missing or the time is over. */
async function fates(
  topic: string,
  sources: readonly string[],
  count: number,
  broker?: TestKafka,
): Promise<Fate[]> {
  const kafka = broker ?? await bed.kafka();
  let found: Fate[] = [];
  for (let i = 0; i < 40; i++) {
    const numbered = oracleRecords(await kafka.consume(topic, committed));
    found = sources.map((source) => fateOf(numbered, source, count));
    if (found.every(({ lostCount }) => lostCount === 0)) break;
    await sleep(1000);
  }
  // What is still on its way would be a repeat.
  await sleep(1500);
  const numbered = oracleRecords(await kafka.consume(topic, committed));
  return sources.map((source) => fateOf(numbered, source, count));
}

function assertOnce(fate: Fate): void {
  report(fateText(fate));
  assert.equal(fate.lostCount, 0, `lost: ${fate.lost}`);
  assert.equal(
    fate.repeats.length,
    0,
    `repeated: ${fate.repeats.slice(0, 5).map(({ sequence }) => sequence)}`,
  );
  assert.equal(fate.disorder, 0);
}

async function crash(agent: TestAgent): Promise<void> {
  await agent.kill9();
  await agent.start();
}

test("run delivers each line exactly once when it is killed again and again amid 240,000 and three rotations of each file", async () => {
  const kafka = await bed.kafka();
  await makeResumeTopic();
  const topic = await bed.topic("once", 3);
  const logs = await folderOf("once");
  const sources = ["a", "b", "c"];
  for (const source of sources) Deno.writeTextFileSync(`${logs}/${source}.log`, "");
  const agent = await bed.agent({
    pipelines: { once: filePipeline(logs, "*.log", kafka.bootstrap, topic, [], flusher) },
  });
  const count = 80_000;
  const perBurst = 500;
  let isWritten = false;
  const writing = (async () => {
    for (let from = 1; from <= count; from += perBurst) {
      for (const source of sources) {
        const path = `${logs}/${source}.log`;
        Deno.writeTextFileSync(path, oracleLines(source, from, from + perBurst - 1), { append: true });
        if (from % (perBurst * 60) === perBurst * 30 + 1) {
          for (let n = 5; n >= 1; n--) {
            try {
              Deno.renameSync(`${path}.${n}`, `${path}.${n + 1}`);
            } catch {
              // Not there yet.
            }
          }
          Deno.renameSync(path, `${path}.1`);
          Deno.writeTextFileSync(path, "");
        }
      }
      await sleep(180);
    }
    isWritten = true;
  })();
  let kills = 0;
  while (!isWritten) {
    await sleep(2000 + 2000 * Math.random());
    await crash(agent);
    kills++;
  }
  await writing;
  report(`${kills} kills`);
  assert.ok(kills >= 5);
  for (const fate of await fates(topic, sources, count)) assertOnce(fate);
  const seen = (await kafka.endOffsets(topic)).reduce((sum, end) => sum + end, 0);
  report(
    `${seen} offsets for ${
      count * sources.length
    } lines: the others are aborted ones and ends of transactions`,
  );
  assert.equal(await agent.stop(), 0);
});

test("run goes on at the right line when its checkpoint is older than what is committed", async () => {
  const kafka = await bed.kafka();
  await makeResumeTopic();
  const topic = await bed.topic("older");
  const logs = await folderOf("older");
  const path = `${logs}/app.log`;
  Deno.writeTextFileSync(path, oracleLines("s", 1, 1000));
  const agent = await bed.agent({
    pipelines: {
      older: filePipeline(logs, "app.log", kafka.bootstrap, topic, ["TailSizeKB: 10000"], flusher),
    },
  });
  await waitFor("the first thousand", async () => (await kafka.consume(topic, committed)).length >= 1000);
  assert.equal(await agent.stop(), 0);
  const { checkpointDir } = agent;
  const kept = `${checkpointDir}-kept`;
  await new Deno.Command("cp", { args: ["-a", checkpointDir, kept] }).output();
  Deno.writeTextFileSync(path, oracleLines("s", 1001, 2000), { append: true });
  await agent.start();
  await waitFor("two thousand", async () => (await kafka.consume(topic, committed)).length >= 2000);
  await agent.kill9();
  // Somebody puts a backup back.
  Deno.removeSync(checkpointDir, { recursive: true });
  Deno.renameSync(kept, checkpointDir);
  Deno.writeTextFileSync(path, oracleLines("s", 2001, 3000), { append: true });
  await agent.start();
  const [fate] = await fates(topic, ["s"], 3000);
  assertOnce(fate);
  assert.deepEqual(agent.logged("compacted"), [], "nothing is to be said of a compacted topic");
  assert.equal(await agent.stop(), 0);
});

test("run is ready, says that it waits when the topic of resume points is not there, and warns when it is not compacted", async () => {
  const kafka = await bed.kafka();
  const topic = await bed.topic("waits");
  const logs = await folderOf("waits");
  Deno.writeTextFileSync(`${logs}/app.log`, oracleLines("s", 1, 10));
  const later = ["Delivery: exactly_once", "ResumeTopic: later"];
  const agent = await bed.agent({
    pipelines: { waits: filePipeline(logs, "app.log", kafka.bootstrap, topic, ["TailSizeKB: 100"], later) },
  });
  assert.equal(
    await agent.get("/readyz"),
    "ok\nthe pipeline 'waits' reads nothing yet, it is waiting for the resume points of topic 'later'\n",
  );
  await kafka.createTopic("later", 1, { "cleanup.policy": "delete" });
  const [fate] = await fates(topic, ["s"], 10);
  assertOnce(fate);
  assert.equal(await agent.get("/readyz"), "ok\n");
  const [said, ...more] = agent.logged("Topic of resume points is not compacted");
  assert.deepEqual([said.cleanupPolicy, more], ["delete", []]);
  assert.match(
    said.remedy,
    /^kafka-configs\.sh .* --entity-name later --add-config cleanup\.policy=compact$/,
  );
  assert.equal(await agent.stop(), 0);
});

test("run delivers each line exactly once when the broker is killed and frozen and the agent is killed", async () => {
  const kafka = await startKafka();
  await kafka.createTopic("resume", 1, { "cleanup.policy": "compact" });
  await kafka.createTopic("broker", 2, brokerTime);
  const logs = await folderOf("broker");
  const path = `${logs}/app.log`;
  Deno.writeTextFileSync(path, "");
  const agent = await bed.agent({
    pipelines: { broker: filePipeline(logs, "app.log", kafka.bootstrap, "broker", [], flusher) },
  });
  const count = 40_000;
  let isWritten = false;
  const writing = (async () => {
    for (let from = 1; from <= count; from += 200) {
      Deno.writeTextFileSync(path, oracleLines("s", from, from + 199), { append: true });
      await sleep(80);
    }
    isWritten = true;
  })();
  for (let i = 0; !isWritten; i++) {
    await sleep(1500);
    if (i % 3 === 0) {
      await kafka.kill9();
      await kafka.start();
    } else if (i % 3 === 1) {
      await kafka.freeze();
      await sleep(1000);
      kafka.thaw();
    } else await crash(agent);
  }
  await writing;
  const [fate] = await fates("broker", ["s"], count, kafka);
  assertOnce(fate);
  assert.equal(await agent.stop(), 0);
  await kafka.dispose();
});

test("run stops its flusher with an error when a copy of its checkpoint is used by another agent", async () => {
  const kafka = await bed.kafka();
  await makeResumeTopic();
  const topic = await bed.topic("fenced");
  const logs = await folderOf("fenced");
  const path = `${logs}/app.log`;
  Deno.writeTextFileSync(path, oracleLines("s", 1, 100));
  const pipelines = {
    fenced: filePipeline(logs, "app.log", kafka.bootstrap, topic, ["TailSizeKB: 10000"], flusher),
  };
  const first = await bed.agent({ pipelines });
  await waitFor("the first hundred", async () => (await kafka.consume(topic, committed)).length >= 100);
  const second = await bed.prepared({ pipelines });
  Deno.removeSync(second.checkpointDir, { recursive: true });
  await new Deno.Command("cp", { args: ["-a", first.checkpointDir, second.checkpointDir] }).output();
  await second.start();
  await second.waitReady();
  await sleep(1000);
  Deno.writeTextFileSync(path, oracleLines("s", 101, 200), { append: true });
  await waitFor("the error", () => first.logText.includes("PRODUCER_FENCED"));
  const [fate] = await fates(topic, ["s"], 200);
  assertOnce(fate);
  assert.equal(await first.stop(), 0);
  assert.equal(await second.stop(), 0);
});
