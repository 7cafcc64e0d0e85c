import assert from "node:assert/strict";
import { makeMemoryCap } from "../bench/memory_cap.ts";
import { stdoutPipeline } from "../e2e/agent_bed.ts";
import { sleep, waitFor } from "../support/process.ts";
import type { Fault } from "./fault.ts";
import { mib } from "./reliability_bed.ts";

const CAP_MIB = 128;
const PIECE = 16 * 1024;
const PIECES = 64;

/** One line of a json-file log: a piece of a line, or its end. */
const jsonLine = (text: string) =>
  `{"log":"${text}","stream":"stdout","time":"2024-01-01T00:00:00.000000001Z"}\n`;

export const unfinishedLines: Fault = {
  id: "R18",
  fault: "a memory limit of 128 MiB, and lines of 1 MiB that do not end",
  done: {
    short:
      "200 containers (static container info) with 1 MiB of pieces each, ended after 5 s; `mem_usage_limit` 128",
    full: "1,000 containers; both under a control group of 128 MiB plus page cache where the machine lets us",
  },
  users: "memory stays below the limit, all lines arrive",
  measures: true,
  byHand: true,
  async run(bed, form) {
    const count = form === "short" ? 200 : 1000;
    const namespace = await bed.namespace();
    const kafka = await bed.kafka();
    const topic = await bed.topic("r18", 1);
    const folder = `${namespace.folder}/tmp/r18`;
    Deno.mkdirSync(folder);
    const pieces = jsonLine("x".repeat(PIECE)).repeat(PIECES);
    const containers = Array.from({ length: count }, (_, n) => {
      const logPath = `${folder}/${n}-json.log`;
      Deno.writeTextFileSync(logPath, pieces);
      return {
        ID: `${n}`.padStart(64, "c0ffee"),
        Name: `c${n}`,
        Image: "docker.io/library/busybox:latest",
        HostName: "node-1",
        IP: "10.0.0.1",
        LogPath: logPath,
        LogType: "json-file",
        Labels: {},
        Env: {},
        Mounts: [],
        State: { Status: "running", Pid: 0 },
      };
    });
    const list = `${folder}/containers.json`;
    Deno.writeTextFileSync(list, JSON.stringify(containers));
    const cap = makeMemoryCap(CAP_MIB * 1024 * 1024);
    const prefix = "procs" in cap ? ["sh", "-c", 'echo 0 >"$0" && exec "$@"', cap.procs] : undefined;
    try {
      const more = ["MaxLogSize: 2097152"];
      const agent = await bed.agent({
        prefix,
        pipelines: { all: stdoutPipeline(kafka.bootstrap, topic, more, ["MaxMessageBytes: 4000000"]) },
        flags: [`--static-containers=${list}`, "--from-start", `--memory-limit=${CAP_MIB}`],
        read: [list],
      });
      await waitFor("all to be read", async () => {
        return await agent.metric("denotail_open_files") >= count &&
          await agent.metric("denotail_backlog_bytes") === 0;
      }, { timeoutMs: 120_000, everyMs: 200 });
      await sleep(5000);
      const held = agent.figures();
      for (const { LogPath } of containers) {
        Deno.writeTextFileSync(LogPath, jsonLine("end\\n"), { append: true });
      }
      const kills = () => "procs" in cap ? cap.kills() : 0;
      await waitFor("all lines", async () => kills() > 0 || (await kafka.endOffsets(topic))[0] >= count, {
        timeoutMs: 120_000,
        everyMs: 100,
      });
      assert.equal(kills(), 0, "the kernel killed it");
      await sleep(1000);
      const [records] = await kafka.endOffsets(topic);
      const { peakRssBytes } = agent.figures();
      let whole = 0;
      for (let from = 0; from < records; from += 100) {
        for (const record of await kafka.consume(topic, { from, max: Math.min(100, records - from) })) {
          if (
            record.value!.length > PIECE * PIECES && /x{99}end"/.test(new TextDecoder().decode(record.value!))
          ) whole++;
        }
      }
      assert.equal(kills(), 0, "the kernel killed it");
      assert.equal(records, count);
      assert.equal(whole, count);
      // With a group the kernel is the judge: pages of the program itself that others use, too, are not its own.
      if (!("procs" in cap)) assert.ok(peakRssBytes <= CAP_MIB * 1024 * 1024, mib(peakRssBytes));
      assert.equal(await agent.stop(), 0);
      const group = "procs" in cap
        ? `group's peak with page cache ${mib(cap.peakBytes())}`
        : "no control group";
      return `${count} lines of 1 MiB, lost 0, repeated 0, cut 0; RSS ${
        mib(held.rssBytes)
      } while they were open, ` +
        `highest ${mib(peakRssBytes)}; ${group}`;
    } finally {
      await bed.endAgents();
      if ("procs" in cap) await cap.remove();
    }
  },
};
