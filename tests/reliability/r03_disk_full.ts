import assert from "node:assert/strict";
import { sleep, waitFor } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { assertKept } from "./reliability_bed.ts";

export const diskFull: Fault = {
  id: "R3",
  fault: "the disk of the checkpoint is full",
  done: {
    short:
      "a tmpfs of 2 MiB is filled under load for 3 s, freed, filled again, the agent killed and started there",
    full: "the same with 60 s of load on the full disk",
  },
  users:
    "lines go on; one line in the own log and `denotail_checkpoint_failures_total`; saved again by itself",
  async run(bed, form) {
    const load = await bed.workload("r03");
    const namespace = await bed.namespace();
    const disk = `${namespace.folder}/tmp/r03-disk`;
    Deno.mkdirSync(disk);
    await namespace.mustRun(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk]);
    const fill = () =>
      namespace.run(["sh", "-c", `cat /dev/zero >'${disk}/filling' 2>&1; cat /dev/zero >'${disk}/rest'`]);
    const free = () => namespace.mustRun(["rm", "-f", `${disk}/filling`, `${disk}/rest`]);
    const agent = await bed.agent({ checkpointDir: disk, pipelines: { all: load.pipeline() } });
    load.append("a", 500);
    await load.settled(undefined, 300);

    await fill();
    await load.appendFor(form === "short" ? 3000 : 60_000, 2000, ["a", "b"]);
    await load.settled(undefined, 300);
    const failures = () => agent.metric("denotail_checkpoint_failures_total");
    const failed = await failures();
    assert.ok(failed > 0, "nothing was refused, so this shows nothing");
    const said = agent.logged("ot saved").length;
    assert.ok(said >= 1 && said <= 10, `said ${said} times`);
    await free();
    load.append("a", 10);
    await load.settled(undefined, 500);
    const stable = await waitFor("saving to work again", async () => {
      const before = await failures();
      load.append("a", 10);
      await sleep(600);
      return await failures() === before;
    });
    assert.ok(stable);
    await load.settled(undefined, 500);
    await sleep(300);
    const before = await load.kafka.endOffsets(load.topic);
    await agent.kill9();
    await fill();
    await agent.start();
    await agent.waitReady();
    load.append("a", 500);
    load.append("b", 500);
    await load.settled();
    const repeated = (await load.kafka.endOffsets(load.topic))[0] - before[0] - 1000;
    assert.equal(repeated, 0, "what was saved after the disk was freed came again");
    await free();
    assert.equal(await agent.stop(), 0);
    const verdict = await load.verdict();
    assertKept(verdict);
    return `${verdict.text}; ${failed} refused saves in ${said} lines of the own log; started on the full disk`;
  },
};
