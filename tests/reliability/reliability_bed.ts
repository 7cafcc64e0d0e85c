/** What the faults stand on: one broker and one namespace for all of them, files with oracle lines, real agents. */
import assert from "node:assert/strict";
import { AgentBed, filePipeline } from "../e2e/agent_bed.ts";
import type { AgentOptions, TestAgent } from "../support/agent.ts";
import type { TestKafka } from "../support/kafka.ts";
import { judge, type Verdict } from "../support/oracle.ts";
import { oracleLines } from "../support/oracle_lines.ts";
import { sleep } from "../support/process.ts";
import { brokerTime, settledCount } from "../support/verify.ts";

/** See the module comment. */
export class ReliabilityBed extends AgentBed {
  readonly #running: TestAgent[] = [];

  /** A folder of the host with files of oracle lines, and the topic they go to. `kafka`: another broker. */
  async workload(name: string, more: { kafka?: TestKafka; partitions?: number } = {}): Promise<Workload> {
    const namespace = await this.namespace();
    const folder = `${namespace.folder}/tmp/${name}`;
    Deno.mkdirSync(folder, { recursive: true });
    if (more.kafka === undefined) {
      const topic = await this.topic(name, more.partitions);
      return new Workload(folder, topic, await this.kafka());
    }
    await more.kafka.createTopic(name, more.partitions, brokerTime);
    return new Workload(folder, name, more.kafka);
  }

  override async prepared(options: Omit<AgentOptions, "namespace">): Promise<TestAgent> {
    const agent = await super.prepared(options);
    this.#running.push(agent);
    return agent;
  }

  /** Ends the agents of a fault. */
  async endAgents(): Promise<void> {
    for (const agent of this.#running.splice(0)) await agent.dispose();
  }

  /** What the agents said, for a fault that failed. */
  agentLogs(): string {
    return this.#running.map((agent) => agent.logTail()).join("\n--\n");
  }
}

/** Files `<stream>.log` in one folder, and what was written to them. */
export class Workload {
  readonly written: Record<string, number> = {};

  constructor(readonly folder: string, readonly topic: string, readonly kafka: TestKafka) {}

  /** A pipeline that reads all of them. */
  pipeline(flusher: string[] = [], input: string[] = [], broker = this.kafka.bootstrap): string {
    return filePipeline(this.folder, "*.log", broker, this.topic, input, flusher);
  }

  path(stream: string): string {
    return `${this.folder}/${stream}.log`;
  }

  /** The next lines of a stream, counted as written. */
  lines(stream: string, count: number): string {
    const from = (this.written[stream] ?? 0) + 1;
    this.written[stream] = from + count - 1;
    return oracleLines(stream, from, from + count - 1);
  }

  append(stream: string, count: number): void {
    Deno.writeTextFileSync(this.path(stream), this.lines(stream, count), { append: true });
  }

  /** Appends at a steady pace for a time. */
  async appendFor(ms: number, perSecond: number, streams: string[]): Promise<void> {
    const began = performance.now();
    let done = 0;
    for (let past = 0; past < ms; past = performance.now() - began) {
      const due = Math.floor(past * perSecond / 1000 / streams.length) - done;
      if (due > 0) { for (const stream of streams) this.append(stream, due); }
      done += Math.max(0, due);
      await sleep(10);
    }
  }

  get total(): number {
    return Object.values(this.written).reduce((sum, count) => sum + count, 0);
  }

  /** Waits until all of it is there. */
  async settled(timeoutMs = 120_000, quietMs = 1000): Promise<void> {
    await settledCount(this.kafka, this.topic, this.total, { timeoutMs, quietMs });
  }

  /** Waits for everything, and judges it. `seconds`: how long that may take. */
  async verdict(timeoutMs?: number): Promise<Verdict> {
    // What is missing shall be named by the oracle.
    await this.settled(timeoutMs).catch(() => {});
    return judge(await this.kafka.consume(this.topic, { timeoutMs: 120_000 }), this.written);
  }
}

/** Nothing lost, damaged or moved; without `repeats` nothing twice either. */
export function assertKept(verdict: Verdict, repeats: "none" | "allowed" = "none"): void {
  const lost = [...verdict.fates.values()].filter((fate) => fate.lostCount > 0).slice(0, 3);
  assert.equal(verdict.lost, 0, `${verdict.text}; ${lost.map((fate) => `${fate.stream}: ${fate.lost}`)}`);
  assert.equal(verdict.damaged, 0, verdict.text);
  assert.equal(verdict.disorder, 0, verdict.text);
  if (repeats === "none") assert.equal(verdict.repeated, 0, verdict.text);
}

/** Bytes as whole mebibytes. */
export function mib(bytes: number): string {
  return `${Math.round(bytes / 1048576)} MiB`;
}
