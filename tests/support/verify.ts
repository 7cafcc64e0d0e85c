/** What arrived: events of the tutorial's form, and waiting for them. oracle.ts judges whole runs. */
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
