import assert from "node:assert/strict";
import { logTail, run, signal, sleep, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import type { Fault } from "./fault.ts";
import { assertKept } from "./reliability_bed.ts";

export const stalledMount: Fault = {
  id: "I3",
  fault: "a mount stands still",
  done: {
    short: "a FUSE mount (bindfs) whose server gets SIGSTOP for 10 s amid load on it and on another folder",
    full: "the same three times, 30 s each",
  },
  users: "files of the mount wait; all others go on, and the health port answers",
  measures: true,
  async run(bed, form) {
    if (!await need("bindfs")) throw new Error("bindfs is missing");
    const load = await bed.workload("i3");
    const namespace = await bed.namespace();
    const behind = `${namespace.folder}/tmp/i3-behind`;
    const mount = `${namespace.folder}/tmp/i3-mount`;
    for (const folder of [behind, mount]) Deno.mkdirSync(folder);
    const server = await namespace.start([
      "bindfs",
      "-f",
      "-o",
      "attr_timeout=0,entry_timeout=0",
      behind,
      mount,
    ]);
    const isMounted = async () => {
      if (!server.alive()) throw new Error(`no mount: ${logTail(server.logFile)}`);
      return (await namespace.run(["mountpoint", "-q", mount])).code === 0;
    };
    await waitFor("the mount", isMounted);
    const slow = await bed.workload("i3-slow");
    // What is written behind it shows through it.
    slow.path = (stream) => `${behind}/${stream}.log`;
    const text = slow.pipeline().replace(`LogPath: ${slow.folder}`, `LogPath: ${mount}`);
    const agent = await bed.agent({ pipelines: { quick: load.pipeline(), slow: text } });
    try {
      await Promise.all([load.appendFor(2000, 1000, ["a"]), slow.appendFor(2000, 1000, ["m", "n"])]);
      await load.settled(undefined, 0);
      await slow.settled(undefined, 0);
      const rounds = form === "short" ? 1 : 3;
      let worst = 0;
      for (let round = 0; round < rounds; round++) {
        const ms = form === "short" ? 10_000 : 30_000;
        const writing = [load.appendFor(ms, 1000, ["a"]), slow.appendFor(ms, 1000, ["m", "n"])];
        await sleep(500);
        server.signal("SIGSTOP");
        for (const end = performance.now() + ms - 1000; performance.now() < end;) {
          const asked = performance.now();
          assert.notEqual(await agent.httpStatus("/healthz", 3000), 0, "the health port does not answer");
          worst = Math.max(worst, performance.now() - asked);
          await sleep(200);
        }
        server.signal("SIGCONT");
        await Promise.all(writing);
      }
      const verdict = await load.verdict();
      assertKept(verdict);
      const slowly = await slow.verdict();
      assertKept(slowly);
      const { p99 } = verdict.fates.get("a")!.latencyMs;
      assert.ok(p99 < 2000, verdict.text);
      assert.equal(await agent.stop(), 0);
      return `others: ${verdict.text}; the mount's own: ${slowly.text}; slowest answer of the health port ` +
        `${Math.round(worst)} ms`;
    } finally {
      server.signal("SIGCONT");
      await bed.endAgents();
      signal(server.pid, "SIGKILL");
      await run(["umount", "-l", mount]);
    }
  },
};
