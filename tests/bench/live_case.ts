/** Another process writes while the agent reads: what it costs then, and whether it keeps up. */
import { fromFileUrl } from "../support/paths.ts";
import { sleep } from "../support/process.ts";
import { within } from "../support/within.ts";
import { BenchAgent } from "./bench_agent.ts";
import { type Bench, countRecords } from "./bench.ts";
import { type BenchCase, pipelineText } from "./bench_cases.ts";
import { BenchFiles } from "./bench_files.ts";
import { progressIsSaved } from "./bench_progress.ts";
import { checkTopic, compareFields } from "./bench_topic.ts";
import { calibrated } from "./calibration.ts";
import { fileOfLive } from "./live_slices.ts";
import { mib, type SmallRow } from "./small_row.ts";

const LINES_PER_SECOND = 100_000;
/** At the writer's end no more than this may be missing, in milliseconds of writing. */
const LAG_MS_MAX = 500;

/** Lines a second into one file, or over several. */
export async function liveRow(bench: Bench, name: string, files: number, bar: number): Promise<SmallRow> {
  const one: BenchCase = { name, about: "", kind: "access", step: "raw", files, partitions: 1 };
  const runs = [];
  for (let run = 0; run < bench.runs; run++) {
    const figure = await calibrated(() => runLive(bench, one));
    bench.say(`${name}: ${JSON.stringify(figure)}`);
    runs.push(figure);
  }
  const best = runs.reduce((a, b) => a.cpu / a.slowness <= b.cpu / b.slowness ? a : b);
  const perMillion = best.cpu * 1e6 / bench.lines;
  const lagMs = Math.max(...runs.map((run) => run.lagMs));
  const rate = Math.min(...runs.map((run) => run.rate));
  return {
    what: `${name}: another process appends ${LINES_PER_SECOND.toLocaleString("en")} lines/s to ${files} ${
      files === 1 ? "file" : "files"
    }`,
    figure: `**${perMillion.toFixed(2)}** CPU-s per million (at calibration 1 ${
      (perMillion / best.slowness).toFixed(2)
    }), ${mib(best.peakRssBytes)} MiB; written at ${
      Math.round(rate).toLocaleString("en")
    } lines/s, all acknowledged ${lagMs.toFixed(0)} ms behind the last write`,
    goal: `${bar} CPU-s, no backlog at the end (${LAG_MS_MAX} ms)`,
    checks: [
      { what: name, measured: perMillion, bar, unit: "CPU-s per million", slowness: best.slowness },
      { what: `${name}, lag at the end`, measured: lagMs, bar: LAG_MS_MAX, unit: "ms", slowness: 1 },
    ],
  };
}

async function runLive(bench: Bench, one: BenchCase) {
  const { broker, scratch, lines } = bench;
  const serial = bench.next();
  const topic = `${one.name}-${serial}`;
  await broker.createTopic(topic, one.partitions);
  const files = new BenchFiles(scratch, one, lines, true);
  const pipeline = pipelineText(one, { bootstrap: broker.bootstrap, topic, codec: "default" });
  const folder = `${scratch}/run-${serial}`;
  const writer = new Writer(files.folder, one.files, lines);
  let agent: BenchAgent | undefined;
  try {
    await writer.said("ready");
    agent = await BenchAgent.start({
      folder,
      pipeline,
      containers: files.containers,
      v8Flags: bench.v8Flags,
    });
    // It has found its files by then; a lane at rest costs next to nothing.
    await sleep(1000);
    await writer.go();
    const [, tookMs, endMs] = (await writer.said("done")).split(" ").map(Number);
    const deadline = Date.now() + 60_000;
    while (await countRecords(broker, topic) < lines) {
      agent.figures();
      if (Date.now() > deadline) throw new Error(`${one.name}: a backlog after a minute`);
      await sleep(5);
    }
    const lagMs = Math.max(0, Date.now() - endMs);
    await sleep(250);
    const cost = await agent.stop();
    await progressIsSaved(`${folder}/checkpoint`, files.containers.map(({ logPath }) => logPath));
    await verify(bench, topic, one, files);
    const cpu = cost.userSeconds + cost.systemSeconds;
    return { cpu, peakRssBytes: cost.peakRssBytes, lagMs, rate: lines / tookMs * 1000 };
  } finally {
    await writer.dispose();
    await agent?.dispose();
    files.remove();
    await broker.deleteTopic(topic);
  }
}

async function verify(bench: Bench, topic: string, one: BenchCase, files: BenchFiles): Promise<void> {
  const { lines } = bench;
  const stream = (n: number) => fileOfLive(n, one.files);
  const found = await checkTopic({
    bootstrap: bench.broker.bootstrap,
    topic,
    lines,
    stream,
    compare: (value, n) => compareFields(value, n, files.expected(n, stream(n))),
  });
  if (found.records !== lines || found.distinct !== lines || found.outOfOrder > 0) {
    throw new Error(`${one.name}: ${JSON.stringify(found)} of ${lines} lines`);
  }
}

/** The other process. */
class Writer {
  readonly #child: Deno.ChildProcess;
  readonly #out: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(folder: string, files: number, lines: number) {
    const script = fromFileUrl(new URL("./live_writer.ts", import.meta.url));
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", script, folder, ...[files, lines, LINES_PER_SECOND].map(String)],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.#out = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line that begins with a word. */
  said(word: string): Promise<string> {
    return within(120_000, `the writer's '${word}'`, this.#line(word));
  }

  async #line(word: string): Promise<string> {
    while (true) {
      const found = new RegExp(`^${word}.*$`, "m").exec(this.#text);
      if (found !== null && this.#text.includes("\n", found.index)) return found[0];
      const { value, done } = await this.#out.read();
      if (done) throw new Error(`the writer ended without '${word}'`);
      this.#text += value;
    }
  }

  async go(): Promise<void> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new Uint8Array([10]));
    await writer.close();
  }

  async dispose(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It ended by itself.
    }
    await this.#child.status;
    await this.#out.cancel();
  }
}
