import { parseArgs } from "node:util";

/** What `deno task bench` was asked for. */
export interface BenchOptions {
  /** Lines of a workload. */
  lines: number;
  /** Runs of each; the best one counts. */
  runs: number;
  /** Runs of each other agent. */
  peerRuns: number;
  /** Names of workloads; empty: all. */
  only: string[];
  /** `default`, `none`, or a codec's name. */
  codecs: string[];
  /** Other agents beside ours. */
  peers: boolean;
  backlogGigabytes: number;
  v8Flags?: string;
  /** Renews docs/benchmarks.md. */
  write: boolean;
  /** A bar that is missed makes the exit code 1. */
  gate: boolean;
  /** Leaves folders of runs behind. */
  keep: boolean;
}

/**
 * `--lines N` (1000000), `--runs N` (3), `--peer-runs N` (2), `--only a,b`, `--codecs default,none`, `--no-peers`,
 * `--backlog-gb N` (1), `--v8-flags TEXT`, `--write`, `--gate`, `--keep`. Throws for names that are not among `known`.
 */
export function readOptions(args: string[], known: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      lines: { type: "string", default: "1000000" },
      runs: { type: "string", default: "3" },
      "peer-runs": { type: "string", default: "2" },
      only: { type: "string", multiple: true, default: [] },
      codecs: { type: "string", default: "default,none" },
      peers: { type: "boolean", default: true },
      "backlog-gb": { type: "string", default: "1" },
      "v8-flags": { type: "string" },
      write: { type: "boolean", default: false },
      gate: { type: "boolean", default: false },
      keep: { type: "boolean", default: false },
    },
  });
  const only = values.only.flatMap((names) => names.split(","));
  const strange = only.filter((name) => !known.includes(name));
  if (strange.length > 0) {
    throw new Error(`no workload '${strange.join(", ")}'; there are ${known.join(", ")}`);
  }
  const positive = (name: "lines" | "runs" | "peer-runs" | "backlog-gb") => {
    const value = Number(values[name]);
    if (!(value > 0)) throw new Error(`--${name} takes a number above 0, not '${values[name]}'`);
    return value;
  };
  return {
    lines: positive("lines"),
    runs: positive("runs"),
    peerRuns: Math.min(positive("peer-runs"), positive("runs")),
    only,
    codecs: values.codecs.split(","),
    peers: values.peers,
    backlogGigabytes: positive("backlog-gb"),
    v8Flags: values["v8-flags"],
    write: values.write,
    gate: values.gate,
    keep: values.keep,
  };
}
