import type { TestKafka } from "../support/kafka.ts";

/** What all parts of a bench share. */
export interface Bench {
  readonly broker: TestKafka;
  /** A folder on a real disk, gone at the end. */
  readonly scratch: string;
  /** Lines of a workload. */
  readonly lines: number;
  readonly runs: number;
  readonly v8Flags?: string;
  /** Leaves folders of runs behind. */
  readonly keep: boolean;
  say(text: string): void;
  /** 1, 2, …: names of topics and folders. */
  next(): number;
}

/** One run of an agent over a workload. */
export interface Figure {
  /** User and system time, seconds. */
  cpu: number;
  userSeconds: number;
  systemSeconds: number;
  peakRssBytes: number;
  /** Until the last event was acknowledged. */
  wallMs: number;
  /** Bytes of the topic as the broker keeps it, which is as they came over the wire. */
  wireBytes: number;
  valueBytes: number;
  /** Events parsed and found equal to their source. */
  compared: number;
}

/** A figure with the calibration around it; see {@linkcode calibrated}. */
export type Run = Figure & { slowness: number };

/** Number of records in a topic. A broker under load may be slow to lead a new topic: 0 then. */
export async function countRecords(broker: TestKafka, topic: string): Promise<number> {
  const ends = await broker.endOffsets(topic).catch(() => [0]);
  return ends.reduce((sum, end) => sum + end, 0);
}

/** Bytes of a topic in the broker's folder. */
export function logBytes(broker: TestKafka, topic: string): number {
  const logs = broker.logFile.replace(/[^/]*$/, "logs");
  let bytes = 0;
  for (const { name } of Deno.readDirSync(logs)) {
    if (!name.startsWith(`${topic}-`)) continue;
    for (const file of Deno.readDirSync(`${logs}/${name}`)) {
      if (file.name.endsWith(".log")) bytes += Deno.statSync(`${logs}/${name}/${file.name}`).size;
    }
  }
  return bytes;
}

/** A line about a run, as it is printed. */
export function figureText(name: string, events: number, figure: Figure): string {
  return `${name}: ${(figure.cpu * 1e6 / events).toFixed(2)} CPU-s/M ` +
    `(user ${figure.userSeconds.toFixed(2)}, system ${figure.systemSeconds.toFixed(2)}), ` +
    `${(figure.peakRssBytes / 1048576).toFixed(0)} MiB, ${(figure.wallMs / 1000).toFixed(1)} s, ` +
    `load ${Deno.loadavg()[0].toFixed(1)}`;
}
