/** The limits of the tutorial's manifest: less CPU, less memory, never an exit. */
import assert from "node:assert/strict";
import type { TestAgent } from "../support/agent.ts";
import { exists, sleep, waitFor } from "../support/process.ts";
import { waitedSeconds } from "../support/process_figures.ts";
import { seedPipelines } from "../support/seed.ts";
import { need } from "../support/system.ts";
import { report, settledCount } from "../support/verify.ts";
import { AgentBed, filePipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "namespace"));

const BACKLOG_MB = 400;
const MIB = 1024 * 1024;

const long = Deno.env.get("DENOTAIL_TEST_LONG") === "yes";

/** A file of access lines, `megabytes` long, in a folder of its own. It is made once. */
async function accessLog(megabytes: number): Promise<string> {
  const { folder } = await bed.namespace();
  const logs = `${folder}/tmp/${megabytes}`;
  if (exists(logs)) return logs;
  Deno.mkdirSync(logs, { recursive: true });
  const line =
    '10.0.0.1 - - [13/Jul/2022:15:45:54 +0000] "GET /hello/ilogtail HTTP/1.1" 404 153 "-" "curl/7.74.0" "-"\n';
  const block = new TextEncoder().encode(line.repeat(Math.floor(1048576 / line.length)));
  const file = await Deno.open(`${logs}/access.log`, { create: true, write: true });
  for (let n = 0; n < megabytes; n++) await file.write(block);
  file.close();
  return logs;
}

/** The processor of the tutorial, as lines of YAML. */
function tutorialProcessors(): string {
  const { nginx_stdout } = seedPipelines("ilogtail-user-configmap-processor.yaml", "b:1");
  return nginx_stdout.slice(nginx_stdout.indexOf("processors:"), nginx_stdout.indexOf("flushers:"));
}

interface CpuSample {
  ms: number;
  cpu: number;
  /** Seconds in which threads were ready and had no core. */
  waited: number;
}

/** CPU time so far, and when: asked again when something came between the clock and the figure. */
function cpuSample(agent: TestAgent): CpuSample {
  while (true) {
    const before = performance.now();
    const cpu = agent.figures().cpuSeconds;
    const after = performance.now();
    if (after - before < 20) return { ms: (before + after) / 2, cpu, waited: waitedSeconds(agent.pid) };
  }
}

/** The least and the most CPU that an agent takes over any 10 s of the next 25. */
async function coresOverTenSeconds(agent: TestAgent) {
  const samples = [cpuSample(agent)];
  while (samples.at(-1)!.ms - samples[0].ms < 25_000) {
    await sleep(250);
    samples.push(cpuSample(agent));
  }
  const cores: number[] = [];
  const wanted: number[] = [];
  for (const begin of samples) {
    const end = samples.find((sample) => sample.ms - begin.ms >= 10_000);
    if (end === undefined) break;
    const seconds = (end.ms - begin.ms) / 1000;
    cores.push((end.cpu - begin.cpu) / seconds);
    wanted.push((end.cpu - begin.cpu + end.waited - begin.waited) / seconds);
  }
  return {
    lowest: Math.min(...cores),
    highest: Math.max(...cores),
    lowestWanted: Math.min(...wanted),
  };
}

test("run takes at most 0.55 core over any 10 s when cpu_usage_limit is 0.5 and the backlog has no end", async () => {
  const kafka = await bed.kafka();
  const logs = await accessLog(BACKLOG_MB);
  // The same backlog for four pipelines: more work than half a core gets done here.
  const pipelines: Record<string, string> = {};
  const topics = [
    await bed.topic("cpu"),
    await bed.topic("cpu"),
    await bed.topic("cpu"),
    await bed.topic("cpu"),
  ];
  for (const topic of topics) {
    const yaml = filePipeline(logs, "access.log", kafka.bootstrap, topic);
    pipelines[topic] = yaml.replace("flushers:", `${tutorialProcessors()}flushers:`);
  }
  const agent = await bed.agent({
    pipelines,
    env: { cpu_usage_limit: "0.5" },
    flags: ["--from-start"],
  });
  const { lowest, highest, lowestWanted } = await coresOverTenSeconds(agent);
  const backlog = await agent.metric("denotail_backlog_bytes");
  report(
    `cpu_usage_limit 0.5: ${lowest.toFixed(3)} to ${highest.toFixed(3)} cores over 10 s; ` +
      `with the time that it waited for a core at least ${lowestWanted.toFixed(3)}`,
  );
  assert.ok(highest <= 0.55, `${highest} cores`);
  assert.ok(backlog > 0, "the backlog came to its end, so this test shows nothing");
  // The limit is used, not only kept, as far as others leave it the cores.
  assert.ok(lowestWanted >= 0.35, `${lowestWanted} cores`);
  await agent.kill9();
});

test("run stays below 512 MB when the broker goes amid a large backlog, and while it catches up", async () => {
  const kafka = await bed.kafka();
  const logs = await accessLog(BACKLOG_MB);
  const topic = await bed.topic("memory");
  const agent = await bed.agent({
    pipelines: { files: filePipeline(logs, "access.log", kafka.bootstrap, topic) },
    env: { mem_usage_limit: "512" },
    flags: ["--from-start"],
  });
  // The broker goes while lines are under way, so that as much is held as may be.
  await waitFor("records", async () => (await kafka.endOffsets(topic))[0] > 50_000, { everyMs: 20 });
  await kafka.stop();
  // The promise is ten minutes; the normal run takes 15 s of them, `DENOTAIL_TEST_LONG=yes` all.
  const until = Date.now() + (long ? 600_000 : 15_000);
  while (Date.now() < until) {
    await sleep(250);
    assert.ok(agent.alive);
  }
  const down = agent.figures();
  const held = await agent.metric("denotail_budget_used_bytes");
  assert.ok(held > 0, "nothing was held, so this test shows nothing");
  assert.ok(await agent.metric("denotail_backlog_bytes") > 0, "the backlog came to its end too soon");
  await kafka.start();
  await sleep(5000);
  const figures = agent.figures();
  report(
    `mem_usage_limit 512: peak ${mb(down.peakRssBytes)} MB with the broker down and ${held} bytes held, ` +
      `${mb(figures.peakRssBytes)} MB while it catches up`,
  );
  assert.ok(figures.peakRssBytes <= 512 * MIB);
  await agent.kill9();
});

/** Delivers a file under a memory limit; gives the agent, and the least budget that was seen. */
async function deliverWithin(limitMb: number) {
  const kafka = await bed.kafka();
  const logs = await accessLog(4);
  const topic = await bed.topic("floor");
  const agent = await bed.agent({
    pipelines: { files: filePipeline(logs, "access.log", kafka.bootstrap, topic) },
    env: { mem_usage_limit: String(limitMb) },
    flags: ["--from-start"],
  });
  const lines = Deno.readTextFileSync(`${logs}/access.log`).split("\n").length - 1;
  const leastBudget = () => agent.metric("denotail_budget_max_bytes");
  let least = await leastBudget();
  await waitFor("the lines", async () => {
    least = Math.min(least, await leastBudget());
    return (await kafka.endOffsets(topic))[0] >= lines;
  });
  await settledCount(kafka, topic, lines);
  return { agent, least: Math.min(least, await leastBudget()) };
}

test("run names the floor and goes on when mem_usage_limit is below what it needs", async () => {
  const { agent, least } = await deliverWithin(32);
  const warnings = agent.logged("Memory limit");
  assert.equal(warnings.length, 1, agent.logTail());
  const floorMb = warnings[0].floorMb;
  report(`mem_usage_limit 32: floor named as ${floorMb} MB, RSS ${mb(agent.figures().rssBytes)} MB`);
  assert.ok(floorMb > 32 && floorMb < 200, String(floorMb));
  assert.equal(least, MIB / 4);
  assert.equal(await agent.stop(), 0);

  // With a little more it shrinks what it holds, and needs no warning.
  const limitMb = Math.ceil(floorMb / 0.87);
  const near = await deliverWithin(limitMb);
  report(`mem_usage_limit ${limitMb}: budget shrunk to ${near.least} bytes`);
  assert.ok(near.least < 16 * MIB, "the limit was never felt");
  assert.equal(await near.agent.stop(), 0);
});

function mb(bytes: number): string {
  return (bytes / 1048576).toFixed(0);
}
