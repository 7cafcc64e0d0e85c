import assert from "node:assert/strict";
import { sleep } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { assertKept, mib } from "./reliability_bed.ts";

/** What may be held between reading and acknowledgement (16 MiB), three times in flight, and some slack. */
const growthMaxBytes = 96 * 1024 * 1024;
const perSecond = 5000;

export const brokerDown: Fault = {
  id: "R4",
  fault: "the broker is away",
  done: {
    short: "stopped for 30 s at 5,000 lines/s",
    full: "stopped for 150 s at 5,000 lines/s (ten minutes: `DENOTAIL_TEST_LONG=yes`)",
  },
  users: "lines wait in their files; one warning; memory stays as it was",
  async run(bed, form) {
    const load = await bed.workload("r04");
    const agent = await bed.agent({ pipelines: { all: load.pipeline() } });
    await load.appendFor(2000, perSecond, ["a", "b"]);
    await load.settled(undefined, 300);
    const before = agent.figures().rssBytes;
    const ms = form === "short" ? 30_000 : Deno.env.get("DENOTAIL_TEST_LONG") === "yes" ? 600_000 : 150_000;
    await load.kafka.stop();
    const writing = load.appendFor(ms, perSecond, ["a", "b"]);
    const cpuBefore = agent.figures().cpuSeconds;
    await writing;
    const down = agent.figures();
    assert.equal(await agent.httpStatus("/readyz"), 200);
    await load.kafka.start();
    const back = performance.now();
    while ((await load.kafka.endOffsets(load.topic))[0] < load.total) {
      assert.ok(performance.now() - back < 120_000, "not drained in two minutes");
      await sleep(50);
    }
    const drained = performance.now() - back;
    const verdict = await load.verdict();
    assertKept(verdict);
    assert.ok(down.peakRssBytes - before <= growthMaxBytes, `${mib(before)} -> ${mib(down.peakRssBytes)}`);
    assert.equal(await agent.stop(), 0);
    return `${ms / 1000} s away: ${verdict.text.replace(/; latency.*/, "")}; RSS ${mib(before)} before, ` +
      `highest ${mib(down.peakRssBytes)}; ${
        ((down.cpuSeconds - cpuBefore) / ms * 100_000).toFixed(1)
      } % of a core ` +
      `meanwhile; all there ${(drained / 1000).toFixed(1)} s after its return`;
  },
};
