/**
 * A line that stands alone while other files have a backlog: how long it waits. And what such a busy agent shows: how
 * long Kafka's answers take until they are handled, and whether batches cost fresh buffers.
 */
import { freePorts, mustRun, sleep } from "../support/process.ts";
import { brokerTime } from "../support/verify.ts";
import { type AgentCounts, readCounts } from "./agent_counts.ts";
import { BenchAgent } from "./bench_agent.ts";
import { type Bench, countRecords } from "./bench.ts";
import { type BenchCase, pipelineText } from "./bench_cases.ts";
import { BenchFiles } from "./bench_files.ts";
import { percentile, type SmallRow } from "./small_row.ts";

const BACKLOG_FILES = 12;
const P99_BAR_MS = 100;
const LINES_MAX = 200;
/** Of a request with records, from its way to the socket until its answer was handled, at a busy agent. */
const ANSWER_P99_BAR_MS = 50;
/** Sizes of buffers are found by then. */
const WARM_UP_PART = 0.1;
/** Large buffers per thousand batches: highest levels of queues are reached now and then for the first time. */
const BUFFERS_BAR = 10;

/** Write to the broker's time stamp, only of lines that were written while the backlog lasted. */
export async function behindRows(bench: Bench): Promise<SmallRow[]> {
  const { broker, scratch, lines } = bench;
  const one: BenchCase = { name: "behind", about: "", kind: "access", step: "raw", files: 1, partitions: 1 };
  const files = new BenchFiles(scratch, one, lines);
  const containers = files.containers.slice();
  for (let file = 1; file <= BACKLOG_FILES; file++) {
    const logPath = `${files.folder}/${file}.log`;
    if (file < BACKLOG_FILES) await copyBehindTitle(containers[0].logPath, logPath, file);
    else Deno.writeTextFileSync(logPath, "");
    containers.push({ id: `${file}`.padStart(64, "c0ffee"), name: "nginx", pod: `nginx-${file}`, logPath });
  }
  // All but the first have a title.
  const backlog = lines * BACKLOG_FILES + BACKLOG_FILES - 1;
  const serial = bench.next();
  const topic = `behind-${serial}`;
  await broker.createTopic(topic, 1, brokerTime);
  const pipeline = pipelineText(one, { bootstrap: broker.bootstrap, topic, codec: "default" });
  const folder = `${scratch}/run-${serial}`;
  const metrics = `127.0.0.1:${freePorts(1)[0]}`;
  const flags = [`--metrics=${metrics}`];
  const agent = await BenchAgent.start({ folder, pipeline, containers, flags, v8Flags: bench.v8Flags });
  try {
    while (await countRecords(broker, topic) < backlog * WARM_UP_PART) {
      agent.figures();
      await sleep(5);
    }
    const warm = await readCounts(metrics);
    const before = agent.figures().cpuSeconds;
    const beganMs = Date.now();
    const { written, counted } = await writeWhileBehind(bench, topic, backlog, containers.at(-1)!.logPath);
    const load = (agent.figures().cpuSeconds - before) / (Date.now() - beganMs) * 1e5;
    const deadline = Date.now() + 60_000 + backlog / 5;
    while (await countRecords(broker, topic) < backlog + written.length) {
      agent.figures();
      if (Date.now() > deadline) throw new Error("the backlog was not delivered in time");
      await sleep(50);
    }
    const counts = await readCounts(metrics);
    const at = await timesOf(broker.bootstrap, topic);
    if (at.length !== written.length) {
      throw new Error(`${at.length} of ${written.length} lonely lines arrived`);
    }
    const waits = at.map((ms, i) => ms - written[i]).slice(0, counted).sort((a, b) => a - b);
    await agent.stop();
    return [waitsRow(waits, lines), answersRow(counts, load), buffersRow(warm, counts)];
  } finally {
    await agent.dispose();
    files.remove();
    await broker.deleteTopic(topic);
  }
}

/** The same lines behind a first one of its own: a file that begins as another one does may be its copy. */
async function copyBehindTitle(from: string, to: string, file: number): Promise<void> {
  Deno.writeTextFileSync(to, `2023-06-26T12:32:00.000000000Z stdout F file ${file} of a backlog\n`);
  await mustRun(["sh", "-c", 'cat "$1" >>"$2"', "sh", from, to]);
}

/** Writes a line now and then; `counted`: so many of them while there was a backlog. */
async function writeWhileBehind(bench: Bench, topic: string, backlog: number, path: string) {
  using file = Deno.openSync(path, { append: true });
  const written: number[] = [];
  let counted = 0;
  while (written.length < LINES_MAX) {
    file.writeSync(
      new TextEncoder().encode(`2023-06-26T12:32:10.000000000Z stdout F lonely ${written.length}\n`),
    );
    written.push(Date.now());
    await sleep(80 + written.length * 37 % 41);
    // What is still missing must be more than the lonely lines themselves.
    if (await countRecords(bench.broker, topic) > backlog - 1000) break;
    counted = written.length;
  }
  return { written, counted };
}

/** The broker's times of the lonely lines in their order; the rest of the topic stays in the pipe. */
async function timesOf(bootstrap: string, topic: string): Promise<number[]> {
  const script = `kcat -C -b "$1" -t "$2" -q -e -o beginning -f '%T %s\\n' | grep -a 'lonely '`;
  const text = await mustRun(["bash", "-c", script, "bash", bootstrap, topic], { timeoutMs: 600_000 });
  const rows = text.trim().split("\n").map((row) => ({
    ms: Number(row.slice(0, row.indexOf(" "))),
    n: Number(/lonely (\d+)/.exec(row)?.[1]),
  }));
  if (!rows.every(({ n }, i) => n === i)) throw new Error("lonely lines are lost, repeated or out of order");
  return rows.map(({ ms }) => ms);
}

function waitsRow(waits: number[], lines: number): SmallRow {
  const what = `behind: a lonely line behind a backlog of ${BACKLOG_FILES} files of ${
    lines.toLocaleString("en")
  } lines`;
  const goal = `p99 ${P99_BAR_MS} ms`;
  if (waits.length === 0) {
    return { what, figure: "the backlog was gone at once: more --lines needed", goal, checks: [] };
  }
  const p99 = percentile(waits, 0.99);
  return {
    what,
    figure: `p50 ${percentile(waits, 0.5)}, p90 ${
      percentile(waits, 0.9)
    }, p99 ${p99} ms of ${waits.length} lines`,
    goal,
    checks: [{ what: "behind, p99", measured: p99, bar: P99_BAR_MS, unit: "ms", slowness: 1 }],
  };
}

function answersRow({ answers }: AgentCounts, load: number): SmallRow {
  const p99 = answers.within(0.99);
  return {
    what: "acknowledgements, meanwhile: from the socket to the broker and back until handled",
    figure: `half of ${answers.count} within ${answers.within(0.5)} ms, 99 % within ${p99} ms, the agent at ${
      load.toFixed(0)
    } % of a core`,
    goal: `p99 ${ANSWER_P99_BAR_MS} ms`,
    checks: [{
      what: "acknowledgements, p99",
      measured: p99,
      bar: ANSWER_P99_BAR_MS,
      unit: "ms",
      slowness: 1,
    }],
  };
}

function buffersRow(warm: AgentCounts, end: AgentCounts): SmallRow {
  const batches = end.batches - warm.batches;
  const buffers = end.largeBuffers - warm.largeBuffers;
  return {
    what: "buffers of 4 KiB or more, meanwhile, made on the way of a line after the first tenth",
    figure: `${buffers} for ${batches} batches (${warm.largeBuffers} before)`,
    goal: "none for a batch",
    checks: [{
      what: "buffers, for 1,000 batches",
      measured: buffers / batches * 1000,
      bar: BUFFERS_BAR,
      unit: "buffers",
      slowness: 1,
    }],
  };
}
