/** The table of the agent's bench. */
import { type BenchCase, RSS_BAR, RSS_STRETCH } from "./bench_cases.ts";
import { NOMINAL_SECONDS } from "./calibration.ts";

/** One run. */
export interface Figure {
  cpu: number;
  userSeconds: number;
  systemSeconds: number;
  peakRssBytes: number;
  /** Until the last event was acknowledged. */
  wallMs: number;
  wireBytes: number;
  valueBytes: number;
  compared: number;
}

/** All runs of one workload with one codec. */
export interface Result {
  one: BenchCase;
  codec: string;
  figures: Figure[];
  inputBytes: number;
}

/** What the page is made of. */
export interface Page {
  lines: number;
  results: Result[];
  /** Rows: what, figure, goal. */
  small: string[][];
  calibration: number;
  machine: { processor: string; cores: number; kernel: string; memoryGiB: number };
  load: number;
}

const mb = (bytes: number) => (bytes / 1e6).toFixed(0);

/** docs/benchmarks.md. */
export function writePage(page: Page): string {
  const { lines, results, small, calibration, machine, load } = page;
  const ratio = calibration / NOMINAL_SECONDS;
  const { deno, v8 } = Deno.version;
  return `<!-- deno-fmt-ignore-file -->

# Benchmarks

Written by \`deno task bench --write\` on ${new Date().toISOString().slice(0, 10)}; do not edit.

Deno ${deno} (V8 ${v8}) on ${machine.kernel}, ${machine.cores} x ${machine.processor}, ${machine.memoryGiB} GiB.
Load average at the end ${load.toFixed(1)}. Calibration loop ${calibration.toFixed(2)} CPU-s, nominal ${
    NOMINAL_SECONDS.toFixed(2)
  }: this machine now needs ${ratio.toFixed(2)} times the nominal time.

## To a real Kafka broker on the same machine

${
    lines.toLocaleString("en")
  } lines, acks=all, idempotent, one agent process, from the beginning of the files until all is acknowledged
and saved. CPU seconds are user and system of all threads from start to exit of the process, as wait4 says; best of the
runs, all runs behind it. Peak RSS is VmHWM of the worst run. Everything was read back with kcat: number, distinct
lines, order per file, and every 97th record compared field by field with its source line.

| workload | compression | CPU-s per million | all runs | bar (stretch) | at calibration 1 | peak RSS MiB (bar ${RSS_BAR}, stretch ${RSS_STRETCH}) | events/s | MB in -> events -> wire | best other agent |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
${results.map((result) => row(result, lines, ratio)).join("\n")}
${
    small.length === 0 ? "" : `
## Start, rest and latency

| what | figure | goal |
| --- | --- | --- |
${small.map((cells) => `| ${cells.join(" | ")} |`).join("\n")}
`
  }
Bars hold for the default compression (zstd at level -5, where runtime and broker have it). Other agents' figures were
taken without compression on another day of a like machine; their events are mostly smaller.
`;
}

function row({ one, codec, figures, inputBytes }: Result, lines: number, ratio: number): string {
  const perMillion = (figure: Figure) => figure.cpu * 1e6 / lines;
  const best = figures.reduce((a, b) => a.cpu <= b.cpu ? a : b);
  const cpu = perMillion(best);
  const bar = codec === "default" ? `${one.bar} (${one.stretch}) ${verdict(cpu / ratio, one)}` : "-";
  const rss = Math.max(...figures.map(({ peakRssBytes }) => peakRssBytes));
  const wall = Math.min(...figures.map(({ wallMs }) => wallMs));
  const cells = [
    `${one.name}: ${one.about}`,
    codec,
    `**${cpu.toFixed(2)}**`,
    figures.map((figure) => perMillion(figure).toFixed(2)).join(" "),
    bar,
    (cpu / ratio).toFixed(2),
    (rss / 1048576).toFixed(0),
    Math.round(lines / wall * 1000).toLocaleString("en"),
    `${mb(inputBytes)} -> ${mb(best.valueBytes)} -> ${mb(best.wireBytes)}`,
    one.bestPeer,
  ];
  return `| ${cells.join(" | ")} |`;
}

function verdict(cpu: number, one: BenchCase): string {
  return cpu <= one.stretch ? "stretch met" : cpu <= one.bar ? "met" : "MISSED";
}
