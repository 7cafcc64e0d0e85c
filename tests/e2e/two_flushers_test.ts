/** Two flushers in one pipeline, and the broker of one dies: the other notices nothing. */
import assert from "node:assert/strict";
import { startKafka, type TestKafka } from "../support/kafka.ts";
import { leastOf } from "../support/least_of.ts";
import { sleep } from "../support/process.ts";
import { need } from "../support/system.ts";
import { brokerTime, report, settledCount } from "../support/verify.ts";
import { AgentBed, filePipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "namespace"));

const linesPerSecond = 2000;
const phaseMs = 8000;
/** Half of the lines, and all but one of a hundred, may come this much later than without the other flusher. */
const laterMedianMaxMs = 50;
const laterMaxMs = 150;
/** The two clients share 16 MiB; the dead one's half counts up to three times while it is in flight. */
const deadClientCapBytes = 3 * 8 * 1024 * 1024;
/** Behind 10 s without an acknowledgement the dead client keeps this much, 64 KiB, and what stands open in batches. */
const stalledBytesMax = 1024 * 1024;

/** Appends lines `<wall ms> <number>` at a steady pace for a time; gives how many there are. */
async function write(path: string, ms: number, from: number): Promise<number> {
  const filling = "f".repeat(100);
  let written = from;
  for (const began = Date.now(); Date.now() - began < ms;) {
    const now = Date.now();
    const due = from + Math.floor((now - began) * linesPerSecond / 1000);
    let text = "";
    while (written < due) text += `${now} ${written++} ${filling}\n`;
    if (text !== "") Deno.writeTextFileSync(path, text, { append: true });
    await sleep(10);
  }
  return written;
}

/** Milliseconds from writing a line to the broker's taking it, sorted. */
async function latencies(kafka: TestKafka, topic: string, from: number, to: number): Promise<number[]> {
  const found: number[] = [];
  for (const record of await kafka.consume(topic, { timeoutMs: 120_000 })) {
    const [, at, number] = /"content","Value":"(\d+) (\d+) /.exec(new TextDecoder().decode(record.value!))!;
    if (Number(number) >= from && Number(number) < to) found.push(record.timestampMs - Number(at));
  }
  assert.equal(found.length, to - from, "a line is missing or came twice");
  return found.sort((a, b) => a - b);
}

const at = (sorted: number[], share: number) => sorted[Math.floor((sorted.length - 1) * share)];

test("run keeps the latency of one flusher and its size when the other one's broker is dead", async () => {
  const kafka = await bed.kafka();
  const other = await startKafka();
  await other.createTopic("other", 1, brokerTime);
  const topic = await bed.topic("live");
  const { folder } = await bed.namespace();
  const logs = `${folder}/tmp/two`;
  Deno.mkdirSync(logs, { recursive: true });
  const path = `${logs}/app.log`;
  Deno.writeTextFileSync(path, "");
  const flusher = (kafka: TestKafka, topic: string) =>
    `  - Type: flusher_kafka_v2\n    Brokers:\n      - ${kafka.bootstrap}\n    Topic: ${topic}\n`;
  const yaml = `inputs:\n  - Type: file_log\n    LogPath: ${logs}\n    FilePattern: app.log\nflushers:\n` +
    flusher(kafka, topic) + flusher(other, "other");
  const agent = await bed.agent({ pipelines: { both: yaml } });
  // Beside it an agent that has the live broker only: what the machine does to one, it does to the other.
  const alone = await bed.topic("alone");
  const control = await bed.agent({
    pipelines: { one: filePipeline(logs, "app.log", kafka.bootstrap, alone) },
  });

  let written = await write(path, phaseMs, 0);
  await settledCount(kafka, topic, written, { quietMs: 0 });
  const before = agent.figures().rssBytes;

  /** How much of the permitted delay was used while the other broker was dead. */
  const round = async () => {
    const from = written;
    await other.freeze();
    written = await write(path, 2 * phaseMs, from);
    for (const one of [topic, alone]) await settledCount(kafka, one, written, { quietMs: 0 });
    const rss = agent.figures().rssBytes;
    const held = await agent.metric("denotail_budget_used_bytes");
    other.thaw();
    const live = await latencies(kafka, topic, from, written);
    const undisturbed = await latencies(kafka, alone, from, written);
    report(
      `live flusher: p50/p99 ${at(live, 0.5)}/${at(live, 0.99)} ms with the other broker dead, ` +
        `${at(undisturbed, 0.5)}/${at(undisturbed, 0.99)} ms in an agent without the other; ` +
        `RSS ${mb(before)} -> ${mb(rss)} MB; ${Math.round(held / 1024)} KiB held`,
    );
    assert.ok(rss - before <= deadClientCapBytes, `RSS grew by ${mb(rss - before)} MB`);
    assert.ok(held <= stalledBytesMax, `${held} bytes are held`);
    await settledCount(other, "other", written);
    return Math.max(
      100 * (at(live, 0.5) - at(undisturbed, 0.5)) / laterMedianMaxMs,
      100 * (at(live, 0.99) - at(undisturbed, 0.99)) / laterMaxMs,
    );
  };
  assert.ok(await leastOf("part of the permitted delay, in %", 100, round) <= 100);

  // Frozen, not killed: the broker may have taken requests whose answer the agent did not wait for; not twice.
  await latencies(other, "other", 0, written);
  for (const one of [agent, control]) assert.equal(await one.stop(), 0);
  await other.dispose();
});

function mb(bytes: number): string {
  return (bytes / 1048576).toFixed(1);
}
