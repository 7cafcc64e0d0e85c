import assert from "node:assert/strict";
import { sleep } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { assertKept } from "./reliability_bed.ts";

/** Milliseconds from the start to the signal: before it has listeners, while it loads, opens, reads, and when it idles. */
const momentsMs = [5, 40, 120, 200, 300, 400, 600, 900, 1300, 2000];

export const sigterm: Fault = {
  id: "R19",
  fault: "SIGTERM in every state",
  done: {
    short:
      "SIGTERM 5 to 2,000 ms after the start, ten moments, under load (under load, with a dead broker, twice and " +
      "as PID 1: [signals_test.ts](../tests/e2e/signals_test.ts))",
    full: "the same ten times over",
  },
  users: "exit code 0 (143 if the signal comes before the program has begun), no line twice",
  async run(bed, form) {
    const load = await bed.workload("r19");
    const agent = await bed.prepared({ pipelines: { all: load.pipeline() } });
    const rounds = form === "short" ? 1 : 10;
    let slowest = 0;
    let early = 0;
    for (let round = 0; round < rounds; round++) {
      for (const moment of momentsMs) {
        load.append("a", 4000);
        load.append("b", 1000);
        await agent.start();
        await sleep(moment + round * 7);
        const began = performance.now();
        agent.signal("SIGTERM");
        const code = await agent.ended();
        slowest = Math.max(slowest, performance.now() - began);
        // Before main.ts has set its listeners, the kernel's default ends it.
        if (code === 143) early++;
        else assert.equal(code, 0, `${moment} ms after its start:\n${agent.logTail()}`);
        assert.ok(code === 0 || moment < 300, `killed by the signal ${moment} ms after its start`);
      }
    }
    await agent.start();
    await agent.waitReady();
    const verdict = await load.verdict();
    assertKept(verdict);
    assert.equal(await agent.stop(), 0);
    return `${rounds * momentsMs.length} stops: ${verdict.text}; slowest stop ${Math.round(slowest)} ms; ` +
      `${early} came before the program had begun`;
  },
};
