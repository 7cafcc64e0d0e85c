import assert from "node:assert/strict";
import { sleep } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { assertKept, mib } from "./reliability_bed.ts";

export const soak: Fault = {
  id: "R21",
  fault: "all of it for long: rotations, restarts, a broker that comes and goes",
  done: {
    short:
      "60 s at 2,000 lines/s over five files: a rename every 3 s, a restart after 20 s, the broker frozen for 4 s",
    full: "an hour of the same (`DENOTAIL_TEST_LONG=yes`; else 200 s)",
  },
  users: "nothing",
  measures: true,
  async run(bed, form) {
    const load = await bed.workload("r21");
    const agent = await bed.agent({ pipelines: { all: load.pipeline() } });
    const streams = ["a", "b", "c", "d", "e"];
    const ms = form === "short" ? 60_000 : Deno.env.get("DENOTAIL_TEST_LONG") === "yes" ? 3_600_000 : 200_000;
    const end = performance.now() + ms;
    const sizes: number[] = [];
    const open: number[] = [];
    for (let turn = 0; performance.now() < end; turn++) {
      await load.appendFor(3000, 2000, streams);
      const stream = streams[turn % streams.length];
      Deno.renameSync(load.path(stream), `${load.folder}/${stream}.log.${turn}`);
      // Rotated files are kept for 30 s.
      const old = turn - 10;
      if (old >= 0) Deno.removeSync(`${load.folder}/${streams[old % streams.length]}.log.${old}`);
      if (turn % 20 === 6) {
        assert.equal(await agent.stop(), 0);
        await agent.start();
        await agent.waitReady();
      }
      if (turn % 20 === 12) {
        await load.kafka.freeze();
        await load.appendFor(4000, 2000, streams);
        load.kafka.thaw();
      }
      await sleep(100);
      const { rssBytes, openFiles } = agent.figures();
      sizes.push(rssBytes);
      open.push(openFiles);
    }
    const verdict = await load.verdict();
    assertKept(verdict);
    assert.equal(await agent.stop(), 0);
    const half = sizes.slice(Math.floor(sizes.length / 2));
    const quarter = Math.floor(half.length / 2);
    const mean = (list: number[]) => list.reduce((sum, one) => sum + one, 0) / list.length;
    const [early, late] = [mean(half.slice(0, quarter)), mean(half.slice(quarter))];
    assert.ok(late < early * 1.15, `RSS ${mib(early)} -> ${mib(late)}`);
    return `${Math.round(ms / 1000)} s: ${verdict.text}; RSS in the third and fourth quarter ${
      mib(early)
    } and ` +
      `${mib(late)}, descriptors ${Math.min(...open)} to ${Math.max(...open)}`;
  },
};
