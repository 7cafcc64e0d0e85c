/**
 * Several threads do the work (`--workers`), their number changes from start to start, and the agent is killed while
 * lines come and files are rotated: none is lost, the order of each source holds, and only what was not saved comes again.
 */
import assert from "node:assert/strict";
import { shardOf } from "../../src/core/shard.ts";
import { tags } from "../support/images.ts";
import { projectRoot } from "../support/paths.ts";
import { sleep, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { type Arrived, fateOf, fateText, oracleRecords } from "../support/oracle.ts";
import { oracleLines, oracleWriter } from "../support/oracle_lines.ts";
import { report, settledCount } from "../support/verify.ts";
import { AgentBed, filePipeline, stdoutPipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "containerd"));

/** The promise is 100 ms after the acknowledgement; the rest is for four busy threads and a broker on two cores. */
const SAVED_AFTER_MS = 100 + 1900;
/** What a killed agent had sent already the broker takes a moment later; no new agent is that quick. */
const TAKEN_AFTER_MS = 500;
/** Under `deno run` the module of a worker is a file that has to be readable. */
const read = [projectRoot];
const stems = ["files0", "files1", "files2", "files3"];

test("run keeps its promises when it is killed amid rotations, with two workers, then one, then three", async () => {
  const kafka = await bed.kafka();
  const namespace = await bed.namespace();
  const { cri } = await bed.containerd();
  const topic = await bed.topic("workers", 3);
  for (const count of [2, 3]) {
    const parts = new Set(stems.map((stem) => partOf(stem, count)));
    assert.equal(parts.size, count, `each of ${count} workers has something to do`);
  }
  const folders = stems.map((stem) => `${namespace.folder}/tmp/${stem}`);
  for (const folder of folders) Deno.mkdirSync(folder, { recursive: true });
  const pipelines: Record<string, string> = { all: stdoutPipeline(kafka.bootstrap, topic) };
  for (const [i, stem] of stems.entries()) {
    pipelines[stem] = filePipeline(folders[i], "app.log", kafka.bootstrap, topic);
  }
  const flags = ["--workers=2"];
  const agent = await bed.agent({ pipelines, flags, read });
  assert.equal(agent.logged("Agent started")[0].workers, 2);

  const pod = await cri.runPod({ name: "workers" });
  const containers = [];
  for (const source of ["a", "b"]) {
    const script = oracleWriter({ stream: source, bursts: 40, perBurst: 1000, pauseSeconds: 0.12 });
    const command = ["sh", "-c", `${script}; sleep 1000`];
    containers.push(await cri.runContainer(pod, { name: source, image: tags.busybox, command }));
  }
  const written = folders.map((folder, i) => writeRotated(folder, stems[i], 40, 1000));
  const kills: number[] = [];
  for (const [atLeast, workers] of [[40_000, 1], [100_000, 3], [160_000, 2]]) {
    await waitFor(`${atLeast} records`, async () => {
      const ends = await kafka.endOffsets(topic);
      return ends.reduce((sum, end) => sum + end, 0) >= atLeast;
    }, { timeoutMs: 60_000, everyMs: 5 });
    for (const container of containers) await cri.rotate(container);
    kills.push(await agent.kill9());
    flags[0] = `--workers=${workers}`;
    await agent.start();
    await agent.waitReady();
  }
  await Promise.all(written);
  await settledCount(kafka, topic, 240_000);
  const numbered = oracleRecords(await kafka.consume(topic, { timeoutMs: 60_000 }));
  for (const source of [...stems, "a", "b"]) assertKept(numbered, source, 40_000, kills);
  // Everything is saved: a start with another number again has nothing to send.
  assert.equal(await agent.stop(), 0);
  const before = await settledCount(kafka, topic, 240_000);
  flags[0] = "--workers=4";
  await agent.start();
  await agent.waitReady();
  // Workers tell their metrics every second.
  await waitFor("all files to be open", async () => (await agent.metric("denotail_open_files")) >= 6);
  assert.equal(await settledCount(kafka, topic, before), before);
  assert.equal(await agent.stop(), 0);
  await cri.removePod(pod);
});

/** Which worker follows the only input of a pipeline on the host. */
function partOf(pipeline: string, count: number): number {
  return shardOf({ origin: "host", pipeline, input: "file_log#0" }, count);
}

/** Appends bursts of lines; every fifth burst the file is renamed and begun anew. Names count forwards, as dates do. */
async function writeRotated(folder: string, source: string, bursts: number, perBurst: number): Promise<void> {
  const path = `${folder}/app.log`;
  for (let burst = 0; burst < bursts; burst++) {
    if (burst > 0 && burst % 5 === 0) Deno.renameSync(path, `${path}-${20261101 + burst / 5}`);
    const from = burst * perBurst + 1;
    Deno.writeTextFileSync(path, oracleLines(source, from, from + perBurst - 1), { append: true });
    await sleep(120);
  }
}

function assertKept(numbered: Arrived[], source: string, count: number, kills: number[]): void {
  const fate = fateOf(numbered, source, count);
  const unpromised = unpromisedRepeats(numbered, source, kills);
  report(`${fateText(fate)}, of the repeats not promised ${unpromised}`);
  assert.equal(fate.lostCount, 0, `${source} lost: ${fate.lost}`);
  assert.equal(fate.disorder, 0, source);
  assert.equal(fate.partitions, 1, source);
  assert.equal(unpromised, 0, source);
  assert.ok(fate.jumpsBack <= kills.length, `${source}: ${fate.jumpsBack} jumps back`);
}

/**
 * Lines that came again although an earlier copy had time to be saved: no kill came soon after it, or just before it.
 * The first copy alone does not tell: what a start sends again may be killed again before it is saved.
 */
function unpromisedRepeats(numbered: Arrived[], source: string, kills: number[]): number {
  const saved = new Set<number>();
  let unpromised = 0;
  for (const one of numbered.filter((each) => each.stream === source).sort((a, b) => a.offset - b.offset)) {
    if (saved.has(one.sequence)) unpromised++;
    const isKilled = kills.some((at) =>
      one.timestampMs >= at - SAVED_AFTER_MS && one.timestampMs <= at + TAKEN_AFTER_MS
    );
    if (!isKilled) saved.add(one.sequence);
  }
  return unpromised;
}
