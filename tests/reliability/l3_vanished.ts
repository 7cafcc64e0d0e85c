import assert from "node:assert/strict";
import { FakeTime } from "../support/faketime.ts";
import { sleep, waitFor } from "../support/process.ts";
import { CountedLines, lossesAtStop, lossesSaid, readToTheLimit } from "./counted_loss.ts";
import type { Fault } from "./fault.ts";
import { assertKept } from "./reliability_bed.ts";

/** A file counts as gone when nobody has seen it for ten minutes; here the clock that never jumps does so. */
const jumpSeconds = 601;

export const vanished: Fault = {
  id: "L3",
  fault: "files are deleted, and the agent ends before it has read them",
  done: {
    short:
      "two files are seen and not read while the broker is away, 30,000 and 20,000 lines; one is deleted, the agent is " +
      "stopped, the other one is deleted, the agent started again; libfaketime moves its monotonic clock by ten minutes",
    full: "the same with 300,000 and 200,000 lines",
  },
  users:
    "one line in the own log for each file: for the one that was deleted before at the stop, for the other one ten " +
    "minutes after the start",
  async run(bed, form) {
    const load = await bed.workload("l3");
    const counted = new CountedLines(load);
    const sizes = form === "short" ? { held: 30_000, away: 20_000 } : { held: 300_000, away: 200_000 };
    const { folder } = await bed.namespace();
    const time = await FakeTime.make(`${folder}/tmp/l3-clock`, true);
    const agent = await bed.agent({
      prefix: [...time.prefix],
      pipelines: { all: load.pipeline() },
      flags: ["--stop-timeout=500ms"],
    });
    for (const stream of ["held", "away", "stays"]) counted.append(stream, 500);
    await load.settled(undefined, 0);
    // What is sent to one that stands still would arrive later, although nobody knows.
    await load.kafka.stop();
    for (const [stream, lines] of Object.entries(sizes)) counted.append(stream, lines);
    counted.append("stays", 5_000);
    await readToTheLimit(agent);
    Deno.removeSync(load.path("held"));
    await waitFor("the deletion to be seen", async () => await agent.metric("denotail_deleted_bytes") > 0);
    assert.equal(await agent.stop(), 0);
    const atStop = [lossesSaid(agent, "vanished"), lossesAtStop(agent)] as const;
    Deno.removeSync(load.path("away"));
    const isBack = load.kafka.start();
    await agent.start();
    await agent.waitReady();
    // It has to be missed once before the time counts.
    await sleep(1100);
    await isBack;
    time.jumpTo(jumpSeconds);
    const booked = () => agent.metric("denotail_lost_bytes_total", { reason: "vanished" });
    await waitFor("the loss to be booked", async () => await booked() > 0);
    const verdict = await load.verdict(500);
    assertKept({ ...verdict, lost: 0, fates: new Map() });
    const missing = await counted.missing();
    const [held, away, stays] = ["held", "away", "stays"].map((stream) => missing.get(stream)!);
    assert.deepEqual([held.lines, away.lines, stays.lines], [sizes.held, sizes.away, 0]);
    assert.deepEqual(atStop, [[`host held ${held.bytes}`], {
      bytes: held.bytes,
      byReason: `host vanished ${held.bytes}`,
    }]);
    assert.equal(await booked(), away.bytes);
    assert.equal(
      await agent.metric("denotail_lost_bytes_total"),
      away.bytes,
      "another reason was booked, too",
    );
    assert.deepEqual(lossesSaid(agent, "vanished"), [`host away ${away.bytes}`]);
    assert.equal(await agent.stop(), 0);
    assert.deepEqual(lossesAtStop(agent), { bytes: away.bytes, byReason: `host vanished ${away.bytes}` });
    return `deleted before the stop: ${held.lines} lines of ${held.bytes} bytes lost, the same in the own log at the ` +
      `stop; deleted while it was away: ${away.lines} lines of ${away.bytes} bytes lost, the same in the metric, in ` +
      `one line of the own log and in that at the stop; the third file: lost 0`;
  },
};
