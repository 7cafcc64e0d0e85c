/** Logs are rotated, live and while the agent is away: nothing is lost, nothing comes twice without a kill. */
import assert from "node:assert/strict";
import type { TestAgent } from "../support/agent.ts";
import { tags } from "../support/images.ts";
import { exists, mustRun, sleep, waitFor } from "../support/process.ts";
import { holdsOpen } from "../support/process_figures.ts";
import { need } from "../support/system.ts";
import { type Fate, fateOf, fateText, oracleRecords, repeatWindowMs } from "../support/oracle.ts";
import { oracleLines, oracleWriter } from "../support/oracle_lines.ts";
import { report, settledCount } from "../support/verify.ts";
import { AgentBed, filePipeline, stdoutPipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "containerd", "docker"));

async function fateIn(topic: string, source: string, count: number): Promise<Fate> {
  const kafka = await bed.kafka();
  await settledCount(kafka, topic, count);
  const fate = fateOf(oracleRecords(await kafka.consume(topic, { timeoutMs: 120_000 })), source, count);
  report(fateText(fate));
  return fate;
}

function assertOnce(fate: Fate): void {
  assert.equal(fate.lostCount, 0, `lost: ${fate.lost}`);
  assert.equal(fate.repeats.length, 0, `repeated: ${fate.repeats.slice(0, 5).map((one) => one.sequence)}`);
  assert.equal(fate.disorder, 0);
}

/** Removes a log once the agent holds it open, or all of its lines (the first ones of the topic's) have arrived. */
async function removeNoticed(path: string, agent: TestAgent, topic: string): Promise<void> {
  const kafka = await bed.kafka();
  const { dev, ino } = Deno.statSync(path);
  const last = / (\d+) \d+ \d+ \d+\n$/.exec(Deno.readTextFileSync(path));
  await waitFor(`the agent to notice '${path}'`, async () => {
    if (holdsOpen(agent.pid, dev, ino) || last === null) return true;
    return (await kafka.endOffsets(topic))[0] >= Number(last[1]);
  });
  Deno.removeSync(path);
}

test("run sends each line once when the kubelet rotates a live log twice a second", async () => {
  const kafka = await bed.kafka();
  const { cri } = await bed.containerd();
  const topic = await bed.topic("live-rename");
  const agent = await bed.agent({ pipelines: { all: stdoutPipeline(kafka.bootstrap, topic) } });
  const pod = await cri.runPod({ name: "rotated" });
  const script = oracleWriter({ stream: "r", bursts: 80, perBurst: 1000, pauseSeconds: 0.1 });
  const container = await cri.runContainer(pod, {
    name: "r",
    image: tags.busybox,
    command: ["sh", "-c", `${script}; sleep 1000`],
  });
  // The kubelet keeps a few; the oldest goes when it has been read or not. Here: two seconds later, if by then the
  // agent has noticed it, which a kubelet's ten seconds from one rotation to the next leave time for.
  const removals: Promise<void>[] = [];
  for (const end = Date.now() + 8000; Date.now() < end;) {
    await sleep(450);
    const rotated = await cri.rotate(container);
    removals.push(sleep(2000).then(() => removeNoticed(rotated, agent, topic)));
  }
  await Promise.all(removals);
  const fate = await fateIn(topic, "r", 80_000);
  report(`${removals.length} rotations`);
  assertOnce(fate);
  assert.equal(await agent.stop(), 0);
  await cri.removePod(pod);
});

/** Two kubelet rotations while the agent is away; `packed`: the older one is compressed by the second, as there. */
async function rotatedWhileAway(packed: boolean): Promise<Fate> {
  const kafka = await bed.kafka();
  const { cri } = await bed.containerd();
  const topic = await bed.topic("away-rename");
  const agent = await bed.agent({ pipelines: { all: stdoutPipeline(kafka.bootstrap, topic) } });
  const pod = await cri.runPod({ name: "away" });
  const script = oracleWriter({ stream: "w", bursts: 30, perBurst: 500, pauseSeconds: 0.2 });
  const container = await cri.runContainer(pod, {
    name: "w",
    image: tags.busybox,
    command: ["sh", "-c", `${script}; sleep 1000`],
  });
  await settledCount(kafka, topic, 2000, { quietMs: 0 });
  assert.equal(await agent.stop(), 0);
  await sleep(800);
  const oldest = await cri.rotate(container);
  await sleep(1200);
  await cri.rotate(container);
  if (packed) await mustRun(["gzip", oldest]);
  await sleep(300);
  await agent.start();
  await agent.waitReady();
  const fate = await fateIn(topic, "w", 15_000);
  assert.equal(await agent.stop(), 0);
  await cri.removePod(pod);
  return fate;
}

test("run goes on where it stopped when a log was renamed and begun anew meanwhile", async () => {
  assertOnce(await rotatedWhileAway(false));
});

test("run goes on where it stopped when a log was renamed and packed meanwhile", async () => {
  assertOnce(await rotatedWhileAway(true));
});

test("run sends each line once when dockerd rotates a live json-file log by size", async () => {
  const kafka = await bed.kafka();
  const docker = await bed.docker();
  const topic = await bed.topic("json-file");
  const agent = await bed.agent({ pipelines: { all: stdoutPipeline(kafka.bootstrap, topic) } });
  const script = oracleWriter({ stream: "d", bursts: 40, perBurst: 500, pauseSeconds: 0.15 });
  const id = await docker.run({
    image: tags.busybox,
    cmd: ["sh", "-c", `${script}; sleep 1000`],
    logOptions: { "max-size": "200k", "max-file": "10" },
  });
  assertOnce(await fateIn(topic, "d", 20_000));
  assert.ok(exists(`${await docker.logPath(id)}.9`), "the log was not rotated");
  assert.equal(await agent.stop(), 0);
  await docker.remove(id);
});

test("run reads what dockerd rotated and compressed while it was away, once", async () => {
  const kafka = await bed.kafka();
  const docker = await bed.docker();
  const topic = await bed.topic("json-file-gz");
  const agent = await bed.agent({ pipelines: { all: stdoutPipeline(kafka.bootstrap, topic) } });
  const script = oracleWriter({ stream: "z", bursts: 40, perBurst: 500, pauseSeconds: 0.4 });
  const id = await docker.run({
    image: tags.busybox,
    cmd: ["sh", "-c", `${script}; sleep 1000`],
    logOptions: { "max-size": "300k", "max-file": "20", "compress": "true" },
  });
  await settledCount(kafka, topic, 2000, { quietMs: 0 });
  assert.equal(await agent.stop(), 0);
  const path = await docker.logPath(id);
  await waitFor("dockerd to compress two files", () => exists(`${path}.2.gz`));
  await agent.start();
  assertOnce(await fateIn(topic, "z", 20_000));
  assert.equal(await agent.stop(), 0);
  await agent.start();
  await agent.waitReady();
  await sleep(3000);
  assertOnce(await fateIn(topic, "z", 20_000));
  assert.equal(await agent.stop(), 0);
  await docker.remove(id);
});

test("run reads what was packed while it was away amid a backlog, over two kills", async () => {
  const kafka = await bed.kafka();
  const namespace = await bed.namespace();
  const topic = await bed.topic("packed-away");
  const folder = `${namespace.folder}/tmp/packed`;
  Deno.mkdirSync(folder, { recursive: true });
  const path = `${folder}/app.log`;
  Deno.writeTextFileSync(path, oracleLines("g", 1, 1_000));
  const agent = await bed.agent({
    pipelines: { files: filePipeline(folder, "app.log", kafka.bootstrap, topic) },
  });
  await settledCount(kafka, topic, 1_000, { quietMs: 0 });
  assert.equal(await agent.stop(), 0);
  const append = (from: number, to: number) =>
    Deno.writeTextFileSync(path, oracleLines("g", from, to), { append: true });
  append(1_001, 300_000);
  for (const [older, from, to] of [["2", 300_001, 600_000], ["1", 600_001, 601_000]] as const) {
    Deno.renameSync(path, `${path}.${older}`);
    await mustRun(["gzip", `${path}.${older}`]);
    append(from, to);
  }
  await agent.start();
  const kills: number[] = [];
  for (const count of [20_000, 250_000]) {
    await waitFor(`${count} lines`, async () => (await kafka.endOffsets(topic))[0] >= count);
    kills.push(await agent.kill9());
    await agent.start();
  }
  const fate = await fateIn(topic, "g", 601_000);
  assert.equal(fate.lostCount, 0, `lost: ${fate.lost}`);
  assert.equal(fate.disorder, 0);
  // How many these are depends on the machine: what was read ahead, and what arrived in the last moments before a kill.
  const window = repeatWindowMs(fate, kills);
  report(`oldest repeat had arrived ${window} ms before its kill`);
  assert.ok(window < 1_000, `${window} ms`);
  assert.ok(fate.jumpsBack <= kills.length, `${fate.jumpsBack} jumps back`);
  assert.equal(await agent.stop(), 0);
});

test("run sends each line once when a file is copied and truncated, live and while it is away", async () => {
  const kafka = await bed.kafka();
  const namespace = await bed.namespace();
  const topic = await bed.topic("copytruncate");
  const folder = `${namespace.folder}/tmp/copied`;
  Deno.mkdirSync(folder, { recursive: true });
  const path = `${folder}/app.log`;
  Deno.writeTextFileSync(path, "");
  const agent = await bed.agent({
    pipelines: { files: filePipeline(folder, "app.log", kafka.bootstrap, topic) },
  });
  let written = 0;
  const append = (count: number) => {
    Deno.writeTextFileSync(path, oracleLines("c", written + 1, written + count), { append: true });
    written += count;
  };
  const copyTruncate = (to: string) => {
    Deno.copyFileSync(path, `${folder}/${to}`);
    Deno.truncateSync(path);
  };
  append(3000);
  await settledCount(kafka, topic, written, { quietMs: 0 });
  // Everything was read; the new bytes are more than the old ones were.
  copyTruncate("app.log.1");
  append(9000);
  await settledCount(kafka, topic, written, { quietMs: 0 });
  copyTruncate("app.log.2");
  append(50);
  await settledCount(kafka, topic, written, { quietMs: 0 });
  // Away: what was appended and then moved into the copy is read from the copy.
  assert.equal(await agent.stop(), 0);
  append(2000);
  copyTruncate("app.log.3");
  append(700);
  await agent.start();
  await agent.waitReady();
  assertOnce(await fateIn(topic, "c", written));
  assert.equal(await agent.stop(), 0);
});

test("run sends each line once when a file of the host is renamed five times a second", async () => {
  const kafka = await bed.kafka();
  const namespace = await bed.namespace();
  const topic = await bed.topic("host-rename");
  const folder = `${namespace.folder}/tmp/renamed`;
  Deno.mkdirSync(folder, { recursive: true });
  const path = `${folder}/app.log`;
  Deno.writeTextFileSync(path, "");
  const agent = await bed.agent({
    pipelines: { files: filePipeline(folder, "app.log", kafka.bootstrap, topic) },
  });
  await waitFor("the file to be followed", async () => (await agent.httpStatus("/readyz")) === 200);
  let written = 0;
  let file = await Deno.open(path, { append: true });
  const append = async (count: number) => {
    await file.write(new TextEncoder().encode(oracleLines("n", written + 1, written + count)));
    written += count;
  };
  for (let turn = 1; turn <= 25; turn++) {
    await append(2000);
    await sleep(150);
    Deno.renameSync(path, `${folder}/app.log.${turn}`);
    const old = file;
    // The writer goes on in the renamed file for a while, as loggers do; the next one begins a new file.
    await old.write(new TextEncoder().encode(oracleLines("n", written + 1, written + 100)));
    written += 100;
    await sleep(50);
    old.close();
    file = await Deno.open(path, { append: true, create: true });
    if (turn > 5) await removeNoticed(`${folder}/app.log.${turn - 5}`, agent, topic);
  }
  file.close();
  assertOnce(await fateIn(topic, "n", written));
  assert.equal(await agent.stop(), 0);
});
