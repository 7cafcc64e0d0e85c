/** `MaxReadBytesPerSecond`: a container is read at that speed, the rest waits, and neighbours notice nothing. */
import assert from "node:assert/strict";
import { type Fate, judge } from "../support/oracle.ts";
import { oracleLines } from "../support/oracle_lines.ts";
import { sumOf } from "../support/metrics_text.ts";
import { sleep } from "../support/process.ts";
import { staticContainers } from "../support/static_containers.ts";
import { need } from "../support/system.ts";
import { report, settledCount } from "../support/verify.ts";
import { AgentBed, filePipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "namespace"));

const bytesPerSecond = 300_000;
/** So much of the backlog comes at once: a second's worth is saved up. */
const burstMs = 1_000;
const lines = 24_000;
const names = ["web", "db"];

/** Appends a line every 25 ms. */
class Neighbour {
  written = 0;

  constructor(private readonly path: string) {}

  async writeWhile(goesOn: () => boolean): Promise<void> {
    for (; goesOn(); await sleep(25)) {
      const next = ++this.written;
      Deno.writeTextFileSync(this.path, oracleLines("quiet", next, next), { append: true });
    }
  }
}

test("run reads each container at its MaxReadBytesPerSecond, loses nothing, and a neighbour's lines are as quick as before", async () => {
  const kafka = await bed.kafka();
  const { folder } = await bed.namespace();
  const logs = `${folder}/tmp/limited`;
  const listed = staticContainers(logs, names);
  Deno.writeTextFileSync(`${logs}/quiet.log`, "");
  const [slow, free] = [await bed.topic("slow"), await bed.topic("free")];
  const agent = await bed.agent({
    pipelines: {
      slow: filePipeline("/log", "app.log", kafka.bootstrap, slow, [
        "DockerFile: true",
        `MaxReadBytesPerSecond: ${bytesPerSecond}`,
      ]),
      free: filePipeline(logs, "quiet.log", kafka.bootstrap, free),
    },
    ...listed,
  });
  const neighbour = new Neighbour(`${logs}/quiet.log`);
  const latency = async (from: number) => {
    await settledCount(kafka, free, neighbour.written, { quietMs: 0 });
    const records = (await kafka.consume(free)).slice(from);
    const fates = judge(records, { quiet: neighbour.written }).fates;
    return fates.get("quiet")!.latencyMs;
  };
  const began = performance.now();
  await neighbour.writeWhile(() => performance.now() - began < 1_500);
  const before = await latency(0);
  const from = neighbour.written;

  const texts = names.map((name) => oracleLines(name, 1, lines));
  const bytes = texts.map((text) => text.length);
  names.forEach((name, i) => Deno.writeTextFileSync(`${logs}/${name}/app.log`, texts[i]));
  const written = bytes[0] + bytes[1];
  const backlog: number[] = [];
  let isRead = false;
  const writing = neighbour.writeWhile(() => !isRead);
  while (!isRead) {
    await sleep(200);
    const samples = await agent.metrics();
    const waits = sumOf(samples, "denotail_limited_backlog_bytes");
    const read = sumOf(samples, "denotail_read_bytes_total");
    backlog.push(waits);
    // The neighbour's few bytes are read, too.
    if (waits > 0) assert.ok(Math.abs(waits + read - written) < written * 0.05, `${waits} + ${read} bytes`);
    isRead = read >= written && waits === 0;
  }
  await writing;
  await settledCount(kafka, slow, 2 * lines, { quietMs: 300 });
  const verdict = judge(await kafka.consume(slow), { web: lines, db: lines });
  assert.deepEqual([verdict.lost, verdict.repeated, verdict.damaged, verdict.disorder], [0, 0, 0, 0]);
  const highest = Math.max(...backlog);
  assert.ok(highest > written * 0.7 && highest < written, `${highest} of ${written} bytes waited at most`);
  for (let i = 1; i < backlog.length; i++) {
    assert.ok(backlog[i] <= backlog[i - 1] || i < 3, `the backlog grew to ${backlog[i]}`);
  }
  names.forEach((name, i) => {
    const rate = speed(verdict.fates.get(name)!, bytes[i]);
    report(`${name} was read with ${(rate / 1_000).toFixed(0)} kB/s of ${bytesPerSecond / 1_000}`);
    assert.ok(Math.abs(rate / bytesPerSecond - 1) < 0.2, `${rate} bytes/s`);
  });
  const beside = await latency(from);
  report(
    `the neighbour's lines: half within ${before.median} ms before, ${beside.median} ms beside it; ` +
      `99 of 100 within ${before.p99} and ${beside.p99} ms; ${highest} bytes waited at most`,
  );
  assert.ok(beside.median <= before.median + 50, `${before.median} -> ${beside.median} ms`);
  assert.ok(beside.p99 <= Math.max(500, 2 * before.p99), `${before.p99} -> ${beside.p99} ms`);
  assert.equal(await agent.metric("denotail_lost_bytes_total"), 0);
  assert.equal(await agent.stop(), 0);
});

/** Bytes per second behind the burst, from the time that lines took: all of them were written at once. */
function speed({ latencyMs }: Fate, bytes: number): number {
  return (bytes - bytesPerSecond * burstMs / 1_000) / latencyMs.highest * 1_000;
}
