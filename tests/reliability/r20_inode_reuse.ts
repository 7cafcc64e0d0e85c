import assert from "node:assert/strict";
import { waitFor } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { assertKept } from "./reliability_bed.ts";

/** Each file begins with it: more than the bytes by which files are told apart at first. */
const title = (name: string) => `${"=".repeat(1500)} ${name}`;

export const inodeReuse: Fault = {
  id: "R20",
  fault: "inode numbers are used again, files begin alike, a file is replaced by a bigger one",
  done: {
    short: "20 times: a log is removed and made anew at once, bigger, live and while the agent is away",
    full: "the same 150 times",
  },
  users: "nothing",
  async run(bed, form) {
    const load = await bed.workload("r20");
    const agent = await bed.agent({ pipelines: { all: load.pipeline() } });
    const rounds = form === "short" ? 20 : 150;
    const path = load.path("a");
    let reused = 0;
    let titles = 0;
    for (let round = 0; round < rounds; round++) {
      const before = round === 0 ? null : Deno.statSync(path).ino;
      // A running agent holds the file, so that its inode number stays taken.
      const away = round % 2 === 1;
      if (away) assert.equal(await agent.stop(), 0);
      if (round > 0) Deno.removeSync(path);
      Deno.writeTextFileSync(path, `${title("same")}\n${load.lines("a", 100 + round)}`);
      titles++;
      if (Deno.statSync(path).ino === before) reused++;
      if (away) await agent.start();
      await waitFor(`round ${round}`, async () => {
        return (await load.kafka.endOffsets(load.topic))[0] >= load.total + titles;
      });
    }
    const verdict = await load.verdict();
    // The titles are no oracle lines.
    assert.equal(verdict.damaged, titles, verdict.text);
    assertKept({ ...verdict, damaged: 0 });
    assert.ok(reused > rounds / 4, `only ${reused} inode numbers were used again, so this shows little`);
    assert.equal(await agent.stop(), 0);
    return `${rounds} files, ${reused} with the inode number of the one before: ` +
      verdict.text.replace(/damaged \d+/, "damaged 0");
  },
};
