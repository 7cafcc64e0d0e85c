import assert from "node:assert/strict";
import { sleep } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { assertKept, mib } from "./reliability_bed.ts";

export const manyFiles: Fault = {
  id: "R12",
  fault: "a folder holds 20,000 files",
  done: {
    short: "2,000 files with three lines each, 200 of them written to again, three new ones",
    full: "20,000 files, 2,000 of them written to again, three new ones",
  },
  users: "nothing but some CPU for looking at them",
  byHand: true,
  async run(bed, form) {
    const load = await bed.workload("r12");
    const count = form === "short" ? 2000 : 20_000;
    for (let n = 0; n < count; n++) load.append(`f${n}`, 3);
    const agent = await bed.prepared({ pipelines: { all: load.pipeline() }, flags: ["--from-start"] });
    const began = performance.now();
    await agent.start();
    await agent.waitReady();
    const ready = performance.now() - began;
    await load.settled(180_000, 500);
    const delivered = performance.now() - began;
    // Files that were written in the last minute are polled ten times a second.
    const restMs = form === "short" ? 5000 : 65_000;
    await sleep(restMs);
    const idle = await agent.cores(5000);
    for (let n = 0; n < count; n += 10) load.append(`f${n}`, 2);
    for (const name of ["new1", "new2", "new3"]) load.append(name, 5);
    const verdict = await load.verdict();
    assertKept(verdict);
    const { rssBytes, openFiles } = agent.figures();
    assert.equal(await agent.stop(), 0);
    const slowest = Math.max(
      ...["new1", "new2", "new3"].map((one) => verdict.fates.get(one)!.latencyMs.highest),
    );
    assert.ok(slowest < 30_000, `a new file was read after ${slowest} ms`);
    assert.ok(ready < 15_000, `ready after ${ready} ms`);
    return `${verdict.text}; ready after ${Math.round(ready)} ms, all there after ${
      Math.round(delivered)
    } ms; ` +
      `${restMs / 1000} s later ${(idle * 100).toFixed(1)} % of a core, RSS ${
        mib(rssBytes)
      }, ${openFiles} descriptors; ` +
      `new files read after at most ${slowest} ms`;
  },
};
