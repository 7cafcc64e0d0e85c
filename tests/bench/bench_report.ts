/** docs/benchmarks.md: the tables of a bench. */
import type { Run } from "./bench.ts";
import { type BenchCase, RSS_BAR, RSS_STRETCH } from "./bench_cases.ts";
import { LINES_PER_EVENT } from "./bench_data.ts";
import { type Check, isMet } from "./bench_gate.ts";
import { NOMINAL_SECONDS } from "./calibration.ts";
import type { SmallRow } from "./small_row.ts";

/** All runs of one workload with one codec. */
export interface Result {
  one: BenchCase;
  codec: string;
  events: number;
  runs: Run[];
  inputBytes: number;
}

/** The same by an agent of another project, or why it is not there. */
export interface PeerResult extends Result {
  peer: string;
  skipped?: string;
}

/** What the page is made of. */
export interface Page {
  lines: number;
  results: Result[];
  peers: PeerResult[];
  small: SmallRow[];
  machine: { processor: string; cores: number; kernel: string; memoryGiB: number };
  versions: { deno: string; v8: string; peers: string[] };
  date: string;
  load: number;
}

const mb = (bytes: number) => (bytes / 1e6).toFixed(0);
const mib = (bytes: number) => (bytes / 1048576).toFixed(0);
const perMillion = (cpu: number, { events }: Result) => cpu * 1e6 / events;
const bestRun = ({ runs }: Result) => runs.reduce((a, b) => a.cpu <= b.cpu ? a : b);

/** Best of all runs as the machine that the bars were set on would have done it: CPU seconds per million. */
export function normalised(result: Result): number {
  return Math.min(...result.runs.map(({ cpu, slowness }) => perMillion(cpu / slowness, result)));
}

/** The checks of a workload: CPU where a bar is set, and memory. Without compression there are none. */
export function checksOf(result: Result): Check[] {
  const { one, codec, runs } = result;
  if (codec !== "default" || one.bar === undefined) return [];
  const best = runs.reduce((a, b) => a.cpu / a.slowness <= b.cpu / b.slowness ? a : b);
  const rss = Math.max(...runs.map(({ peakRssBytes }) => peakRssBytes)) / 1048576;
  return [
    {
      what: one.name,
      measured: perMillion(best.cpu, result),
      bar: one.bar,
      unit: "CPU-s per million",
      slowness: best.slowness,
    },
    { what: `${one.name}, RSS`, measured: rss, bar: RSS_BAR, unit: "MiB", slowness: 1 },
  ];
}

/** docs/benchmarks.md. */
export function writePage(page: Page): string {
  const parts = [head(page), delivered(page), peersPart(page), smallPart(page.small), TAIL];
  return parts.filter((part) => part !== "").join("\n");
}

function head({ machine, versions, date, load, results, peers }: Page): string {
  const all = [...results, ...peers].flatMap(({ runs }) => runs.map(({ slowness }) => slowness));
  const range = all.length === 0
    ? ""
    : ` This machine needed ${Math.min(...all).toFixed(2)} to ${
      Math.max(...all).toFixed(2)
    } times the nominal time.`;
  return `<!-- deno-fmt-ignore-file -->

# Benchmarks

Written by \`deno task bench --write\` on ${date}; do not edit.

Deno ${versions.deno} (V8 ${versions.v8}) on ${machine.kernel}, ${machine.cores} x ${machine.processor}, ${machine.memoryGiB} GiB.
${versions.peers.length === 0 ? "" : `Beside it: ${versions.peers.join(", ")}.\n`}Load average at the end ${
    load.toFixed(1)
  }. Around each run a calibration loop is timed, nominal ${NOMINAL_SECONDS.toFixed(4)} CPU-s.${range}
`;
}

function delivered({ lines, results }: Page): string {
  if (results.length === 0) return "";
  return `## To a real Kafka broker on the same machine

${
    lines.toLocaleString("en")
  } lines, acks=all, idempotent, one agent process, from the beginning of the files until all is acknowledged
and saved. CPU seconds are user and system of all threads from start to exit of the process, as wait4 says; best of the
runs, all runs behind it. "At calibration 1" is what the bars are compared with: the best of the runs, each divided by how
much longer than nominal the calibration loop took around it. Peak RSS is VmHWM of the worst run. Everything was read back
with kcat: number, distinct events, order per file, and every 97th event compared field by field with its source.

| workload | compression | CPU-s per million | all runs | at calibration 1 | bar (stretch) | peak RSS MiB (bar ${RSS_BAR}, stretch ${RSS_STRETCH}) | events/s | MB in -> events -> wire | best other agent, once |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${results.map(row).join("\n")}
`;
}

function row(result: Result): string {
  const { one, codec, events, runs, inputBytes } = result;
  const best = bestRun(result);
  const rss = Math.max(...runs.map(({ peakRssBytes }) => peakRssBytes));
  const wall = Math.min(...runs.map(({ wallMs }) => wallMs));
  const cells = [
    `${one.name}: ${one.about}`,
    codec,
    `**${perMillion(best.cpu, result).toFixed(2)}**${perLine(result)}`,
    runs.map(({ cpu }) => perMillion(cpu, result).toFixed(2)).join(" "),
    normalised(result).toFixed(2),
    verdict(result),
    mib(rss),
    Math.round(events / wall * 1000).toLocaleString("en"),
    `${mb(inputBytes)} -> ${mb(best.valueBytes)} -> ${mb(best.wireBytes)}`,
    one.bestPeer ?? "-",
  ];
  return `| ${cells.join(" | ")} |`;
}

/** For events of several lines, so that they can be compared with the others. */
function perLine(result: Result): string {
  const lines = LINES_PER_EVENT[result.one.kind];
  if (lines < 2) return "";
  return ` (${(perMillion(bestRun(result).cpu, result) / lines).toFixed(2)} per million lines)`;
}

function verdict(result: Result): string {
  const { bar, stretch } = result.one;
  const [cpu] = checksOf(result);
  if (cpu === undefined) return "-";
  const word = !isMet(cpu) ? "MISSED" : isMet({ ...cpu, bar: stretch! }) ? "stretch met" : "MET";
  return `${bar} (${stretch}) ${word}`;
}

function peersPart({ peers, results }: Page): string {
  if (peers.length === 0) return "";
  const ran = peers.filter(({ runs }) => runs.length > 0);
  const skipped = peers.filter((peer) => peer.skipped !== undefined);
  return `## Beside other agents, in the same run on the same files

The settings are in tests/bench/peers. The work is not the same: denotail writes the envelope of the tutorial, with seven
fields beside the line; the others write the line, or the fields parsed from it. rsyslog's parser is a rule of liblognorm,
not a regular expression. kcat only sends: it gets denotail's events ready-made, one a line, and is the floor of a Kafka
sender in C. "default" is zstd, at level -5 for denotail, at level 1 for those on librdkafka, the cheapest it takes.
Everything was read back: number, distinct lines, every 97th compared with its source line. The ratio is to denotail with
the same compression.

| workload | agent | compression | CPU-s per million | all runs | ratio | peak RSS MiB | events/s | MB in -> events -> wire |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${ran.map((peer) => peerRow(peer, results)).join("\n")}
${
    skipped.length === 0
      ? ""
      : `\n${
        skipped.map(({ peer, one, skipped }) => `- ${peer} did not run ${one.name}: ${skipped}`).join("\n")
      }\n`
  }`;
}

function peerRow(peer: PeerResult, results: Result[]): string {
  const own = results.find(({ one, codec }) => one.name === peer.one.name && codec === peer.codec);
  const best = bestRun(peer);
  const wall = Math.min(...peer.runs.map(({ wallMs }) => wallMs));
  const ratio = own === undefined ? "-" : `**${(normalised(peer) / normalised(own)).toFixed(1)}x**`;
  const cells = [
    peer.one.name,
    peer.peer,
    peer.codec,
    perMillion(best.cpu, peer).toFixed(2),
    peer.runs.map(({ cpu }) => perMillion(cpu, peer).toFixed(2)).join(" "),
    ratio,
    mib(Math.max(...peer.runs.map(({ peakRssBytes }) => peakRssBytes))),
    Math.round(peer.events / wall * 1000).toLocaleString("en"),
    `${mb(peer.inputBytes)} -> ${mb(best.valueBytes)} -> ${mb(best.wireBytes)}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

function smallPart(small: SmallRow[]): string {
  if (small.length === 0) return "";
  const rows = small.map(({ what, figure, goal, checks }) => {
    const word = checks.length === 0 ? "-" : checks.every(isMet) ? "MET" : "MISSED";
    return `| ${[what, figure, goal, word].join(" | ")} |`;
  });
  return `## Steady state, live writing, many pipelines, rest and latency

| what | figure | goal | |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}

const TAIL =
  `Bars hold for the default compression (zstd at level -5, where runtime and broker have it). The figures of the "best
other agent" were taken once, without compression, on a like machine; their events are mostly smaller.
`;
