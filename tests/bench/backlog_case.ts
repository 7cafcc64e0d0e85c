/** A large backlog: under a memory limit, which the kernel enforces, and how fast one core is once it is warm. */
import type { BenchAgent } from "./bench_agent.ts";
import { type Bench, figureText } from "./bench.ts";
import type { BenchCase } from "./bench_cases.ts";
import { BenchFiles } from "./bench_files.ts";
import { calibrated } from "./calibration.ts";
import { deliver } from "./deliver.ts";
import { makeMemoryCap, type MemoryCap } from "./memory_cap.ts";
import { mib, type SmallRow } from "./small_row.ts";

const CAP_MIB = 128;
/** Speed is kept: at most so much more CPU than without a limit. */
const SLOWER_BAR = 1.15;
const LINE_BYTES = 249;

/** `gigabytes` of lines in eight files, with the limit and without. */
export async function backlogRow(bench: Bench, gigabytes: number): Promise<SmallRow> {
  const what = `backlog: ${gigabytes} GB in 8 files under a memory limit of ${CAP_MIB} MiB`;
  const goal = "no OOM, speed kept";
  const cap = makeMemoryCap(CAP_MIB * 1048576);
  if ("reason" in cap) {
    return { what, figure: `not run: no control group for memory (${cap.reason})`, goal, checks: [] };
  }
  try {
    return { what, goal, ...await runs(bench, gigabytes, cap) };
  } finally {
    await cap.remove();
  }
}

async function runs(bench: Bench, gigabytes: number, cap: MemoryCap) {
  const one: BenchCase = { name: "backlog", about: "", kind: "access", step: "raw", files: 8, partitions: 1 };
  const lines = Math.max(1000, Math.floor(gigabytes * 1e9 / LINE_BYTES));
  const files = new BenchFiles(bench.scratch, one, lines);
  try {
    const free = await calibrated(() => deliver(bench, one, "default", files));
    bench.say(figureText("backlog, no limit", lines, free));
    const flags = [`--memory-limit=${CAP_MIB}`];
    const capped = await calibrated(() =>
      deliver(bench, one, "default", files, { flags, cgroupProcs: cap.procs })
    );
    bench.say(figureText("backlog, limit", lines, capped));
    const ratio = capped.cpu / capped.slowness / (free.cpu / free.slowness);
    const speed = (figure: { wallMs: number }) =>
      Math.round(lines / figure.wallMs * 1000).toLocaleString("en");
    const kills = cap.kills();
    return {
      figure: `${(capped.cpu * 1e6 / lines).toFixed(2)} CPU-s per million, ${speed(capped)} events/s, RSS ${
        mib(capped.peakRssBytes)
      } MiB, group with page cache ${mib(cap.peakBytes())} MiB, ${kills} killed; without a limit ${
        (free.cpu * 1e6 / lines).toFixed(2)
      } CPU-s, ${speed(free)} events/s, ${mib(free.peakRssBytes)} MiB`,
      checks: [
        { what: "backlog, processes killed", measured: kills, bar: 0, unit: "processes", slowness: 1 },
        {
          what: "backlog, CPU against no limit",
          measured: ratio,
          bar: SLOWER_BAR,
          unit: "times",
          slowness: 1,
        },
      ],
    };
  } finally {
    files.remove();
  }
}

/** Lines of a run that shows the steady state, in workloads. */
const SUSTAINED_TIMES = 10;

/** Bytes in per CPU second between a fifth and the end of a long run: start and warm-up are no part of it. */
export async function sustainedRow(bench: Bench): Promise<SmallRow> {
  const one: BenchCase = {
    name: "sustained",
    about: "",
    kind: "access",
    step: "raw",
    files: 1,
    partitions: 1,
  };
  const lines = bench.lines * SUSTAINED_TIMES;
  const files = new BenchFiles(bench.scratch, one, lines);
  try {
    let best = 0, bestEvents = 0, wall = 0;
    for (let run = 0; run < bench.runs; run++) {
      const seen: { records: number; cpuSeconds: number; ms: number }[] = [];
      const sample = (records: number, agent: BenchAgent) =>
        seen.push({ records, cpuSeconds: agent.figures().cpuSeconds, ms: performance.now() });
      const figure = await calibrated(() => deliver(bench, one, "default", files, { sample }));
      bench.say(figureText("sustained", lines, figure));
      const first = seen.find(({ records }) => records >= lines / 5);
      const last = seen.find(({ records }) => records >= lines);
      if (first === undefined || last === undefined || last.cpuSeconds === first.cpuSeconds) continue;
      const part = (last.records - first.records) / (last.cpuSeconds - first.cpuSeconds);
      if (part < bestEvents) continue;
      [best, bestEvents] = [part * files.bytes / lines / 1e6, part];
      wall = (last.records - first.records) / (last.ms - first.ms) * 1000;
    }
    return {
      what: `sustained: raw, one file of ${lines.toLocaleString("en")} lines, without the first fifth`,
      figure: best === 0
        ? "too few lines to tell"
        : `**${best.toFixed(0)} MB/s of one core**, ${
          Math.round(bestEvents).toLocaleString("en")
        } events per CPU second; ` +
          `${Math.round(wall).toLocaleString("en")} events/s by the wall clock`,
      goal: "-",
      checks: [],
    };
  } finally {
    files.remove();
  }
}
