import assert from "node:assert/strict";
import { FakeTime } from "../support/faketime.ts";
import { sleep } from "../support/process.ts";
import { slsEvent } from "../support/verify.ts";
import type { Fault } from "./fault.ts";
import { assertKept } from "./reliability_bed.ts";

/** Seconds from the true time: an hour on, an hour back, behind 2038, and right again. */
const jumps = [3600, -3600, 13 * 365 * 86_400, 0];

export const clockJumps: Fault = {
  id: "R14",
  fault: "the clock jumps",
  done: {
    short:
      "libfaketime: an hour on, two back, behind 2038, right again; 2 s of load each; monotonic time goes on",
    full: "the same with 10 s of load each, three times over",
  },
  users: "`Time` of records is the clock's; nothing waits for it",
  async run(bed, form) {
    const load = await bed.workload("r14");
    const { folder } = await bed.namespace();
    const time = await FakeTime.make(`${folder}/tmp/r14-clock`, false);
    const prefix = [...time.prefix, "TZ=Asia/Kolkata"];
    const agent = await bed.agent({ prefix, pipelines: { all: load.pipeline() } });
    await load.appendFor(1000, 1000, ["a", "b"]);
    await load.settled(undefined, 0);
    let slowest = 0;
    let wrong = 0;
    let highestCores = 0;
    for (let round = 0; round < (form === "short" ? 1 : 3); round++) {
      for (const jump of jumps) {
        time.jumpTo(jump);
        await sleep(300);
        const from = (await load.kafka.endOffsets(load.topic))[0];
        const cpu = agent.figures().cpuSeconds;
        const ms = form === "short" ? 2000 : 10_000;
        await load.appendFor(ms, 1000, ["a", "b"]);
        const began = performance.now();
        await load.settled(20_000, 0);
        slowest = Math.max(slowest, performance.now() - began);
        await sleep(1000);
        highestCores = Math.max(highestCores, (agent.figures().cpuSeconds - cpu) / (ms / 1000 + 1));
        const due = Date.now() / 1000 + jump;
        for (const record of (await load.kafka.consume(load.topic, { from })).slice(-100)) {
          if (Math.abs(slsEvent(record).time - due) > 60) wrong++;
        }
      }
    }
    assert.equal(wrong, 0, "the clock of the agent did not jump, or its records do not say so");
    // Amid a jump a restart, and everything is known again.
    time.jumpTo(-7200);
    await agent.kill9();
    load.append("a", 100);
    await agent.start();
    await agent.waitReady();
    const verdict = await load.verdict();
    assertKept(verdict, "allowed");
    assert.ok(highestCores < 0.8, `${highestCores} cores`);
    assert.equal(await agent.stop(), 0);
    return `${verdict.text}; all there at most ${Math.round(slowest)} ms after the last line; ` +
      `at most ${(highestCores * 100).toFixed(0)} % of a core`;
  },
};
