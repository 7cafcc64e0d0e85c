/** What `--workers` gives and costs: the lines of files100 by one thread, and by two workers beside the main thread. */
import { type Bench, type Figure, figureText } from "./bench.ts";
import type { BenchCase } from "./bench_cases.ts";
import { BenchFiles } from "./bench_files.ts";
import { calibrated } from "./calibration.ts";
import { deliver } from "./deliver.ts";
import { mib, type SmallRow } from "./small_row.ts";

const WORKERS = 2;

/** Both ways by turns, the best of each. */
export async function workersRow(bench: Bench): Promise<SmallRow> {
  const one: BenchCase = {
    name: "workers",
    about: "",
    kind: "access",
    step: "raw",
    files: 100,
    partitions: 4,
  };
  const files = new BenchFiles(bench.scratch, one, bench.lines);
  const alone: Figure[] = [], shared: Figure[] = [];
  try {
    for (let run = 0; run < bench.runs; run++) {
      for (const [workers, figures] of [[0, alone], [WORKERS, shared]] as const) {
        const flags = [`--workers=${workers}`];
        const figure = await calibrated(() => deliver(bench, one, "default", files, { flags }));
        bench.say(figureText(workers === 0 ? "one thread" : `${workers} workers`, files.events, figure));
        figures.push(figure);
      }
    }
  } finally {
    files.remove();
  }
  const [before, after] = [best(alone), best(shared)];
  const text = ({ wallMs, cpu, rss }: Best) =>
    `${Math.round(files.events / wallMs * 1000).toLocaleString("en")} events/s, ${
      (cpu * 1e6 / files.events).toFixed(2)
    } CPU-s per million, ${mib(rss)} MiB`;
  const cores = navigator.hardwareConcurrency;
  return {
    what: `workers: files100 with --workers=${WORKERS}; ${cores} cores, of which the broker takes its part`,
    figure: `**${(before.wallMs / after.wallMs).toFixed(2)}** times the events/s (start included): ${
      text(after)
    }; one thread: ${text(before)}; a worker costs ${mib((after.rss - before.rss) / WORKERS)} MiB and ${
      ((after.cpu - before.cpu) / WORKERS).toFixed(2)
    } CPU-s once`,
    goal: "-",
    checks: [],
  };
}

interface Best {
  readonly wallMs: number;
  readonly cpu: number;
  readonly rss: number;
}

/** The quickest and the cheapest need not be the same run; memory is that of the worst. */
function best(figures: readonly Figure[]): Best {
  return {
    wallMs: Math.min(...figures.map(({ wallMs }) => wallMs)),
    cpu: Math.min(...figures.map(({ cpu }) => cpu)),
    rss: Math.max(...figures.map(({ peakRssBytes }) => peakRssBytes)),
  };
}
