/** What the agent costs when there is little to do: start, rest with many open files, one line now and then. */
import type { TestKafka } from "../support/kafka.ts";
import { sleep, waitFor } from "../support/process.ts";
import { brokerTime } from "../support/verify.ts";
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

async function begin(
  kafka: TestKafka,
  scratch: string,
  name: string,
  containers: BenchContainer[],
  config: Record<string, string> = {},
): Promise<{ agent: BenchAgent; topic: string }> {
  const topic = `${name}-${Date.now()}`;
  await kafka.createTopic(topic, 1, config);
  const pipeline = pipelineText({ kind: "access", step: "raw" }, {
    bootstrap: kafka.bootstrap,
    topic,
    codec: "default",
  });
  const agent = await BenchAgent.start({ folder: `${scratch}/${topic}`, pipeline, containers });
  return { agent, topic };
}

async function arrived(kafka: TestKafka, topic: string, records: number): Promise<void> {
  const count = async () => (await kafka.endOffsets(topic).catch(() => [0]))[0];
  await waitFor(`${records} records in '${topic}'`, async () => await count() >= records, { everyMs: 5 });
}

/** From the start of the process to the first record in Kafka. */
export async function startFigure(kafka: TestKafka, scratch: string): Promise<SmallRow> {
  const containers = makeContainers(`${scratch}/start`, 1, 1);
  const walls: number[] = [];
  const cpus: number[] = [];
  let rss = 0;
  for (let run = 0; run < STARTS; run++) {
    const { agent, topic } = await begin(kafka, scratch, "start", containers);
    await arrived(kafka, topic, 1);
    walls.push(agent.elapsedMs);
    await sleep(300);
    const { userSeconds, systemSeconds, peakRssBytes } = await agent.stop();
    cpus.push(userSeconds + systemSeconds);
    rss = Math.max(rss, peakRssBytes);
    await agent.dispose();
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
export async function idleFigure(kafka: TestKafka, scratch: string): Promise<SmallRow> {
  const { agent, topic } = await begin(
    kafka,
    scratch,
    "idle",
    makeContainers(`${scratch}/idle`, IDLE_FILES, 1),
  );
  await arrived(kafka, topic, IDLE_FILES);
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
  await agent.dispose();
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
export async function lonelyFigure(kafka: TestKafka, scratch: string): Promise<SmallRow> {
  const containers = makeContainers(`${scratch}/lonely`, 1, 1);
  const { agent, topic } = await begin(kafka, scratch, "lonely", containers, brokerTime);
  await arrived(kafka, topic, 1);
  const before = agent.figures().cpuSeconds;
  const beginMs = Date.now();
  using file = Deno.openSync(containers[0].logPath, { append: true });
  const written: number[] = [0];
  for (let n = 1; n <= LONELY_LINES; n++) {
    await sleep(80 + n * 37 % 41);
    file.writeSync(new TextEncoder().encode(`2023-06-26T12:32:10.000000000Z stdout F lonely ${n}\n`));
    written.push(Date.now());
  }
  await arrived(kafka, topic, LONELY_LINES + 1);
  const cpu = (agent.figures().cpuSeconds - before) / (Date.now() - beginMs) * 1e5;
  const records = await kafka.consume(topic, { max: LONELY_LINES + 1 });
  const waits = records.slice(1).map(({ timestampMs }, i) => timestampMs - written[i + 1]).sort((a, b) =>
    a - b
  );
  await agent.stop();
  await agent.dispose();
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
