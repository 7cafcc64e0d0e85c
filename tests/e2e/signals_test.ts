/** Stopping, being stopped twice, being PID 1, and sharing a checkpoint folder. */
import assert from "node:assert/strict";
import type { TestAgent } from "../support/agent.ts";
import { leastOf } from "../support/least_of.ts";
import { firstChild, mustRun, sleep, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { fateOf, fateText, oracleRecords } from "../support/oracle.ts";
import { oracleLines } from "../support/oracle_lines.ts";
import { report, settledCount } from "../support/verify.ts";
import { AgentBed, filePipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "namespace"));

/** A file of the host, a pipeline that reads it, and its topic. */
async function logOf(name: string) {
  const kafka = await bed.kafka();
  const { folder } = await bed.namespace();
  const topic = await bed.topic(name);
  const path = `${folder}/tmp/${name}/app.log`;
  Deno.mkdirSync(`${folder}/tmp/${name}`, { recursive: true });
  Deno.writeTextFileSync(path, "");
  let written = 0;
  return {
    kafka,
    topic,
    pipelines: { files: filePipeline(`${folder}/tmp/${name}`, "app.log", kafka.bootstrap, topic) },
    append(count: number): number {
      Deno.writeTextFileSync(path, oracleLines("s", written + 1, written + count), { append: true });
      return written += count;
    },
    async fate() {
      await settledCount(kafka, topic, written);
      const fate = fateOf(oracleRecords(await kafka.consume(topic, { timeoutMs: 120_000 })), "s", written);
      report(fateText(fate));
      return fate;
    },
  };
}

/** Waits until the agent has read more records than these since its start, which it then waits to have acknowledged. */
async function readsMore(agent: TestAgent, records: number): Promise<void> {
  await waitFor("the agent to read", async () => {
    return await agent.metric("denotail_read_records_total").catch(() => 0) > records;
  });
}

test("run drains, saves and exits with 0 when SIGTERM comes under load, and goes on there", async () => {
  const log = await logOf("drain");
  const agent = await bed.agent({ pipelines: log.pipelines });
  let slowest = 0;
  for (let round = 0; round < 5; round++) {
    log.append(60_000);
    await sleep(60 + 50 * round);
    const began = performance.now();
    agent.signal(round % 2 === 0 ? "SIGTERM" : "SIGINT");
    assert.equal(await agent.ended(), 0, agent.logTail());
    slowest = Math.max(slowest, performance.now() - began);
    await agent.start();
    await agent.waitReady();
  }
  const fate = await log.fate();
  report(`slowest stop under load ${slowest.toFixed(0)} ms`);
  assert.equal(fate.lostCount, 0);
  assert.equal(fate.repeats.length, 0, "a drained stop repeats nothing");
  assert.equal(fate.disorder, 0);
  assert.equal(await agent.stop(), 0);
});

test("run exits with 0 in time and loses nothing when SIGTERM comes while the broker is down", async () => {
  const log = await logOf("down");
  const agent = await bed.agent({ pipelines: log.pipelines, flags: ["--stop-timeout=2s"] });
  log.append(1000);
  await settledCount(log.kafka, log.topic, 1000);
  await log.kafka.kill9();
  log.append(200_000);
  let before = 1000;
  const took = await leastOf("stop with a dead broker, in ms", 4000, async () => {
    await readsMore(agent, before);
    before = 0;
    const began = performance.now();
    assert.equal(await agent.stop(), 0);
    const took = performance.now() - began;
    assert.ok(took >= 1500, `${took} ms`);
    await agent.start();
    return took;
  });
  report(`stop with a dead broker and --stop-timeout=2s took ${took.toFixed(0)} ms`);
  assert.ok(took < 4000, `${took} ms`);
  await log.kafka.start();
  const fate = await log.fate();
  assert.equal(fate.lostCount, 0);
  assert.equal(fate.disorder, 0);
  assert.equal(await agent.stop(), 0);
});

test("run stops at once when the signal comes twice", async () => {
  const log = await logOf("twice");
  const agent = await bed.agent({ pipelines: log.pipelines, flags: ["--stop-timeout=60s"] });
  log.append(100);
  await settledCount(log.kafka, log.topic, 100);
  await log.kafka.freeze();
  log.append(10_000);
  await readsMore(agent, 100);
  agent.signal("SIGTERM");
  await sleep(700);
  assert.ok(agent.alive, "the drain did not wait for the broker");
  const began = performance.now();
  agent.signal("SIGTERM");
  assert.equal(await agent.ended(), 143);
  // The drain would take 60 s.
  assert.ok(performance.now() - began < 10_000);
  log.kafka.thaw();
  await agent.start();
  const fate = await log.fate();
  assert.equal(fate.lostCount, 0);
  assert.equal(await agent.stop(), 0);
});

test("run stops cleanly on 'kill 1' when it is PID 1 of its container", async () => {
  const log = await logOf("pid1");
  const agent = await bed.agent({
    pipelines: log.pipelines,
    prefix: ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"],
  });
  log.append(5000);
  await settledCount(log.kafka, log.topic, 5000);
  const first = firstChild(agent.pid);
  assert.match(Deno.readTextFileSync(`/proc/${first}/status`), /^NSpid:.*\t1$/m);
  await mustRun(["nsenter", "-t", String(first), "-m", "-p", "--", "sh", "-c", "kill 1"]);
  assert.equal(await agent.ended(), 0);
  log.append(5000);
  await agent.start();
  await agent.waitReady();
  const fate = await log.fate();
  assert.equal(fate.lostCount + fate.repeats.length, 0);
  const again = firstChild(agent.pid);
  await mustRun(["nsenter", "-t", String(again), "-m", "-p", "--", "sh", "-c", "kill 1"]);
  assert.equal(await agent.ended(), 0);
});

test("run names the holder of a checkpoint folder when another agent has it, and takes over when that one is killed", async () => {
  const log = await logOf("shared");
  const first = await bed.agent({ pipelines: log.pipelines });
  const second = await bed.prepared({
    pipelines: log.pipelines,
    checkpointDir: first.checkpointDir,
    flags: ["--lock-timeout=2s"],
  });
  const began = performance.now();
  await second.start();
  const code = await second.ended();
  const took = performance.now() - began;
  assert.equal(code, 1, second.logTail());
  // Its start comes on top; by default it would wait for 30 s.
  assert.ok(took >= 2000 && took < 20_000, `${took} ms`);
  assertNamesHolder(second, first);
  // The first one goes on.
  log.append(100);
  await settledCount(log.kafka, log.topic, 100);
  const third = await bed.prepared({
    pipelines: log.pipelines,
    checkpointDir: first.checkpointDir,
    flags: ["--lock-timeout=60s"],
  });
  await third.start();
  await waitFor(
    "its page, which is there while it waits",
    async () => await third.httpStatus("/readyz") === 503,
  );
  await first.kill9();
  await third.waitReady();
  log.append(100);
  const fate = await log.fate();
  assert.equal(fate.lostCount, 0);
  assert.equal(await third.stop(), 0);
});

/** Pid (as the holder sees itself), host and the time since when. */
function assertNamesHolder(second: TestAgent, first: TestAgent): void {
  const status = Deno.readTextFileSync(`/proc/${first.pid}/status`);
  const innerPid = /^NSpid:.*\t(\d+)$/m.exec(status)![1];
  assert.match(second.logText, new RegExp(`\\b${innerPid}\\b`));
  assert.ok(second.logText.includes(Deno.hostname()), second.logText);
  assert.match(second.logText, /\d{4}-\d\d-\d\dT\d\d:\d\d/);
}
