import assert from "node:assert/strict";
import { judge } from "../support/oracle.ts";
import { sleep, waitFor } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { assertKept, mib, type Workload } from "./reliability_bed.ts";

const MIB = 1024 * 1024;

/** Appends so many bytes without a line feed. */
function appendFilling(path: string, byte: number, count: number): void {
  const file = Deno.openSync(path, { append: true, create: true });
  const block = new Uint8Array(MIB).fill(byte);
  for (let left = count; left > 0;) left -= file.writeSync(block.subarray(0, Math.min(left, MIB)));
  file.close();
}

/** Characters of each run of filling, in the order of the topic; the oracle's lines between them are judged apart. */
async function fillings(load: Workload): Promise<{ bytes: number; records: number; oracle: number }> {
  const sum = { bytes: 0, records: 0, oracle: 0 };
  const decoder = new TextDecoder();
  let from = 0;
  const [end] = await load.kafka.endOffsets(load.topic);
  // Not all at once: a gigabyte is too much for one string.
  while (from < end) {
    const records = await load.kafka.consume(load.topic, { from, max: Math.min(200, end - from) });
    for (const record of records) {
      const text = decoder.decode(record.value!);
      const value = /"content","Value":"(x*)"/.exec(text);
      if (value === null) sum.oracle++;
      else {
        sum.bytes += value[1].length;
        sum.records++;
      }
    }
    from += records.length;
  }
  return sum;
}

export const longLines: Fault = {
  id: "R16",
  fault: "lines without end, and lines of nothing",
  done: {
    short: "ten lines of 10 MB, 64 MiB without a line feed, a file of 500,000 line feeds",
    full: "ten lines of 10 MB, 1 GiB without a line feed, a file of 100 MB line feeds",
  },
  users: "records in numbered pieces of `MaxLogSize`; the next line is whole; memory stays in its budget",
  async run(bed, form) {
    const load = await bed.workload("r16");
    const empty = await bed.workload("r16-empty");
    const agent = await bed.agent({ pipelines: { all: load.pipeline(), empty: empty.pipeline() } });
    load.append("a", 100);
    await load.settled(undefined, 0);
    const before = agent.figures().rssBytes;
    const longBytes = 10_000_000;
    for (let n = 0; n < 10; n++) {
      appendFilling(load.path("a"), 120, longBytes);
      Deno.writeTextFileSync(load.path("a"), `\n${load.lines("a", 10)}`, { append: true });
    }
    const endless = form === "short" ? 64 * MIB : 1024 * MIB;
    appendFilling(load.path("b"), 120, endless);
    const feeds = form === "short" ? 500_000 : 100_000_000;
    appendFilling(empty.path("c"), 10, feeds);
    empty.append("c", 10);
    Deno.writeTextFileSync(load.path("b"), `\n${load.lines("b", 10)}`, { append: true });
    await waitFor("everything to be taken", async () => {
      return await agent.metric("denotail_backlog_bytes") === 0 &&
        await agent.metric("denotail_budget_used_bytes") === 0;
    }, { timeoutMs: 600_000, everyMs: 200 });
    await sleep(1500);
    const { peakRssBytes } = agent.figures();
    const found = await fillings(load);
    const expected = 10 * longBytes + endless;
    assert.equal(found.bytes, expected, `${found.bytes} of ${expected} bytes of the long lines`);
    const records = (await load.kafka.endOffsets(load.topic))[0];
    assert.equal(found.oracle, load.total, `${records} records`);
    // An empty line of a file is no record.
    assert.equal((await load.kafka.endOffsets(empty.topic))[0], 10);
    assertKept(judge(await load.kafka.consume(empty.topic), empty.written));
    assert.ok(peakRssBytes - before < 128 * MIB, `${mib(before)} -> ${mib(peakRssBytes)}`);
    assert.equal(await agent.stop(), 0);
    return `${expected} bytes of long lines in ${found.records} records, none missing; the ${load.total} lines between ` +
      `them whole; ${feeds} line feeds, no record; RSS ${mib(before)} before, highest ${mib(peakRssBytes)}`;
  },
};
