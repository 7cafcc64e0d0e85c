import { ACCESS_KEYS, ACCESS_REGEX, type DataKind, type Step } from "./bench_data.ts";

/** One workload with its bars: CPU seconds per million events and peak RSS in MB, default compression. */
export interface BenchCase {
  name: string;
  about: string;
  kind: DataKind;
  step: Step;
  files: number;
  partitions: number;
  bar: number;
  stretch: number;
  /** CPU seconds of the best of the other agents on comparable data. */
  bestPeer: string;
}

/** Bars of peak resident memory, MB. */
export const RSS_BAR = 95;
export const RSS_STRETCH = 75;

export const CASES: BenchCase[] = [
  {
    name: "raw",
    about: "CRI lines as they are",
    kind: "access",
    step: "raw",
    files: 1,
    partitions: 1,
    bar: 1.1,
    stretch: 0.9,
    bestPeer: "3.8 (syslog-ng)",
  },
  {
    name: "files100",
    about: "the same in 100 files, 4 partitions",
    kind: "access",
    step: "raw",
    files: 100,
    partitions: 4,
    bar: 1.2,
    stretch: 0.95,
    bestPeer: "4.2 (rsyslog)",
  },
  {
    name: "regex",
    about: "processor_regex, 11 fields",
    kind: "access",
    step: "regex",
    files: 1,
    partitions: 1,
    bar: 1.6,
    stretch: 1.2,
    bestPeer: "9.2 (rsyslog)",
  },
  {
    name: "json",
    about: "processor_json, 8 fields",
    kind: "json",
    step: "json",
    files: 1,
    partitions: 1,
    bar: 1.4,
    stretch: 1.1,
    bestPeer: "8.9 (Fluent Bit)",
  },
  {
    name: "docker",
    about: "docker's json-file, lines as they are",
    kind: "docker",
    step: "raw",
    files: 1,
    partitions: 1,
    bar: 0.95,
    stretch: 0.8,
    bestPeer: "3.1 (Fluent Bit)",
  },
];

/** Where the events go. */
export interface Destination {
  bootstrap: string;
  topic: string;
  /** "default" leaves the option out. */
  codec: string;
}

/** The pipeline file of a workload. */
export function pipelineText(step: Step, to: Destination): string {
  const lines = ["enable: true", "inputs:", "  - Type: service_docker_stdout", "    Stdout: true"];
  if (step !== "raw") lines.push("processors:", ...processorLines(step));
  lines.push("flushers:", "  - Type: flusher_kafka_v2", "    Brokers:", `      - ${to.bootstrap}`);
  lines.push(`    Topic: ${to.topic}`);
  if (to.codec !== "default") lines.push(`    Compression: ${to.codec}`);
  return lines.join("\n") + "\n";
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
