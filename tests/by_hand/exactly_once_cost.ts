/**
 * What `Delivery: exactly_once` costs beside the default, in pairs on one broker: CPU of the agent for a backlog, and
 * latency of a live writer as a `read_committed` consumer sees it. docs/exactly_once.md has the figures.
 *
 *   deno run -A tests/by_hand/exactly_once_cost.ts [pairs] [lines]
 */
import { startKafka } from "../support/kafka.ts";
import { startNamespace } from "../support/namespace.ts";
import { prepareAgent } from "../support/agent.ts";
import { sleep, waitFor } from "../support/process.ts";
import { brokerTime } from "../support/verify.ts";
import { filePipeline } from "../e2e/agent_bed.ts";

const pairs = Number(Deno.args[0] ?? 3);
const lines = Number(Deno.args[1] ?? 300_000);
const liveMs = 8000;
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));

const namespace = await startNamespace();
const kafka = await startKafka({ fullJit: true, heap: "400m" });
await kafka.createTopic("resume", 1, { "cleanup.policy": "compact" });
const logs = `${namespace.folder}/tmp/cost`;
Deno.mkdirSync(logs, { recursive: true });

/** Lines of about 200 bytes that differ. */
function writeBacklog(path: string): void {
  const file = Deno.openSync(path, { append: true });
  const encoder = new TextEncoder();
  for (let from = 0; from < lines; from += 5000) {
    let text = "";
    for (let i = from; i < from + 5000; i++) {
      const hash = Math.imul(i, 2654435761) >>> 0;
      text +=
        `2026-01-01T00:00:00.000Z INFO request ${i} path=/api/v1/items/${hash} status=${200 + hash % 5} ` +
        `bytes=${hash % 100_000} agent="client/${hash % 17}" took=${hash % 997}ms ${
          "abcdefghij".repeat(8)
        }\n`;
    }
    for (let bytes = encoder.encode(text); bytes.length > 0;) bytes = bytes.subarray(file.writeSync(bytes));
  }
  file.close();
}

interface Cost {
  readonly cpuPerMillion: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly transactions: number;
  readonly rssMb: number;
}

async function run(name: string, isExact: boolean): Promise<Cost> {
  const topic = `cost-${name}`;
  await kafka.createTopic(topic, 1, brokerTime);
  const path = `${logs}/${name}.log`;
  Deno.writeTextFileSync(path, "");
  const more = isExact ? ["Delivery: exactly_once", "ResumeTopic: resume"] : [];
  const agent = await prepareAgent({
    namespace,
    pipelines: { cost: filePipeline(logs, `${name}.log`, kafka.bootstrap, topic, [], more) },
  });
  await agent.start();
  await agent.waitReady();
  await sleep(2000);
  const before = agent.figures().cpuSeconds;
  const began = performance.now();
  writeBacklog(path);
  await waitFor("the backlog", async () => {
    if (!agent.alive) throw new Error(agent.logTail());
    return (await kafka.endOffsets(topic))[0] >= lines;
  }, {
    timeoutMs: 60_000,
    everyMs: 50,
  });
  const seconds = (performance.now() - began) / 1000;
  await sleep(500);
  const cpuPerMillion = (agent.figures().cpuSeconds - before) / lines * 1e6;
  const latencies = await live(topic, path);
  const peak = agent.figures().peakRssBytes;
  const metrics = await agent.metrics();
  const transactions = metrics.find(({ name }) => name === "denotail_kafka_transactions_total")?.value ?? 0;
  await agent.stop();
  const rssMb = peak / 2 ** 20;
  await agent.dispose();
  await kafka.deleteTopic(topic);
  Deno.removeSync(path);
  const at = (share: number) => Math.round(latencies[Math.floor((latencies.length - 1) * share)]);
  return { cpuPerMillion, seconds, p50: at(0.5), p99: at(0.99), transactions, rssMb };
}

/** Milliseconds from a line's writing to its being read, sorted; 100 writes a second of five lines. */
async function live(topic: string, path: string): Promise<number[]> {
  const [end] = await kafka.endOffsets(topic);
  const reader = new Deno.Command("kcat", {
    args: ["-C", "-q", "-u", "-b", kafka.bootstrap, "-t", topic, "-p", "0", "-o", String(end)].concat(
      ["-X", "isolation.level=read_committed", "-X", "fetch.wait.max.ms=10"],
    ),
    stdout: "piped",
  }).spawn();
  const found: number[] = [];
  const reading = (async () => {
    for await (const chunk of reader.stdout.pipeThrough(new TextDecoderStream())) {
      const now = Date.now();
      for (const [, at] of chunk.matchAll(/"Value":"live (\d+)"/g)) found.push(now - Number(at));
    }
  })();
  await sleep(1000);
  for (const began = performance.now(); performance.now() - began < liveMs;) {
    Deno.writeTextFileSync(path, `live ${Date.now()}\n`.repeat(5), { append: true });
    await sleep(10);
  }
  await sleep(2000);
  reader.kill("SIGKILL");
  await reading;
  await reader.status;
  return found.sort((a, b) => a - b);
}

for (let pair = 0; pair < pairs; pair++) {
  const order = pair % 2 === 0 ? [false, true] : [true, false];
  for (const isExact of order) {
    const cost = await run(`${pair}-${isExact}`, isExact);
    say(`${isExact ? "exactly_once " : "at_least_once"} ${JSON.stringify(cost)}`);
  }
}
await kafka.dispose();
Deno.exit(0);
