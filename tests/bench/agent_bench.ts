/**
 * What the whole agent costs: CPU seconds (user and system, all threads, start and stop included) per million events
 * from files to a real broker, peak memory, and whether everything arrived as it was written; beside it other agents on
 * the same files. Ends with what met its bar and what missed it.
 *
 *   deno task bench                                         everything, about half an hour on a quiet machine
 *   deno task bench --only raw,regex --lines 20000 --runs 1 whether the bench itself works, in seconds
 *
 * See bench_options.ts for all flags.
 */
import { startKafka } from "../support/kafka.ts";
import { projectRoot } from "../support/paths.ts";
import { mustRun, removeFolder, scratchFolder } from "../support/process.ts";
import { need } from "../support/system.ts";
import { backlogRow, sustainedRow } from "./backlog_case.ts";
import { behindRows } from "./behind_case.ts";
import type { Bench } from "./bench.ts";
import { machine } from "./bench_agent.ts";
import { CASES } from "./bench_cases.ts";
import { type Check, gateText, isMet } from "./bench_gate.ts";
import { type BenchOptions, readOptions } from "./bench_options.ts";
import { checksOf, type PeerResult, type Result, writePage } from "./bench_report.ts";
import { liveRow } from "./live_case.ts";
import { pipelinesRow, sharedFileRow } from "./pipelines_case.ts";
import { idleFigure, lonelyFigure, startFigure } from "./small_benches.ts";
import type { SmallRow } from "./small_row.ts";
import { workersRow } from "./workers_case.ts";
import { runWorkload } from "./workload.ts";

/** What is no delivery of complete files, by name. */
const SMALL: Readonly<
  Record<string, (bench: Bench, options: BenchOptions) => Promise<SmallRow | SmallRow[]>>
> = {
  sustained: (bench) => sustainedRow(bench),
  live: (bench) => liveRow(bench, "live", 1, 1.4),
  live100: (bench) => liveRow(bench, "live100", 100, 1.5),
  pipelines1000: (bench) => pipelinesRow(bench),
  shared: (bench) => sharedFileRow(bench),
  workers: (bench) => workersRow(bench),
  start: (bench) => startFigure(bench),
  idle: (bench) => idleFigure(bench),
  lonely: (bench) => lonelyFigure(bench),
  behind: (bench) => behindRows(bench),
  backlog: (bench, { backlogGigabytes }) => backlogRow(bench, backlogGigabytes),
};

function say(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text + "\n"));
}

/** Runs what was asked for; a workload that fails is said and counted, and the others go on. */
async function runAll(bench: Bench, options: BenchOptions) {
  const results: Result[] = [], peers: PeerResult[] = [], small: SmallRow[] = [], failed: string[] = [];
  const tryOne = async (name: string, run: () => Promise<void>) => {
    if (options.only.length > 0 && !options.only.includes(name)) return;
    try {
      await run();
    } catch (error) {
      failed.push(name);
      say(`FAILED ${name}: ${error instanceof Error ? error.message.slice(0, 2000) : error}`);
    }
  };
  for (const one of CASES) {
    await tryOne(one.name, async () => {
      const done = await runWorkload(bench, one, options);
      results.push(...done.results);
      peers.push(...done.peers);
    });
  }
  for (const [name, run] of Object.entries(SMALL)) {
    await tryOne(name, async () => {
      const rows = [await run(bench, options)].flat();
      for (const row of rows) say(`${row.what}: ${row.figure}`);
      small.push(...rows);
    });
  }
  return { results, peers, small, failed };
}

async function main(): Promise<number> {
  const options = readOptions(Deno.args, [...CASES.map(({ name }) => name), ...Object.keys(SMALL)]);
  if (!await need("kafka")) return 1;
  const scratch = scratchFolder("bench");
  // The first run of all must not pay for what is done once after a download.
  await mustRun([Deno.execPath(), "cache", "main.ts", "worker.ts"], { cwd: projectRoot, timeoutMs: 120_000 });
  const broker = await startKafka({ fullJit: true, heap: "512m" });
  let serial = 0;
  const { lines, runs, v8Flags, keep } = options;
  const bench: Bench = { broker, scratch, lines, runs, v8Flags, keep, say, next: () => ++serial };
  try {
    const { results, peers, small, failed } = await runAll(bench, options);
    const versions = {
      deno: Deno.version.deno,
      v8: Deno.version.v8,
      peers: [...new Set(peers.filter((peer) => peer.runs.length > 0).map((peer) => peer.peer))],
    };
    const page = writePage({
      lines,
      results,
      peers,
      small,
      versions,
      machine: await machine(),
      date: new Date().toISOString().slice(0, 10),
      load: Deno.loadavg()[0],
    });
    say(page);
    if (options.write) Deno.writeTextFileSync(new URL("../../docs/benchmarks.md", import.meta.url), page);
    const checks: Check[] = [...results.flatMap(checksOf), ...small.flatMap((row) => row.checks)];
    say(gateText(checks));
    for (const name of failed) say(`FAILED ${name}`);
    return failed.length > 0 || options.gate && !checks.every(isMet) ? 1 : 0;
  } finally {
    await broker.dispose();
    if (!keep) removeFolder(scratch);
  }
}

Deno.exit(await main());
