import assert from "node:assert/strict";
import type { Run } from "./bench.ts";
import type { BenchCase } from "./bench_cases.ts";
import { checksOf, normalised, type Page, type PeerResult, type Result, writePage } from "./bench_report.ts";

const one: BenchCase = {
  name: "raw",
  about: "lines",
  kind: "access",
  step: "raw",
  files: 1,
  partitions: 1,
  bar: 1.1,
  stretch: 0.9,
};
const run = (cpu: number, slowness = 1, rssMib = 90): Run => ({
  cpu,
  userSeconds: cpu,
  systemSeconds: 0,
  peakRssBytes: rssMib * 1048576,
  wallMs: 500,
  wireBytes: 6e6,
  valueBytes: 70e6,
  compared: 1,
  slowness,
});
const result = (runs: Run[], codec = "default"): Result => ({
  one,
  codec,
  events: 100_000,
  runs,
  inputBytes: 25e6,
});
const peer = (runs: Run[]): PeerResult => ({ ...result(runs), peer: "rsyslog 8" });
const page = (results: Result[], peers: PeerResult[] = []): Page => ({
  lines: 100_000,
  results,
  peers,
  small: [],
  machine: { processor: "P", cores: 2, kernel: "Linux 6", memoryGiB: 8 },
  versions: { deno: "2.9.6", v8: "15", peers: ["rsyslog 8"] },
  date: "2026-11-23",
  load: 0.5,
});

Deno.test("normalised divides each run by its own slowness when machines are busy", () => {
  assert.ok(Math.abs(normalised(result([run(0.12), run(0.15, 1.5)])) - 1) < 1e-9);
});

Deno.test("checksOf holds the best run against the bar and the worst memory against its own", () => {
  const [cpu, rss] = checksOf(result([run(0.12, 1, 80), run(0.15, 1.5, 99)]));
  assert.equal(cpu.measured.toFixed(2), "1.50");
  assert.equal(cpu.slowness, 1.5);
  assert.equal(rss.measured, 99);
});

Deno.test("checksOf is empty when there is no compression or no bar", () => {
  assert.deepEqual(checksOf(result([run(9)], "none")), []);
  assert.deepEqual(checksOf({ ...result([run(9)]), one: { ...one, bar: undefined } }), []);
});

Deno.test("writePage says met, stretch met or missed by the figure at calibration 1", () => {
  assert.match(writePage(page([result([run(0.1)])])), /\| 1\.00 \| 1\.1 \(0\.9\) MET \|/);
  assert.match(writePage(page([result([run(0.1, 1.2)])])), /\| 0\.83 \| 1\.1 \(0\.9\) stretch met \|/);
  assert.match(writePage(page([result([run(0.12)])])), /\| 1\.20 \| 1\.1 \(0\.9\) MISSED \|/);
});

Deno.test("writePage gives the peer's ratio to the agent with the same compression", () => {
  const text = writePage(page([result([run(0.1)]), result([run(0.2)], "none")], [peer([run(0.43)])]));
  assert.match(text, /\| raw \| rsyslog 8 \| default \| 4\.30 \| 4\.30 \| \*\*4\.3x\*\* \|/);
});

Deno.test("writePage names the reason when a peer did not run", () => {
  const text = writePage(page([result([run(0.1)])], [{ ...peer([]), skipped: "no apt-get" }]));
  assert.match(text, /- rsyslog 8 did not run raw: no apt-get\n/);
});

Deno.test("writePage gives the cost of a line, too, when events have several", () => {
  const java = { ...result([run(1.55)]), one: { ...one, kind: "java" as const } };
  assert.match(writePage(page([java])), /\| \*\*15\.50\*\* \(2\.00 per million lines\) \|/);
});

Deno.test("writePage leaves out what was not run", () => {
  const text = writePage(page([]));
  assert.doesNotMatch(text, /##|undefined|NaN|Infinity/);
});
