import assert from "node:assert/strict";
import { filePipeline } from "../e2e/agent_bed.ts";
import { judge } from "../support/oracle.ts";
import { freePorts } from "../support/process.ts";
import { brokerTime, settledCount } from "../support/verify.ts";
import type { Fault } from "./fault.ts";
import { assertKept, mib } from "./reliability_bed.ts";

const DEAD = 19;
/** The median may be this much later than in an agent with the live cluster only, and its p99. */
const LATER_MS = { median: 50, p99: 150 };

export const deadClusters: Fault = {
  id: "I1",
  fault: "nineteen of twenty clusters are dead",
  done: {
    short:
      "20 pipelines on the same five files, 19 of their brokers refuse; 10 s at 2,000 lines/s, `mem_usage_limit` " +
      "128; beside it an agent with the live one only",
    full: "the same for 120 s",
  },
  users: "19 warnings; the live one's lines come as if it were alone",
  measures: true,
  byHand: true,
  async run(bed, form) {
    const load = await bed.workload("i1");
    const alone = `${load.topic}-alone`;
    await load.kafka.createTopic(alone, 1, brokerTime);
    const pipelines: Record<string, string> = { live: load.pipeline() };
    for (const [n, port] of freePorts(DEAD).entries()) {
      pipelines[`dead${n}`] = load.pipeline([], [], `127.0.0.1:${port}`);
    }
    const streams = ["a", "b", "c", "d", "e"];
    for (const stream of streams) load.append(stream, 10);
    const env = { mem_usage_limit: "128" };
    const agent = await bed.agent({ pipelines, env });
    const one = { live: filePipeline(load.folder, "*.log", load.kafka.bootstrap, alone) };
    const control = await bed.agent({ pipelines: one, env });
    // The dead ones' room fills up.
    await load.appendFor(12_000, 2000, streams);
    await load.settled(undefined, 0);
    await settledCount(load.kafka, alone, load.total, { quietMs: 0 });
    const [from] = await load.kafka.endOffsets(load.topic);
    const cpu = [agent, control].map((each) => each.figures().cpuSeconds);
    const ms = form === "short" ? 10_000 : 120_000;
    await load.appendFor(ms, 2000, streams);
    const took = [agent, control].map((each, at) => each.figures().cpuSeconds - cpu[at]);
    const verdict = await load.verdict();
    assertKept(verdict);
    await settledCount(load.kafka, alone, load.total);
    const beside = judge(await load.kafka.consume(alone), load.written);
    assertKept(beside);
    const late = (records: Awaited<ReturnType<typeof load.kafka.consume>>) => {
      const { fates } = judge(records.filter((record) => record.offset >= from), load.written);
      const all = [...fates.values()].map((fate) => fate.latencyMs);
      return {
        median: Math.max(...all.map((each) => each.median)),
        p99: Math.max(...all.map((each) => each.p99)),
      };
    };
    const live = late(await load.kafka.consume(load.topic));
    const undisturbed = late(await load.kafka.consume(alone));
    const { peakRssBytes } = agent.figures();
    const cores = took.map((seconds) => (seconds / ms * 100_000).toFixed(1));
    const figures = `latency p50/p99 ${live.median}/${live.p99} ms beside 19 dead clusters, ` +
      `${undisturbed.median}/${undisturbed.p99} ms alone; ${cores[0]} and ${cores[1]} % of a core; ` +
      `highest RSS ${mib(peakRssBytes)} and ${mib(control.figures().peakRssBytes)}; ${verdict.text}`;
    assert.ok(live.median - undisturbed.median <= LATER_MS.median, figures);
    assert.ok(live.p99 - undisturbed.p99 <= LATER_MS.p99, figures);
    assert.ok(peakRssBytes <= 128 * 1024 * 1024, figures);
    // 19 reconnecting clients cost a little by themselves.
    assert.ok(took[0] <= took[1] * 1.5 + ms / 1000 * 0.05, figures);
    // They are stopped with a deadline that they use up.
    for (const each of [agent, control]) await each.kill9();
    return figures;
  },
};
