import assert from "node:assert/strict";
import { waitFor } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { assertKept, type Workload } from "./reliability_bed.ts";

const encoder = new TextEncoder();

/** Appends lines and gives the bytes of each, by sequence. */
function appendCounted(load: Workload, stream: string, count: number): number[] {
  const text = load.lines(stream, count);
  Deno.writeTextFileSync(load.path(stream), text, { append: true });
  return text.split("\n").slice(0, -1).map((line) => encoder.encode(line).length + 1);
}

export const ledger: Fault = {
  id: "L1",
  fault: "loss that nobody can prevent",
  done: {
    short:
      "a file is truncated without a copy, another one deleted, both with bytes that were seen and not read, " +
      "because the broker is frozen; 30,000 lines each",
    full: "the same with 300,000 lines each",
  },
  users: "one line in the own log for each file, `denotail_lost_bytes_total` by reason, a sum at the stop",
  async run(bed, form) {
    const load = await bed.workload("l1");
    const agent = await bed.agent({ pipelines: { all: load.pipeline() } });
    const size = form === "short" ? 30_000 : 300_000;
    const streams = ["cut", "gone"];
    const bytes: Record<string, number[]> = {};
    for (const stream of streams) bytes[stream] = appendCounted(load, stream, 500);
    await load.settled(undefined, 300);
    await load.kafka.freeze();
    for (const stream of streams) bytes[stream].push(...appendCounted(load, stream, size));
    // Read as far as there is room.
    let seen = -1;
    await waitFor("reading to stand still", async () => {
      const now = await agent.metric("denotail_read_bytes_total");
      const still = now === seen;
      seen = now;
      return still && now > 0;
    }, { everyMs: 1000 });
    assert.ok(await agent.metric("denotail_backlog_bytes") > 0, "all was read, so nothing can be lost");
    Deno.truncateSync(load.path("cut"));
    Deno.removeSync(load.path("gone"));
    // A file for which there is no room is not looked into: it shows when reading goes on.
    load.kafka.thaw();
    await waitFor("the truncation to be booked", async () => {
      return await agent.metric("denotail_lost_bytes_total", { reason: "truncated" }) > 0;
    });
    await waitFor("the rest", async () => await agent.metric("denotail_backlog_bytes") === 0);
    const truncated = await agent.metric("denotail_lost_bytes_total", { reason: "truncated" });
    const verdict = await load.verdict(3000);
    assertKept({ ...verdict, lost: 0, fates: new Map() });
    const fate = verdict.fates.get("cut")!;
    // What is lost is the end of the file: the last lines.
    const lostBytes = bytes.cut.slice(-fate.lostCount).reduce((sum, one) => sum + one, 0);
    assert.ok(fate.lostCount > 0);
    assert.equal(truncated, lostBytes, `${fate.lostCount} lines lost`);
    const logged = agent.logged("Bytes were not delivered");
    assert.equal(logged.length, 1, agent.logTail());
    assert.equal(logged[0].bytes, lostBytes);
    // A deleted file is read to its end by the descriptor that is held.
    assert.equal(verdict.fates.get("gone")!.lostCount, 0);
    assert.equal(await agent.stop(), 0);
    const [sum] = agent.logged("in all since the start");
    assert.deepEqual([sum.bytes, sum.byReason], [lostBytes, `host truncated ${lostBytes}`]);
    return `truncated: ${fate.lostCount} lines of ${lostBytes} bytes lost; ledger ${truncated} bytes in the metric, ` +
      `${logged[0].bytes} in one line of the own log, ${sum.bytes} in that at the stop; deleted: lost 0`;
  },
};
