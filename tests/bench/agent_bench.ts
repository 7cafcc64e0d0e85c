/**
 * What the whole agent costs: CPU seconds (user and system, all threads, start and stop included) per million events
 * from files to a real broker, peak memory, and whether everything arrived as it was written.
 *
 *   deno task bench [--lines 1000000] [--runs 3] [--only raw,regex,…] [--codecs default,none] [--write] [--keep]
 *
 * --only takes raw, files100, regex, json, docker, start, idle, lonely. --write renews docs/benchmarks.md.
 */
import { parseArgs } from "node:util";
import { startKafka, type TestKafka } from "../support/kafka.ts";
import { scratchFolder, sleep } from "../support/process.ts";
import { BenchAgent, type BenchContainer, containerFields, machine } from "./bench_agent.ts";
import { type BenchCase, CASES, pipelineText } from "./bench_cases.ts";
import { expectedFields, writeLines } from "./bench_data.ts";
import { progressIsSaved } from "./bench_progress.ts";
import { type Figure, type Result, writePage } from "./bench_report.ts";
import { checkTopic } from "./bench_topic.ts";
import { calibrate } from "./calibration.ts";
import { idleFigure, lonelyFigure, startFigure } from "./small_benches.ts";

const { values: given } = parseArgs({
  options: {
    lines: { type: "string", default: "1000000" },
    runs: { type: "string", default: "3" },
    only: { type: "string", multiple: true, default: [] },
    codecs: { type: "string", default: "default,none" },
    "v8-flags": { type: "string" },
    write: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
  },
});
const lines = Number(given.lines);
const runs = Number(given.runs);
const only = given.only.flatMap((names) => names.split(","));
const wanted = (name: string) => only.length === 0 || only.includes(name);
const scratch = scratchFolder("bench");

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

/** Files of a workload, made once and shared by all of its runs. */
function makeFiles(one: BenchCase): { containers: BenchContainer[]; bytes: number; remove: () => void } {
  const folder = `${scratch}/${one.kind}-${one.files}`;
  Deno.mkdirSync(folder, { recursive: true });
  const containers: BenchContainer[] = [];
  let bytes = 0;
  for (let file = 0; file < one.files; file++) {
    const logPath = `${folder}/${file}.log`;
    const from = Math.floor(lines * file / one.files);
    bytes += writeLines(logPath, one.kind, from, Math.floor(lines * (file + 1) / one.files));
    const pod = `nginx-76d49876c7-${file.toString(36).padStart(5, "r")}`;
    containers.push({ id: `${file}`.padStart(64, "c0ffee"), name: "nginx", pod, logPath });
  }
  return { containers, bytes, remove: () => Deno.removeSync(folder, { recursive: true }) };
}

let serial = 0;

/** Bytes of a topic as the broker keeps them, which is as they came over the wire. */
function logBytes(kafka: TestKafka, topic: string): number {
  const logs = kafka.logFile.replace(/[^/]*$/, "logs");
  let bytes = 0;
  for (const { name } of Deno.readDirSync(logs)) {
    if (!name.startsWith(`${topic}-`)) continue;
    for (const file of Deno.readDirSync(`${logs}/${name}`)) {
      if (file.name.endsWith(".log")) bytes += Deno.statSync(`${logs}/${name}/${file.name}`).size;
    }
  }
  return bytes;
}

async function runOnce(
  kafka: TestKafka,
  one: BenchCase,
  codec: string,
  files: ReturnType<typeof makeFiles>,
): Promise<Figure> {
  const topic = `${one.name}-${++serial}`;
  await kafka.createTopic(topic, one.partitions);
  const pipeline = pipelineText(one.step, { bootstrap: kafka.bootstrap, topic, codec });
  const folder = `${scratch}/run-${serial}`;
  const { containers } = files;
  const agent = await BenchAgent.start({ folder, pipeline, containers, v8Flags: given["v8-flags"] });
  try {
    const deadline = Date.now() + 120_000;
    // A broker under load may be slow to lead a new topic: asked again.
    const ends = () => kafka.endOffsets(topic).catch(() => [0]);
    const count = async () => (await ends()).reduce((sum, end) => sum + end, 0);
    while (await count() < lines) {
      agent.figures();
      if (Date.now() > deadline) throw new Error(`only ${await count()} of ${lines} lines after two minutes`);
      await sleep(20);
    }
    const wallMs = agent.elapsedMs;
    await sleep(250);
    const cost = await agent.stop();
    const wireBytes = logBytes(kafka, topic);
    await progressIsSaved(`${folder}/checkpoint`, containers.map(({ logPath }) => logPath));
    const ofFile = (n: number) => Math.floor((n + 1) * one.files / lines - 1e-9);
    const found = await checkTopic({
      bootstrap: kafka.bootstrap,
      topic,
      lines,
      stream: ofFile,
      expected: (n) => {
        const [first, ...rest] = splitAbout(expectedFields(one.kind, one.step, n));
        return [...first, ...containerFields(containers[ofFile(n)]), ...rest.flat()];
      },
    });
    if (found.records !== lines || found.distinct !== lines || found.outOfOrder > 0) {
      throw new Error(`${one.name}: ${JSON.stringify(found)} of ${lines} lines`);
    }
    const cpu = cost.userSeconds + cost.systemSeconds;
    return { cpu, ...cost, wallMs, wireBytes, valueBytes: found.valueBytes, compared: found.compared };
  } finally {
    if (!given.keep) await agent.dispose();
    await kafka.deleteTopic(topic);
  }
}

/** The container's fields stand behind `_source_`. */
function splitAbout(fields: [string, string][]): [string, string][][] {
  const at = fields.findIndex(([key]) => key === "_source_") + 1;
  return [fields.slice(0, at), fields.slice(at)];
}

const results: Result[] = [];
const calibrations = [calibrate()];
const broker = await startKafka({ fullJit: true, heap: "512m" });
try {
  for (const one of CASES.filter(({ name }) => wanted(name))) {
    const files = makeFiles(one);
    for (const codec of given.codecs.split(",")) {
      const figures: Figure[] = [];
      for (let run = 0; run < runs; run++) {
        const figure = await runOnce(broker, one, codec, files);
        figures.push(figure);
        say(
          `${one.name} ${codec}: ${(figure.cpu * 1e6 / lines).toFixed(2)} CPU-s/M ` +
            `(user ${figure.userSeconds.toFixed(2)}, system ${figure.systemSeconds.toFixed(2)}), ` +
            `${(figure.peakRssBytes / 1048576).toFixed(0)} MiB, ${
              (figure.wallMs / 1000).toFixed(1)
            } s, load ${Deno.loadavg()[0].toFixed(1)}`,
        );
      }
      results.push({ one, codec, figures, inputBytes: files.bytes });
    }
    files.remove();
    calibrations.push(calibrate());
  }
  const small: string[][] = [];
  if (wanted("start")) small.push(await startFigure(broker, scratch));
  if (wanted("idle")) small.push(await idleFigure(broker, scratch));
  if (wanted("lonely")) small.push(await lonelyFigure(broker, scratch));
  const page = writePage({
    lines,
    results,
    small,
    calibration: Math.min(...calibrations),
    machine: await machine(),
    load: Deno.loadavg()[0],
  });
  say(page);
  if (given.write) Deno.writeTextFileSync(new URL("../../docs/benchmarks.md", import.meta.url), page);
} finally {
  await broker.dispose();
}
Deno.exit(0);
