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
    // A file system of its own: on one that others use a free number may be theirs first.
    const namespace = await bed.namespace();
    const image = `${namespace.folder}/r20.img`;
    await namespace.mustRun(["truncate", "-s", "64M", image]);
    await namespace.mustRun(["mkfs.ext4", "-q", "-F", image]);
    await namespace.mustRun(["mount", "-o", "loop", image, load.folder]);
    load.path = (stream) => `/proc/${namespace.holderPid}/root${load.folder}/${stream}.log`;
    const agent = await bed.agent({ pipelines: { all: load.pipeline() } });
    const rounds = form === "short" ? 20 : 150;
    const path = load.path("a");
    const numbers = new Set<number | null>();
    let reused = 0;
    let titles = 0;
    for (let round = 0; round < rounds; round++) {
      // A running agent holds the file, so that its inode number stays taken until the agent is away.
      const away = round % 2 === 1;
      if (away) assert.equal(await agent.stop(), 0);
      if (round > 0) Deno.removeSync(path);
      Deno.writeTextFileSync(path, `${title("same")}\n${load.lines("a", 100 + round)}`);
      titles++;
      const number = Deno.statSync(path).ino;
      if (number !== null && numbers.has(number)) reused++;
      numbers.add(number);
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
    return `${rounds} files, ${reused} with the inode number of an earlier one: ` +
      verdict.text.replace(/damaged \d+/, "damaged 0");
  },
};
