/** The agent is killed while lines come: none is lost, and only what was not yet saved is sent again. */
import assert from "node:assert/strict";
import type { TestAgent } from "../support/agent.ts";
import { tags } from "../support/images.ts";
import { leastOf } from "../support/least_of.ts";
import { sleep, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { type Fate, fateOf, fateText, oracleRecords, repeatWindowMs } from "../support/oracle.ts";
import { oracleWriter } from "../support/oracle_lines.ts";
import { report, settledCount } from "../support/verify.ts";
import { AgentBed, stdoutPipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "containerd"));

/**
 * The promise is: repeats are what was unacknowledged at the kill, or acknowledged in the 100 ms before (the store is
 * saved that often, which the saver's own test shows to the millisecond). The broker's clock tells when it took a record, so on top of the 100 ms comes the way back of
 * the acknowledgement and the turn that is under way when the timer of the store is due, on two busy cores. Who has the
 * cores makes it only longer, so there are more tries; that nothing is lost has to hold in each of them.
 */
const repeatWindowMaxMs = 100 + 300;

/** Kills the agent and starts it again at once; gives the wall time of the kill. */
async function crash(agent: TestAgent): Promise<number> {
  const at = await agent.kill9();
  await agent.start();
  return at;
}

/** Gives how long before its kill the oldest repeat had arrived, in ms. */
function assertKept(fate: Fate, count: number, kills: number[]): number {
  const window = repeatWindowMs(fate, kills);
  report(`${fateText(fate)}; ${kills.length} kills; oldest repeat ${window} ms before its kill`);
  assert.equal(fate.lostCount, 0, `lost: ${fate.lost}`);
  assert.equal(fate.disorder, 0);
  assert.ok(fate.lines >= count);
  assert.equal(fate.partitions, 1);
  // A restart goes back once; anything more would be disorder among the repeats.
  assert.ok(fate.jumpsBack <= kills.length, `${fate.jumpsBack} jumps back`);
  return window;
}

async function assertRepeatsLittle(round: () => Promise<number>): Promise<void> {
  const window = await leastOf("oldest repeat before its kill, in ms", repeatWindowMaxMs, round);
  assert.ok(window <= repeatWindowMaxMs, `a line was repeated that had arrived ${window} ms before the kill`);
}

test("run loses no line and repeats little when it is killed three times amid 200,000", () =>
  assertRepeatsLittle(killedThreeTimes));

async function killedThreeTimes(): Promise<number> {
  const kafka = await bed.kafka();
  const { cri } = await bed.containerd();
  const topic = await bed.topic("kill9", 3);
  const agent = await bed.agent({ pipelines: { all: stdoutPipeline(kafka.bootstrap, topic) } });
  const pod = await cri.runPod({ name: "writers" });
  const sources = ["a", "b"];
  for (const source of sources) {
    const script = oracleWriter({ stream: source, bursts: 50, perBurst: 2000, pauseSeconds: 0.1 });
    await cri.runContainer(pod, { name: source, image: tags.busybox, command: ["sh", "-c", script] });
  }
  const kills: number[] = [];
  for (const atLeast of [30_000, 80_000, 130_000]) {
    await waitFor(`${atLeast} records`, async () => {
      const ends = await kafka.endOffsets(topic);
      return ends.reduce((sum, end) => sum + end, 0) >= atLeast;
    }, { timeoutMs: 120_000, everyMs: 5 });
    kills.push(await crash(agent));
    await sleep(300);
  }
  await settledCount(kafka, topic, 200_000);
  const numbered = oracleRecords(await kafka.consume(topic, { timeoutMs: 120_000 }));
  const windows = sources.map((source) => assertKept(fateOf(numbered, source, 100_000), 100_000, kills));
  assert.equal(await agent.stop(), 0);
  await cri.removePod(pod);
  return Math.max(...windows);
}

test("run repeats little of stdout when a piece on stderr stayed open before 100 MB and a kill", () =>
  assertRepeatsLittle(killedWithOpenPiece));

async function killedWithOpenPiece(): Promise<number> {
  const kafka = await bed.kafka();
  const containerd = await bed.containerd();
  const { cri } = containerd;
  const topic = await bed.topic("open-piece");
  const pod = await cri.runPod({ name: "open-piece" });
  // The runtime ends an unfinished line only at 16 KiB or at the end of the stream: the piece is written by hand, as
  // it would stand in the log.
  const container = await cri.runContainer(pod, {
    name: "app",
    image: tags.busybox,
    command: ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"],
  });
  const log = await Deno.open(container.logPath, { append: true });
  const write = (text: string) => writeAll(log, text);
  const now = () => new Date().toISOString().replace("Z", "000001Z");
  await write(`${now()} stderr P begin-\n`);
  const agent = await bed.agent({ pipelines: { all: stdoutPipeline(kafka.bootstrap, topic) } });
  // 500 records a piece of text, 1,000 bytes each.
  const lines = 104_000;
  const filling = "x".repeat(940);
  let kill = 0;
  for (let from = 1; from <= lines; from += 500) {
    const stamp = now();
    let text = "";
    for (let number = from; number < from + 500; number++) {
      text += `${stamp} stdout F s ${String(number).padStart(7, "0")} ${filling}\n`;
    }
    await write(text);
    // Half way the writer waits for nobody; the kill comes when most has been read.
    if (from % 5000 === 1) await sleep(20);
  }
  await waitFor("most of it in the topic", async () => (await kafka.endOffsets(topic))[0] >= lines * 0.9, {
    timeoutMs: 120_000,
    everyMs: 5,
  });
  kill = await crash(agent);
  await settledCount(kafka, topic, lines);
  await write(`${now()} stderr F end\n`);
  log.close();
  await settledCount(kafka, topic, lines + 1);

  const pattern = /"content","Value":"(s (\d{7}) x{940}|begin-end)"/;
  const decoder = new TextDecoder();
  const first = new Map<number, number>();
  let repeated = 0;
  let window = 0;
  let joined = 0;
  for (const record of await kafka.consume(topic, { timeoutMs: 120_000 })) {
    const found = pattern.exec(decoder.decode(record.value!));
    assert.ok(found, `a record that was never written: ${decoder.decode(record.value!).slice(0, 1500)}`);
    if (found[2] === undefined) joined++;
    else if (!first.has(Number(found[2]))) first.set(Number(found[2]), record.timestampMs);
    else {
      repeated++;
      window = Math.max(window, kill - first.get(Number(found[2]))!);
    }
  }
  report(`an open piece before ${lines} lines: ${repeated} repeats, oldest ${window} ms before the kill`);
  assert.equal(first.size, lines);
  assert.equal(joined, 1);
  assert.equal(await agent.stop(), 0);
  await cri.removePod(pod);
  return window;
}

async function writeAll(file: Deno.FsFile, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}
