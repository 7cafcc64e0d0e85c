/** Many pipelines: the same bytes split over them against one, and several on one file, which is read once. */
import { sleep } from "../support/process.ts";
import { BenchAgent } from "./bench_agent.ts";
import { type Bench, countRecords, figureText } from "./bench.ts";
import { type BenchCase, pipelineText } from "./bench_cases.ts";
import { BenchFiles } from "./bench_files.ts";
import { calibrated } from "./calibration.ts";
import { deliver } from "./deliver.ts";
import { mib, type SmallRow } from "./small_row.ts";

const PIPELINES = 1000;
const RATIO_BAR = 1.3;
const SHARED = 10;
/** Headroom for what is read besides the file: answers of the broker, anchors. */
const READ_BAR = 1.1;
/** What is read of the agent's own sources differs by a megabyte: smaller files say nothing. */
const FILE_BYTES_LEAST = 10e6;

/** 1,000 pipelines with a file each, and one pipeline for all of these files. */
export async function pipelinesRow(bench: Bench): Promise<SmallRow> {
  const files = Math.min(PIPELINES, Math.max(1, Math.floor(bench.lines / 20)));
  const one: BenchCase = { name: "pipelines", about: "", kind: "access", step: "raw", files, partitions: 1 };
  const made = new BenchFiles(bench.scratch, one, bench.lines);
  const cost = { single: Infinity, split: Infinity, rss: 0, connections: 0 };
  const to = (topic: string) => ({ bootstrap: bench.broker.bootstrap, topic, codec: "default" });
  try {
    for (let run = 0; run < bench.runs; run++) {
      const single = await calibrated(() => deliver(bench, one, "default", made));
      const pipelines = (topic: string) =>
        Object.fromEntries(made.containers.map(({ pod }) => {
          const inputOptions = [`    K8sPodRegex: ^${pod}$`];
          return [`p-${pod}`, pipelineText(one, { ...to(topic), inputOptions })];
        }));
      const sample = (_: number, agent: BenchAgent) => {
        cost.connections = Math.max(cost.connections, connections(agent.pid, bench.broker.port));
      };
      const split = await calibrated(() => deliver(bench, one, "default", made, { pipelines, sample }));
      bench.say(figureText("one pipeline", made.events, single));
      bench.say(figureText(`${files} pipelines, ${cost.connections} connections`, made.events, split));
      cost.single = Math.min(cost.single, single.cpu / single.slowness);
      cost.split = Math.min(cost.split, split.cpu / split.slowness);
      cost.rss = Math.max(cost.rss, split.peakRssBytes);
    }
  } finally {
    made.remove();
  }
  const ratio = cost.split / cost.single;
  const perMillion = (cpu: number) => (cpu * 1e6 / made.events).toFixed(2);
  return {
    what: `pipelines1000: ${files} files, a pipeline for each against one for all`,
    figure: `${perMillion(cost.split)} against ${perMillion(cost.single)} CPU-s per million: **${
      ratio.toFixed(2)
    }** times; ${mib(cost.rss)} MiB; connections to the broker ${cost.connections}`,
    goal: `${RATIO_BAR} times; connections = brokers`,
    checks: [
      { what: "pipelines1000, ratio", measured: ratio, bar: RATIO_BAR, unit: "times", slowness: 1 },
      {
        what: "pipelines1000, connections",
        measured: cost.connections,
        bar: 1,
        unit: "connections",
        slowness: 1,
      },
    ],
  };
}

/** Several pipelines on one file, each to its own topic. */
export async function sharedFileRow(bench: Bench): Promise<SmallRow> {
  const one: BenchCase = { name: "shared", about: "", kind: "access", step: "raw", files: 1, partitions: 1 };
  const lines = Math.max(1000, Math.floor(bench.lines / SHARED));
  const base = await readAtLeast(bench, one);
  const files = new BenchFiles(bench.scratch, one, lines);
  try {
    const many = await runShared(bench, files, lines);
    const read = (many.readBytes - base) / files.bytes;
    const events = lines * SHARED;
    bench.say(`${SHARED} pipelines on one file: ${JSON.stringify({ base, many, read })}`);
    return {
      what: `shared: ${SHARED} pipelines on one file, each to its own topic`,
      figure: `${(many.cpu * 1e6 / events).toFixed(2)} CPU-s per million delivered (start included); read ${
        files.bytes < FILE_BYTES_LEAST ? "(too few lines to tell)" : read.toFixed(2)
      } times the file`,
      goal: "read once",
      checks: files.bytes < FILE_BYTES_LEAST
        ? []
        : [{ what: "shared, bytes read", measured: read, bar: READ_BAR, unit: "times", slowness: 1 }],
    };
  } finally {
    files.remove();
  }
}

/** What the agent reads of itself: the least of two runs, as the first one reads more of its sources than others do. */
async function readAtLeast(bench: Bench, one: BenchCase): Promise<number> {
  const files = new BenchFiles(bench.scratch, one, 1);
  try {
    const runs = [await runShared(bench, files, 1), await runShared(bench, files, 1)];
    return Math.min(...runs.map(({ readBytes }) => readBytes));
  } finally {
    files.remove();
  }
}

async function runShared(bench: Bench, files: BenchFiles, lines: number) {
  const { broker, scratch } = bench;
  const serial = bench.next();
  const topics = Array.from({ length: SHARED }, (_, i) => `shared-${serial}-${i}`);
  for (const topic of topics) await broker.createTopic(topic);
  const shape = { kind: "access", step: "raw" } as const;
  const texts = topics.map((topic) =>
    [topic, pipelineText(shape, { bootstrap: broker.bootstrap, topic, codec: "default" })] as const
  );
  const agent = await BenchAgent.start({
    folder: `${scratch}/run-${serial}`,
    pipeline: Object.fromEntries(texts),
    containers: files.containers,
    v8Flags: bench.v8Flags,
  });
  try {
    const deadline = Date.now() + 60_000 + lines * SHARED / 5;
    for (const topic of topics) {
      while (await countRecords(broker, topic) < lines) {
        agent.figures();
        if (Date.now() > deadline) throw new Error(`'${topic}' is not complete in time`);
        await sleep(20);
      }
    }
    const readBytes = bytesRead(agent.pid);
    const { userSeconds, systemSeconds } = await agent.stop();
    for (const topic of topics) {
      const records = await countRecords(broker, topic);
      if (records !== lines) throw new Error(`'${topic}' has ${records} of ${lines} records`);
    }
    return { cpu: userSeconds + systemSeconds, readBytes };
  } finally {
    await agent.dispose();
    for (const topic of topics) await broker.deleteTopic(topic);
  }
}

/** Bytes a process got from read and pread. */
function bytesRead(pid: number): number {
  return Number(/^rchar: (\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/io`))?.[1]);
}

/** Connections of a process to a port of this machine. */
function connections(pid: number, port: number): number {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set<string>();
  for (
    const line of ["tcp", "tcp6"].flatMap((name) =>
      Deno.readTextFileSync(`/proc/${pid}/net/${name}`).split("\n")
    )
  ) {
    const words = line.trim().split(/\s+/);
    // Number, local address, remote address, state (01: established), …, inode.
    if (words[2]?.endsWith(`:${hex}`) && words[3] === "01") inodes.add(`socket:[${words[9]}]`);
  }
  let count = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
    try {
      if (inodes.has(Deno.readLinkSync(`/proc/${pid}/fd/${name}`))) count++;
    } catch {
      // Closed since the folder was listed.
    }
  }
  return count;
}
