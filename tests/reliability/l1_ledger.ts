import assert from "node:assert/strict";
import { waitFor } from "../support/process.ts";
import { CountedLines, lossesAtStop, lossesSaid, readToTheLimit } from "./counted_loss.ts";
import type { Fault } from "./fault.ts";
import { assertKept } from "./reliability_bed.ts";

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
    const counted = new CountedLines(load);
    const agent = await bed.agent({ pipelines: { all: load.pipeline() } });
    const size = form === "short" ? 30_000 : 300_000;
    const streams = ["cut", "gone"];
    for (const stream of streams) counted.append(stream, 500);
    await load.settled(undefined, 300);
    await load.kafka.freeze();
    for (const stream of streams) counted.append(stream, size);
    await readToTheLimit(agent);
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
    const missing = await counted.missing();
    const { lines, bytes } = missing.get("cut")!;
    assert.ok(lines > 0);
    assert.equal(truncated, bytes, `${lines} lines lost`);
    assert.deepEqual(lossesSaid(agent, "truncated"), [`host cut ${bytes}`]);
    // A deleted file is read to its end by the descriptor that is held.
    assert.equal(missing.get("gone")!.lines, 0);
    assert.equal(await agent.metric("denotail_lost_bytes_total"), bytes, "another reason was booked, too");
    assert.equal(await agent.stop(), 0);
    assert.deepEqual(lossesAtStop(agent), { bytes, byReason: `host truncated ${bytes}` });
    return `truncated: ${lines} lines of ${bytes} bytes lost; ledger ${truncated} bytes in the metric, the same in one ` +
      `line of the own log and in that at the stop; deleted: lost 0`;
  },
};
