import assert from "node:assert/strict";
import { filePipeline } from "../e2e/agent_bed.ts";
import { waitFor } from "../support/process.ts";
import { staticContainers } from "../support/static_containers.ts";
import { CountedLines, lossesAtStop, lossesSaid, readToTheLimit } from "./counted_loss.ts";
import type { Fault } from "./fault.ts";
import { assertKept } from "./reliability_bed.ts";

/** MB of deleted files that the agent may hold. */
const limitMb = 1;

export const heldLimit: Fault = {
  id: "L2",
  fault: "deleted files hold more than they may",
  done: {
    short:
      "two containers' logs are deleted while the broker is frozen, 30,000 and 40,000 lines, and a third one's of " +
      "5,000; `--deleted-files-limit` 1 MB",
    full: "the same with ten times as many lines in the first two",
  },
  users:
    "one line in the own log for each file, with its container; `denotail_lost_bytes_total`; a sum at the stop",
  async run(bed, form) {
    const load = await bed.workload("l2");
    const counted = new CountedLines(load);
    const sizes = form === "short" ? { web: 30_000, db: 40_000 } : { web: 300_000, db: 400_000 };
    const names = ["web", "db", "small"];
    const path = (name: string) => `${load.folder}/${name}/${name}.log`;
    const listed = staticContainers(load.folder, names);
    const agent = await bed.agent({
      pipelines: {
        all: filePipeline("/log", "*.log", load.kafka.bootstrap, load.topic, ["DockerFile: true"]),
      },
      flags: [...listed.flags, `--deleted-files-limit=${limitMb}`],
      read: listed.read,
    });
    for (const name of names) counted.append(name, 500, path(name));
    await load.settled(undefined, 0);
    await load.kafka.freeze();
    for (const [name, lines] of Object.entries(sizes)) counted.append(name, lines, path(name));
    counted.append("small", 5_000, path("small"));
    await readToTheLimit(agent);
    for (const name of names) Deno.removeSync(path(name));
    const held = () => agent.metric("denotail_deleted_bytes");
    await waitFor("the large ones to be given up", async () => {
      const bytes = await held();
      return bytes > 0 && bytes <= limitMb * 1024 * 1024;
    });
    const heldBytes = await held();
    load.kafka.thaw();
    await waitFor("the rest", async () => await agent.metric("denotail_backlog_bytes") === 0);
    const verdict = await load.verdict(3000);
    assertKept({ ...verdict, lost: 0, fates: new Map() });
    const missing = await counted.missing();
    const [web, db, small] = names.map((name) => missing.get(name)!);
    assert.ok(web.bytes > 0 && db.bytes > 0, "nothing was lost");
    assert.equal(small.lines, 0, "what is below the limit is read to its end");
    const all = web.bytes + db.bytes;
    assert.equal(await agent.metric("denotail_lost_bytes_total", { reason: "held_limit" }), all);
    assert.equal(await agent.metric("denotail_lost_bytes_total"), all, "another reason was booked, too");
    assert.deepEqual(lossesSaid(agent, "held_limit"), [`db db ${db.bytes}`, `web web ${web.bytes}`]);
    assert.equal(await agent.stop(), 0);
    assert.deepEqual(lossesAtStop(agent), {
      bytes: all,
      byReason: [["web", web.bytes] as const, ["db", db.bytes] as const]
        .sort((a, b) => b[1] - a[1]).map(([name, bytes]) => `${name} held_limit ${bytes}`).join(", "),
    });
    return `${web.lines} and ${db.lines} lines of ${web.bytes} and ${db.bytes} bytes lost; ledger ${all} bytes in the ` +
      `metric, the same by container in two lines of the own log and in that at the stop; ${heldBytes} bytes of ` +
      `deleted files held and delivered`;
  },
};
