import { ACCESS_KEYS, ACCESS_REGEX, type DataKind, type Step } from "./bench_data.ts";

/** One workload with its bars: CPU seconds per million events, default compression. */
export interface BenchCase {
  name: string;
  about: string;
  kind: DataKind;
  step: Step;
  files: number;
  partitions: number;
  /** Without: no goal is set, the figure is for comparison. */
  bar?: number;
  stretch?: number;
  /** Also run without compression. */
  uncompressed?: boolean;
  /** Agents of other projects run beside it, on the same files. */
  peers?: boolean;
  /** CPU seconds of the best of the other agents on comparable data, measured once on a like machine. */
  bestPeer?: string;
}

/** Bars of peak resident memory, MiB. */
export const RSS_BAR = 95;
export const RSS_STRETCH = 75;

const one = { files: 1, partitions: 1 };
const access = { ...one, kind: "access", step: "raw" } as const;

/** Workloads that are read from the beginning of complete files. */
export const CASES: BenchCase[] = [
  {
    ...access,
    name: "raw",
    about: "CRI lines as they are",
    bar: 1.1,
    stretch: 0.9,
    uncompressed: true,
    peers: true,
    bestPeer: "3.8 (syslog-ng)",
  },
  {
    ...access,
    name: "files100",
    about: "the same in 100 files, 4 partitions",
    files: 100,
    partitions: 4,
    bar: 1.2,
    stretch: 0.95,
    uncompressed: true,
    bestPeer: "4.2 (rsyslog)",
  },
  {
    ...access,
    name: "regex",
    about: "processor_regex, 11 fields",
    step: "regex",
    bar: 1.6,
    stretch: 1.2,
    uncompressed: true,
    peers: true,
    bestPeer: "9.2 (rsyslog)",
  },
  {
    ...one,
    name: "json",
    about: "processor_json, 8 fields",
    kind: "json",
    step: "json",
    bar: 1.4,
    stretch: 1.1,
    uncompressed: true,
    peers: true,
    bestPeer: "8.9 (Fluent Bit)",
  },
  {
    ...one,
    name: "docker",
    about: "docker's json-file, lines as they are",
    kind: "docker",
    step: "raw",
    bar: 0.95,
    stretch: 0.8,
    uncompressed: true,
    bestPeer: "3.1 (Fluent Bit)",
  },
  { ...one, name: "chinese", about: "a fifth of the lines with Chinese text", kind: "chinese", step: "raw" },
  { ...one, name: "chinese-regex", about: "the same, processor_regex", kind: "chinese", step: "regex" },
  { ...one, name: "pieces", about: "5 % of the events in two pieces, P and F", kind: "pieces", step: "raw" },
  {
    ...one,
    name: "java",
    about: "multi-line: stack traces, 7.75 lines an event",
    kind: "java",
    step: "raw",
  },
  { ...one, name: "filelog", about: "file_log: an application's own file", kind: "plain", step: "raw" },
  { ...access, name: "files1000", about: "the lines of raw in 1,000 small files", files: 1000 },
];

/** Where the events go, and what comes before. */
export interface Destination {
  bootstrap: string;
  topic: string;
  /** "default" leaves the option out. */
  codec: string;
  /** Lines of YAML below the input. */
  inputOptions?: string[];
}

/** The pipeline file of a workload; `folder` is where its files are. */
export function pipelineText(
  shape: Pick<BenchCase, "kind" | "step">,
  to: Destination,
  folder = "",
): string {
  const lines = ["enable: true", "inputs:", ...inputLines(shape.kind, folder), ...to.inputOptions ?? []];
  if (shape.step !== "raw") lines.push("processors:", ...processorLines(shape.step));
  lines.push("flushers:", "  - Type: flusher_kafka_v2", "    Brokers:", `      - ${to.bootstrap}`);
  lines.push(`    Topic: ${to.topic}`);
  if (to.codec !== "default") lines.push(`    Compression: ${to.codec}`);
  return lines.join("\n") + "\n";
}

function inputLines(kind: DataKind, folder: string): string[] {
  if (kind === "plain") return ["  - Type: file_log", `    LogPath: ${folder}`, '    FilePattern: "*.log"'];
  const lines = ["  - Type: service_docker_stdout", "    Stdout: true"];
  if (kind === "java") lines.push(String.raw`    BeginLineRegex: '\d{4}-\d{2}-\d{2} .*'`);
  return lines;
}

function processorLines(step: Step): string[] {
  if (step === "json") {
    return [
      ...["  - Type: processor_json", "    SourceKey: content", "    KeepSource: false"],
      ...["    ExpandDepth: 1", '    ExpandConnector: ""'],
    ];
  }
  return [
    ...["  - Type: processor_regex", "    SourceKey: content", `    Regex: '${ACCESS_REGEX}'`],
    ...["    KeepSource: false", "    Keys:", ...ACCESS_KEYS.map((key) => `      - ${key}`)],
  ];
}
