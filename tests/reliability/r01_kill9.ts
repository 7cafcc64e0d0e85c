import assert from "node:assert/strict";
import { repeatWindowMs } from "../support/oracle.ts";
import { sleep, waitFor } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { assertKept } from "./reliability_bed.ts";

const streams = ["a", "b", "c"];
const perSecond = 6000;

/** The moments are drawn from a seed, so that a run can be had again. */
function* random(seed: number): Generator<number> {
  for (let state = seed;; state = (state * 48271) % 2147483647) yield state / 2147483647;
}

export const kill9: Fault = {
  id: "R1",
  fault: "the agent is killed at random moments, under load",
  done: {
    short: "`kill -9` 5 times, each at a random moment within 0.9 s of being ready, 6,000 lines/s",
    full: "the same 200 times",
  },
  users: "lines that were not yet saved as delivered come again; nothing is missing",
  measures: true,
  async run(bed, form) {
    const load = await bed.workload("r01");
    const agent = await bed.agent({ pipelines: { all: load.pipeline() } });
    const kills = form === "short" ? 5 : 200;
    const at: number[] = [];
    let slowest = 0;
    let over = false;
    const writing = (async () => {
      while (!over) await load.appendFor(500, perSecond, streams);
    })();
    const moments = random(20261);
    for (let kill = 0; kill < kills; kill++) {
      await sleep(200 + 700 * moments.next().value!);
      at.push(await agent.kill9());
      const before = (await load.kafka.endOffsets(load.topic))[0];
      const began = performance.now();
      await agent.start();
      await waitFor("a record after the start", async () => {
        return (await load.kafka.endOffsets(load.topic))[0] > before;
      }, { everyMs: 10 });
      slowest = Math.max(slowest, performance.now() - began);
    }
    over = true;
    await writing;
    const verdict = await load.verdict();
    assertKept(verdict, "allowed");
    const window = Math.max(...[...verdict.fates.values()].map((fate) => repeatWindowMs(fate, at)));
    assert.equal(await agent.stop(), 0);
    return `${kills} kills; ${verdict.text}; oldest repeat had arrived ${window} ms before its kill; ` +
      `slowest first record ${Math.round(slowest)} ms after the start (sources, not the binary)`;
  },
};
