/** What the agent costs when there is little to do: start, rest with many open files, one line now and then. */
import { sleep, waitFor } from "../support/process.ts";
import { brokerTime } from "../support/verify.ts";
import { type Bench, countRecords } from "./bench.ts";
import { BenchAgent, type BenchContainer } from "./bench_agent.ts";
import { pipelineText } from "./bench_cases.ts";
import type { Check } from "./bench_gate.ts";
import { writeLines } from "./bench_data.ts";
import { median, mib, percentile, type SmallRow } from "./small_row.ts";

const STARTS = 5;
const IDLE_FILES = 1000;
const IDLE_WINDOW_MS = 20_000;
/** Files that did not grow for a minute are polled less often. */
const IDLE_BEFORE_MS = 62_000;
const LONELY_LINES = 200;
const START_BAR_MS = 500;
const IDLE_CPU_BAR = 1;
const IDLE_RSS_BAR = 70;
const LONELY_P50_BAR_MS = 60;
const LONELY_P99_BAR_MS = 130;

function check(what: string, measured: number, bar: number, unit: string): Check {
  return { what, measured, bar, unit, slowness: 1 };
}

/** Folder with files of `lines` access lines each, one container per file. */
function makeContainers(folder: string, files: number, lines: number): BenchContainer[] {
  Deno.mkdirSync(folder, { recursive: true });
  return Array.from({ length: files }, (_, file) => {
    const logPath = `${folder}/${file}.log`;
    writeLines(logPath, "access", file * lines, (file + 1) * lines);
    return { id: `${file}`.padStart(64, "beef"), name: "nginx", pod: `nginx-${file}`, logPath };
  });
}

/** An agent on these files, with a topic of its own; both are gone in the end. */
async function withAgent<T>(
  bench: Bench,
  name: string,
  containers: BenchContainer[],
  body: (agent: BenchAgent, topic: string) => Promise<T>,
  config: Record<string, string> = {},
): Promise<T> {
  const { broker, scratch, v8Flags } = bench;
  const topic = `${name}-${bench.next()}`;
  await broker.createTopic(topic, 1, config);
  const to = { bootstrap: broker.bootstrap, topic, codec: "default" };
  const pipeline = pipelineText({ kind: "access", step: "raw" }, to);
  const agent = await BenchAgent.start({ folder: `${scratch}/${topic}`, pipeline, containers, v8Flags });
  try {
    return await body(agent, topic);
  } finally {
    await agent.dispose();
    await broker.deleteTopic(topic);
  }
}

async function arrived(bench: Bench, agent: BenchAgent, topic: string, records: number): Promise<void> {
  await waitFor(`${records} records in '${topic}'`, async () => {
    agent.figures();
    return await countRecords(bench.broker, topic) >= records;
  }, { everyMs: 5 });
}

/** From the start of the process to the first record in Kafka. */
export async function startFigure(bench: Bench): Promise<SmallRow> {
  const containers = makeContainers(`${bench.scratch}/start`, 1, 1);
  const walls: number[] = [];
  const cpus: number[] = [];
  let rss = 0;
  for (let run = 0; run < STARTS; run++) {
    await withAgent(bench, "start", containers, async (agent, topic) => {
      await arrived(bench, agent, topic, 1);
      walls.push(agent.elapsedMs);
      await sleep(300);
      const { userSeconds, systemSeconds, peakRssBytes } = await agent.stop();
      cpus.push(userSeconds + systemSeconds);
      rss = Math.max(rss, peakRssBytes);
    });
  }
  const text = `${median(walls).toFixed(0)} ms; start, one line and stop cost ${
    median(cpus).toFixed(2)
  } CPU-s, ${mib(rss)} MiB`;
  return {
    what: "start: from sources to the first record acknowledged",
    figure: text,
    goal: `${START_BAR_MS} ms (compiled binary, to the first read)`,
    checks: [check("start", median(walls), START_BAR_MS, "ms")],
  };
}

/** CPU at rest with many open files. */
export async function idleFigure(bench: Bench): Promise<SmallRow> {
  const containers = makeContainers(`${bench.scratch}/idle`, IDLE_FILES, 1);
  const { young, old, rssBytes } = await withAgent(bench, "idle", containers, async (agent, topic) => {
    await arrived(bench, agent, topic, IDLE_FILES);
    await sleep(1000);
    const percent = async () => {
      const before = agent.figures().cpuSeconds;
      await sleep(IDLE_WINDOW_MS);
      return (agent.figures().cpuSeconds - before) / IDLE_WINDOW_MS * 1e5;
    };
    const young = await percent();
    await sleep(IDLE_BEFORE_MS - IDLE_WINDOW_MS);
    const old = await percent();
    const { rssBytes } = agent.figures();
    await agent.stop();
    return { young, old, rssBytes };
  });
  const text = `${old.toFixed(1)} % of a core (${young.toFixed(1)} % in the first minute), RSS ${
    mib(rssBytes)
  } MiB`;
  return {
    what: `idle: at rest, ${IDLE_FILES} open files`,
    figure: text,
    goal: `${IDLE_CPU_BAR} %, ${IDLE_RSS_BAR} MB`,
    checks: [
      check("idle, CPU", old, IDLE_CPU_BAR, "% of a core"),
      check("idle, RSS", rssBytes / 1048576, IDLE_RSS_BAR, "MiB"),
    ],
  };
}

/** From the write of a single line to the broker's time stamp on its record. */
export async function lonelyFigure(bench: Bench): Promise<SmallRow> {
  const containers = makeContainers(`${bench.scratch}/lonely`, 1, 1);
  const { waits, cpu } = await withAgent(bench, "lonely", containers, async (agent, topic) => {
    await arrived(bench, agent, topic, 1);
    const before = agent.figures().cpuSeconds;
    const beginMs = Date.now();
    const written = await writeLonely(containers[0].logPath);
    await arrived(bench, agent, topic, LONELY_LINES + 1);
    const cpu = (agent.figures().cpuSeconds - before) / (Date.now() - beginMs) * 1e5;
    const records = await bench.broker.consume(topic, { max: LONELY_LINES + 1 });
    await agent.stop();
    const waits = records.slice(1).map(({ timestampMs }, i) => timestampMs - written[i]);
    return { waits: waits.sort((a, b) => a - b), cpu };
  }, brokerTime);
  const at = (part: number) => percentile(waits, part);
  const text = `p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)} ms; ${
    cpu.toFixed(1)
  } % of a core at 10 lines/s`;
  return {
    what: "lonely: a line now and then, write to the broker's log",
    figure: text,
    goal: `p50 ${LONELY_P50_BAR_MS}, p99 ${LONELY_P99_BAR_MS} ms`,
    checks: [
      check("lonely, p50", at(0.5), LONELY_P50_BAR_MS, "ms"),
      check("lonely, p99", at(0.99), LONELY_P99_BAR_MS, "ms"),
    ],
  };
}

/** Lines at irregular distances of about 100 ms, which is how often files are polled; returns when each was written. */
async function writeLonely(path: string): Promise<number[]> {
  using file = Deno.openSync(path, { append: true });
  const written: number[] = [];
  for (let n = 1; n <= LONELY_LINES; n++) {
    await sleep(55 + n * 37 % 91);
    file.writeSync(new TextEncoder().encode(`2023-06-26T12:32:10.000000000Z stdout F lonely ${n}\n`));
    written.push(Date.now());
  }
  return written;
}
