/**
 * What arrived, judged: events of the tutorial's form, and numbered lines of which none may be missing.
 *
 * A numbered line is `<source> <number> <filling>`, numbers from 1 without a gap; the filling is a function of the
 * number, so that a damaged line shows. Topics whose records are judged by time have `LogAppendTime`: then the time
 * of a record is the moment the broker took it, whatever the producer says.
 */
import type { ConsumedRecord } from "./kafka_consume.ts";
import type { TestKafka } from "./kafka.ts";
import { patienceMs, sleep } from "./process.ts";

/** An event in the tutorial's form; `fields` are the contents in their order. */
export interface SlsEvent {
  time: number;
  fields: [string, string][];
  record: ConsumedRecord;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Parses a record of the default protocol; throws when it has any other form. */
export function slsEvent(record: ConsumedRecord): SlsEvent {
  return { ...slsFields(decoder.decode(record.value ?? new Uint8Array())), record };
}

/** Parses the text of one event; throws unless it is exactly `{"Time":…,"Contents":[{"Key":…,"Value":…},…]}`. */
export function slsFields(text: string): { time: number; fields: [string, string][] } {
  const event = JSON.parse(text);
  if (Object.keys(event).join() !== "Time,Contents") throw new Error(`not the tutorial's form: ${text}`);
  if (!Number.isInteger(event.Time)) throw new Error(`Time is no whole number: ${text}`);
  const fields = event.Contents.map((pair: Record<string, unknown>): [string, string] => {
    const good = Object.keys(pair).join() === "Key,Value" && typeof pair.Key === "string" &&
      typeof pair.Value === "string";
    if (!good) throw new Error(`a content is no pair of texts: ${text}`);
    return [pair.Key as string, pair.Value as string];
  });
  return { time: event.Time, fields };
}

/** Value of a field; throws when it is not there. */
export function fieldOf(event: { fields: [string, string][] }, key: string): string {
  const found = event.fields.find((pair) => pair[0] === key);
  if (found === undefined) throw new Error(`no field '${key}' in ${JSON.stringify(event.fields)}`);
  return found[1];
}

/** Filling of a numbered line, as {@linkcode numberedLines} and the awk program below make it. */
const filling = (number: number) => `${number % 7}`.repeat(number % 7 * 8 + 4);

/** Lines `from` to `to` of a source, each with its line feed. */
export function numberedLines(source: string, from: number, to: number): string {
  let text = "";
  for (let number = from; number <= to; number++) text += `${source} ${number} ${filling(number)}\n`;
  return text;
}

/**
 * A busybox command that writes such lines to its standard output: `bursts` times `perBurst` lines, with a pause
 * behind each burst. `redirect` sends them elsewhere, e.g. `>>/root/log/app.log` or `>&2`.
 */
export function numberedWriter(
  options: {
    source: string;
    bursts: number;
    perBurst: number;
    pauseSeconds: number;
    redirect?: string;
    from?: number;
  },
): string {
  const { source, bursts, perBurst, pauseSeconds, redirect = "", from = 1 } = options;
  const line = 'f=i%7; s=""; for(k=0;k<f*8+4;k++) s=s f; print src, i, s';
  const awk = `awk -v src=${source} -v a=$a -v b=$b 'BEGIN{for(i=a;i<=b;i++){${line}}}'`;
  return `a=${from}; n=0; while [ $n -lt ${bursts} ]; do b=$((a+${perBurst}-1)); ${awk} ${redirect}; ` +
    `a=$((b+1)); n=$((n+1)); sleep ${pauseSeconds}; done`;
}

/** Where a numbered line stands in the topic. */
export interface Numbered {
  source: string;
  number: number;
  partition: number;
  offset: number;
  timestampMs: number;
}

/** Numbered lines among the records; throws for a damaged one. `field` holds the line. */
export function numberedRecords(records: ConsumedRecord[], field = "content"): Numbered[] {
  const key = `{"Key":"${field}","Value":"`;
  return records.map((record) => {
    const text = decoder.decode(record.value!);
    const at = text.indexOf(key) + key.length;
    // Parsing all of 200,000 events would take longer than delivering them; each hundredth is enough for the form.
    if (record.offset % 100 === 0) slsFields(text);
    const line = text.slice(at, text.indexOf('"', at));
    const [source, digits, fill] = line.split(" ");
    const number = Number(digits);
    if (at < key.length || fill !== filling(number)) throw new Error(`damaged line: ${text}`);
    const { partition, offset, timestampMs } = record;
    return { source, number, partition, offset, timestampMs };
  });
}

/** What became of the lines of one source. */
export interface Fate {
  source: string;
  lines: number;
  /** Numbers that never arrived, the first 20. */
  lost: number[];
  lostCount: number;
  /** First copies that stand behind a later line's first copy. */
  disorder: number;
  /** Lines that came again, with the time of their first copy. */
  repeats: { number: number; firstAtMs: number; againAtMs: number }[];
  /** How often the numbers went back. */
  jumpsBack: number;
  partitions: number;
}

/** The fate of lines 1 to `count` of a source. */
export function fateOf(all: Numbered[], source: string, count: number): Fate {
  const mine = all.filter((one) => one.source === source);
  const first = new Float64Array(count + 1).fill(-1);
  const fate: Fate = {
    source,
    lines: mine.length,
    lost: [],
    lostCount: 0,
    disorder: 0,
    repeats: [],
    jumpsBack: 0,
    partitions: new Set(mine.map((one) => one.partition)).size,
  };
  // With one partition the offset is the order; otherwise the broker's clock and then the offset.
  mine.sort((a, b) => a.partition === b.partition ? a.offset - b.offset : a.timestampMs - b.timestampMs);
  let highest = 0;
  let previous = 0;
  for (const one of mine) {
    if (one.number < 1 || one.number > count) {
      throw new Error(`line ${one.number} of '${source}' was never written`);
    }
    if (one.number < previous) fate.jumpsBack++;
    previous = one.number;
    if (first[one.number] >= 0) {
      fate.repeats.push({ number: one.number, firstAtMs: first[one.number], againAtMs: one.timestampMs });
      continue;
    }
    first[one.number] = one.timestampMs;
    if (one.number < highest) fate.disorder++;
    highest = Math.max(highest, one.number);
  }
  for (let number = 1; number <= count; number++) {
    if (first[number] >= 0) continue;
    fate.lostCount++;
    if (fate.lost.length < 20) fate.lost.push(number);
  }
  return fate;
}

/**
 * How long before a kill the oldest line that was sent again had arrived, in ms; 0 when nothing was repeated.
 * `killsMs` are wall times.
 */
export function repeatWindowMs(fate: Fate, killsMs: number[]): number {
  let window = 0;
  for (const { firstAtMs, againAtMs } of fate.repeats) {
    const kill = killsMs.filter((at) => at <= againAtMs).at(-1);
    if (kill === undefined) throw new Error(`line of '${fate.source}' was repeated without any kill before`);
    window = Math.max(window, kill - firstAtMs);
  }
  return window;
}

/** One line about a fate, for the test's output. */
export function fateText(fate: Fate): string {
  return `${fate.source}: ${fate.lines} records, lost ${fate.lostCount}, repeated ${fate.repeats.length}, ` +
    `out of order ${fate.disorder}, jumps back ${fate.jumpsBack}, partitions ${fate.partitions}`;
}

/** Waits until a topic holds at least `count` records and has not grown for `quietMs`; gives their number. */
export async function settledCount(
  kafka: TestKafka,
  topic: string,
  count: number,
  options: { timeoutMs?: number; quietMs?: number } = {},
): Promise<number> {
  const deadline = performance.now() + (options.timeoutMs ?? 2 * patienceMs);
  const quietMs = options.quietMs ?? 1000;
  let seen = -1;
  let since = performance.now();
  while (true) {
    const now = (await kafka.endOffsets(topic)).reduce((sum, offset) => sum + offset, 0);
    if (now !== seen) [seen, since] = [now, performance.now()];
    if (seen >= count && performance.now() - since >= quietMs) return seen;
    if (performance.now() > deadline) {
      throw new Error(`topic '${topic}' holds ${seen} of ${count} records after the time given`);
    }
    await sleep(100);
  }
}

/** Topic settings under which a record's time is the broker's. */
export const brokerTime = { "message.timestamp.type": "LogAppendTime" };

/** A line about what was measured, on stderr, where the runner passes it on. */
export function report(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`   measured: ${text}\n`));
}
