/** What is lost of a workload, counted without the product: lines that never arrived, times the bytes of each. */
import assert from "node:assert/strict";
import type { TestAgent } from "../support/agent.ts";
import { readRecords } from "../support/oracle.ts";
import { waitFor } from "../support/process.ts";
import type { Workload } from "./reliability_bed.ts";

const encoder = new TextEncoder();

/** Lines and bytes that are missing. */
export interface Missing {
  lines: number;
  bytes: number;
}

/** Writes lines of a workload and keeps how many bytes each of them has. */
export class CountedLines {
  /** Stream -> bytes of its lines, by sequence from 1. */
  readonly #bytes: Map<string, number[]> = new Map();

  constructor(private readonly load: Workload) {}

  append(stream: string, count: number, path = this.load.path(stream)): void {
    const text = this.load.lines(stream, count);
    Deno.writeTextFileSync(path, text, { append: true });
    const known = this.#bytes.get(stream) ?? [0];
    for (const line of text.split("\n").slice(0, -1)) known.push(encoder.encode(line).length + 1);
    this.#bytes.set(stream, known);
  }

  /** What of each stream is not in the topic. */
  async missing(): Promise<Map<string, Missing>> {
    const { arrived } = readRecords(await this.load.kafka.consume(this.load.topic, { timeoutMs: 120_000 }));
    const there = new Map([...this.#bytes].map(([stream, bytes]) => [stream, new Uint8Array(bytes.length)]));
    for (const { stream, sequence } of arrived) there.get(stream)![sequence] = 1;
    const found = new Map<string, Missing>();
    for (const [stream, bytes] of this.#bytes) {
      const of = { lines: 0, bytes: 0 };
      for (let sequence = 1; sequence < bytes.length; sequence++) {
        if (there.get(stream)![sequence] === 1) continue;
        of.lines++;
        of.bytes += bytes[sequence];
      }
      found.set(stream, of);
    }
    return found;
  }
}

/** Waits until the agent has read as far as it has room, and something is left. */
export async function readToTheLimit(agent: TestAgent): Promise<void> {
  let seen = -1;
  await waitFor("reading to stand still", async () => {
    const now = await agent.metric("denotail_read_bytes_total");
    const still = now === seen;
    seen = now;
    return still && now > 0;
  }, { everyMs: 500 });
  assert.ok(await agent.metric("denotail_backlog_bytes") > 0, "all was read, so nothing can be lost");
}

/** The lines of the own log about single losses: `container path-stem bytes`, in any order. */
export function lossesSaid(agent: TestAgent, reason: string): string[] {
  const said = agent.logged("Bytes were not delivered").filter((line) => line.reason === reason);
  const stem = (path: string) => path.slice(path.lastIndexOf("/") + 1).replace(/\.log$/, "");
  return said.map((line) => `${line.container} ${stem(line.path)} ${line.bytes}`).sort();
}

/** The line at the stop: bytes, and `container reason bytes` of each, largest first. */
export function lossesAtStop(agent: TestAgent): { bytes: number; byReason: string } {
  const [line] = agent.logged("in all since the start");
  assert.ok(line !== undefined, agent.logTail());
  return { bytes: line.bytes, byReason: line.byReason };
}
