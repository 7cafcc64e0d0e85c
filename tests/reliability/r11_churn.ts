import assert from "node:assert/strict";
import { sleep, waitFor } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { assertKept, mib } from "./reliability_bed.ts";

const aliveMax = 100;
/** How much larger than after its first hundred files the agent may be. */
const growthMax = 0.1;

export const churn: Fault = {
  id: "R11",
  fault: "sources come and go",
  done: {
    short: "300 files that live 5 s, up to 100 at a time (files of one folder, not containers)",
    full: "1,000 files that live 10 s, up to 100 at a time",
  },
  users: "nothing; descriptors and memory come back",
  measures: true,
  byHand: true,
  async run(bed, form) {
    const load = await bed.workload("r11");
    const agent = await bed.agent({ pipelines: { all: load.pipeline() } });
    load.append("first", 100);
    await load.settled(undefined, 1500);
    const count = form === "short" ? 300 : 1000;
    const lifeMs = form === "short" ? 5000 : 10_000;
    const before = agent.figures();
    let warm = 0;
    let most = 0;
    const alive: { name: string; untilMs: number }[] = [];
    for (let n = 0; n < count; n++) {
      const name = `c${n}`;
      load.append(name, 20);
      alive.push({ name, untilMs: performance.now() + lifeMs });
      await sleep(lifeMs / aliveMax);
      for (const { name } of alive) if (Math.random() < 0.1) load.append(name, 5);
      while (alive.length > 0 && alive[0].untilMs < performance.now()) {
        Deno.removeSync(load.path(alive.shift()!.name));
      }
      most = Math.max(most, alive.length);
      if (n === Math.min(count / 2, 2 * aliveMax)) warm = agent.figures().rssBytes;
    }
    await load.settled(undefined, 1000);
    for (const { name } of alive) Deno.removeSync(load.path(name));
    const open = () => agent.metric("denotail_open_files");
    await waitFor("descriptors to come back", async () => await open() <= 1, { timeoutMs: 30_000 });
    const verdict = await load.verdict();
    assertKept(verdict);
    const after = agent.figures();
    assert.ok(
      after.openFiles <= before.openFiles + 3,
      `${before.openFiles} -> ${after.openFiles} descriptors`,
    );
    assert.ok(after.rssBytes <= warm * (1 + growthMax), `RSS ${mib(warm)} -> ${mib(after.rssBytes)}`);
    assert.equal(await agent.stop(), 0);
    return `${verdict.text}; ${most} alive at most; descriptors ${before.openFiles} before, ${after.openFiles} ` +
      `after; RSS ${mib(before.rssBytes)} before, ${mib(warm)} amid, ${mib(after.rssBytes)} after`;
  },
};
