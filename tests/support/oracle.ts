/**
 * The verdict on a run: of the lines of oracle_lines.ts that were written, what came to Kafka, read with a client that
 * shares no code with the product. Lost, repeated, damaged, out of order, and how late.
 *
 * Topics whose records are judged by time have `LogAppendTime` ({@linkcode brokerTime} in verify.ts): then the time of
 * a record is the moment the broker took it, whatever the producer says.
 */
import type { ConsumedRecord } from "./kafka_consume.ts";
import { type OracleLine, readOracleLine } from "./oracle_lines.ts";
import { slsFields } from "./verify.ts";

/** A line as it stands in the topic. */
export interface Arrived extends OracleLine {
  partition: number;
  offset: number;
  /** The record's time. */
  timestampMs: number;
}

/** What became of the lines of one stream. */
export interface Fate {
  stream: string;
  /** Records, repeats among them. */
  lines: number;
  /** Sequences that never arrived, the first 20. */
  lost: number[];
  lostCount: number;
  /** First copies that stand behind a later line's first copy. */
  disorder: number;
  /** Lines that came again, with the time of their first copy. */
  repeats: { sequence: number; firstAtMs: number; againAtMs: number }[];
  /** How often the sequences went back. */
  jumpsBack: number;
  partitions: number;
  /** From writing to the broker, of first copies, ms. */
  latencyMs: { median: number; p99: number; highest: number };
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The lines in records of the default protocol, and what is none. `field` holds the line. */
export function readRecords(
  records: ConsumedRecord[],
  field = "content",
): { arrived: Arrived[]; damaged: string[] } {
  const key = `{"Key":"${field}","Value":"`;
  const arrived: Arrived[] = [];
  const damaged: string[] = [];
  for (const record of records) {
    const text = decoder.decode(record.value ?? new Uint8Array());
    const at = text.indexOf(key) + key.length;
    // Parsing all of 200,000 events would take longer than delivering them; each hundredth is enough for the form.
    if (record.offset % 100 === 0) slsFields(text);
    const line = at < key.length ? undefined : readOracleLine(text.slice(at, text.indexOf('"', at)));
    const { partition, offset, timestampMs } = record;
    if (line === undefined) damaged.push(text);
    else arrived.push({ ...line, partition, offset, timestampMs });
  }
  return { arrived, damaged };
}

/** {@linkcode readRecords} where nothing may be damaged: throws then. */
export function oracleRecords(records: ConsumedRecord[], field?: string): Arrived[] {
  const { arrived, damaged } = readRecords(records, field);
  if (damaged.length > 0) throw new Error(`${damaged.length} damaged lines, the first: ${damaged[0]}`);
  return arrived;
}

/** The fate of lines 1 to `count` of a stream. Throws for a line that was never written. */
export function fateOf(all: Arrived[], stream: string, count: number): Fate {
  return fateOfOwn(all.filter((one) => one.stream === stream), stream, count);
}

function fateOfOwn(mine: Arrived[], stream: string, count: number): Fate {
  const first = new Float64Array(count + 1).fill(-1);
  const late: number[] = [];
  const fate: Fate = {
    stream,
    lines: mine.length,
    lost: [],
    lostCount: 0,
    disorder: 0,
    repeats: [],
    jumpsBack: 0,
    partitions: new Set(mine.map((one) => one.partition)).size,
    latencyMs: { median: 0, p99: 0, highest: 0 },
  };
  // With one partition the offset is the order; otherwise the broker's clock and then the offset.
  mine.sort((a, b) => a.partition === b.partition ? a.offset - b.offset : a.timestampMs - b.timestampMs);
  let highest = 0;
  let previous = 0;
  for (const one of mine) {
    const { sequence } = one;
    if (sequence < 1 || sequence > count) {
      throw new Error(`line ${sequence} of '${stream}' was never written`);
    }
    if (sequence < previous) fate.jumpsBack++;
    previous = sequence;
    if (first[sequence] >= 0) {
      fate.repeats.push({ sequence, firstAtMs: first[sequence], againAtMs: one.timestampMs });
      continue;
    }
    first[sequence] = one.timestampMs;
    late.push(one.timestampMs - one.writtenMs);
    if (sequence < highest) fate.disorder++;
    highest = Math.max(highest, sequence);
  }
  for (let sequence = 1; sequence <= count; sequence++) {
    if (first[sequence] >= 0) continue;
    fate.lostCount++;
    if (fate.lost.length < 20) fate.lost.push(sequence);
  }
  fate.latencyMs = latencyOf(late);
  return fate;
}

function latencyOf(late: number[]): Fate["latencyMs"] {
  if (late.length === 0) return { median: 0, p99: 0, highest: 0 };
  late.sort((a, b) => a - b);
  const at = (share: number) => late[Math.floor((late.length - 1) * share)];
  return { median: at(0.5), p99: at(0.99), highest: at(1) };
}

/** The verdict on all streams of a run together. */
export interface Verdict {
  /** Lines that were written. */
  written: number;
  records: number;
  lost: number;
  repeated: number;
  damaged: number;
  disorder: number;
  fates: Map<string, Fate>;
  /** One line: all of the above, and latency. */
  text: string;
}

/** Judges a topic: `written` is the number of lines of each stream. A stream that nobody wrote is damage. */
export function judge(
  records: ConsumedRecord[],
  written: Readonly<Record<string, number>>,
  field?: string,
): Verdict {
  const { arrived, damaged } = readRecords(records, field);
  const streams = new Map<string, Arrived[]>(Object.keys(written).map((stream) => [stream, []]));
  let strange = 0;
  for (const one of arrived) {
    const own = streams.get(one.stream);
    if (own === undefined || one.sequence > written[one.stream]) strange++;
    else own.push(one);
  }
  const fates = new Map<string, Fate>();
  const sums = { written: 0, lost: 0, repeated: 0, disorder: 0 };
  for (const [stream, own] of streams) {
    const fate = fateOfOwn(own, stream, written[stream]);
    fates.set(stream, fate);
    sums.written += written[stream];
    sums.lost += fate.lostCount;
    sums.repeated += fate.repeats.length;
    sums.disorder += fate.disorder;
  }
  const broken = damaged.length + strange;
  const latency = latencyOf(arrived.map((one) => one.timestampMs - one.writtenMs));
  const text = `${sums.written} lines in ${streams.size} streams: lost ${sums.lost}, ` +
    `repeated ${sums.repeated}, damaged ${broken}, out of order ${sums.disorder}; ` +
    `latency p50/p99/max ${latency.median}/${latency.p99}/${latency.highest} ms`;
  return { ...sums, records: records.length, damaged: broken, fates, text };
}

/**
 * How long before a kill the oldest line that was sent again had arrived, in ms; 0 when nothing was repeated.
 * `killsMs` are wall times.
 */
export function repeatWindowMs(fate: Fate, killsMs: number[]): number {
  let window = 0;
  for (const { firstAtMs, againAtMs } of fate.repeats) {
    const kill = killsMs.filter((at) => at <= againAtMs).at(-1);
    if (kill === undefined) throw new Error(`line of '${fate.stream}' was repeated without any kill before`);
    window = Math.max(window, kill - firstAtMs);
  }
  return window;
}

/** One line about a fate, for the test's output. */
export function fateText(fate: Fate): string {
  const { median, p99, highest } = fate.latencyMs;
  return `${fate.stream}: ${fate.lines} records, lost ${fate.lostCount}, repeated ${fate.repeats.length}, ` +
    `out of order ${fate.disorder}, jumps back ${fate.jumpsBack}, partitions ${fate.partitions}, ` +
    `latency p50/p99/max ${median}/${p99}/${highest} ms`;
}
