import { sleep } from "../support/process.ts";
import { BenchAgent } from "./bench_agent.ts";
import { type Bench, countRecords, type Figure, logBytes } from "./bench.ts";
import { type BenchCase, pipelineText } from "./bench_cases.ts";
import type { BenchFiles } from "./bench_files.ts";
import { progressIsSaved } from "./bench_progress.ts";
import { checkTopic, compareFields } from "./bench_topic.ts";

/** How a delivery differs from the plain one. */
export interface DeliverOptions {
  flags?: string[];
  cgroupProcs?: string;
  /** Pipelines by stem in place of the only one. */
  pipelines?: (topic: string) => Record<string, string>;
  /** Called while the events arrive. */
  sample?: (records: number, agent: BenchAgent) => void;
  /** Gets the topic's values, one a line. */
  valuesFile?: string;
}

/** Events a second below which a run has failed. */
const RATE_LEAST = 5000;

/** The whole agent, from the beginning of the files until all is acknowledged, saved, and compared. */
export async function deliver(
  bench: Bench,
  one: BenchCase,
  codec: string,
  files: BenchFiles,
  options: DeliverOptions = {},
): Promise<Figure> {
  const { broker } = bench;
  const serial = bench.next();
  const topic = `${one.name}-${serial}`;
  await broker.createTopic(topic, one.partitions);
  const folder = `${bench.scratch}/run-${serial}`;
  const pipeline = options.pipelines?.(topic) ??
    pipelineText(one, { bootstrap: broker.bootstrap, topic, codec }, files.folder);
  const agent = await BenchAgent.start({
    folder,
    pipeline,
    containers: one.kind === "plain" ? [] : files.containers,
    v8Flags: bench.v8Flags,
    flags: options.flags,
    cgroupProcs: options.cgroupProcs,
  });
  try {
    const wallMs = await arrival(bench, agent, topic, files, one, options);
    await sleep(250);
    const cost = await agent.stop();
    await progressIsSaved(`${folder}/checkpoint`, files.containers.map(({ logPath }) => logPath));
    const wireBytes = logBytes(broker, topic);
    const { valueBytes, compared } = await verify(bench, topic, one, files);
    if (options.valuesFile !== undefined) await keepValues(broker.bootstrap, topic, options.valuesFile);
    const cpu = cost.userSeconds + cost.systemSeconds;
    return { cpu, ...cost, wallMs, wireBytes, valueBytes, compared };
  } finally {
    if (!bench.keep) await agent.dispose();
    await broker.deleteTopic(topic);
  }
}

/** Milliseconds from the start until all events are in the topic. */
async function arrival(
  bench: Bench,
  agent: BenchAgent,
  topic: string,
  files: BenchFiles,
  one: BenchCase,
  { sample }: DeliverOptions,
): Promise<number> {
  // The last event of several lines ends when nothing follows for a while: no part of the speed.
  const swift = one.kind === "java" ? files.events - one.files : files.events;
  const deadline = Date.now() + 60_000 + files.events / RATE_LEAST * 1000;
  let wallMs = 0;
  while (true) {
    agent.figures();
    const records = await countRecords(bench.broker, topic);
    sample?.(records, agent);
    if (wallMs === 0 && records >= swift) wallMs = agent.elapsedMs;
    if (records >= files.events) return wallMs;
    if (Date.now() > deadline) throw new Error(`only ${records} of ${files.events} events in time`);
    await sleep(20);
  }
}

async function verify(bench: Bench, topic: string, one: BenchCase, files: BenchFiles) {
  const found = await checkTopic({
    bootstrap: bench.broker.bootstrap,
    topic,
    lines: files.events,
    stream: (n) => files.fileOf(n),
    compare: (value, n) => compareFields(value, n, files.expected(n)),
  });
  if (found.records !== files.events || found.distinct !== files.events || found.outOfOrder > 0) {
    throw new Error(`${one.name}: ${JSON.stringify(found)} of ${files.events} events`);
  }
  return found;
}

async function keepValues(bootstrap: string, topic: string, path: string): Promise<void> {
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const child = new Deno.Command("kcat", {
    args: ["-C", "-b", bootstrap, "-t", topic, "-q", "-e", "-o", "beginning", "-f", "%s\\n"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  for await (const chunk of child.stdout) {
    for (let at = 0; at < chunk.length;) at += file.writeSync(chunk.subarray(at));
  }
  if (!(await child.status).success) throw new Error(`kcat could not read '${topic}'`);
}
