/** The broker goes away for a while: nothing is lost, and the agent keeps its size. */
import assert from "node:assert/strict";
import { tags } from "../support/images.ts";
import { sleep } from "../support/process.ts";
import { need } from "../support/system.ts";
import { fateOf, fateText, oracleRecords } from "../support/oracle.ts";
import { oracleWriter } from "../support/oracle_lines.ts";
import { report, settledCount } from "../support/verify.ts";
import { AgentBed, stdoutPipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "containerd"));

/** 30 s in the normal run; `DENOTAIL_TEST_LONG=yes` makes it the ten minutes of the promise. */
const outageMs = Deno.env.get("DENOTAIL_TEST_LONG") === "yes" ? 600_000 : 30_000;
/** What the agent may hold between reading and acknowledgement (16 MiB), three times in flight, and some slack. */
const growthMaxBytes = 96 * 1024 * 1024;

test("run loses nothing and stays small when the broker is stopped for a while", async () => {
  const kafka = await bed.kafka();
  const { cri } = await bed.containerd();
  const topic = await bed.topic("outage");
  const agent = await bed.agent({ pipelines: { all: stdoutPipeline(kafka.bootstrap, topic) } });
  const pod = await cri.runPod({ name: "outage" });
  // 35 s, or 605 s, of 5,000 lines a second: it goes on before, through and behind the outage.
  const seconds = outageMs / 1000 + 5;
  const bursts = seconds * 5;
  const script = oracleWriter({ stream: "o", bursts, perBurst: 1000, pauseSeconds: 0.2 });
  await cri.runContainer(pod, { name: "o", image: tags.busybox, command: ["sh", "-c", script] });
  await settledCount(kafka, topic, 5000, { quietMs: 0 });
  const before = agent.figures();
  await kafka.stop();
  const stoppedAt = Date.now();
  let highest = 0;
  while (Date.now() - stoppedAt < outageMs) {
    await sleep(500);
    highest = Math.max(highest, agent.figures().rssBytes);
    assert.ok(agent.alive, "the agent ended");
  }
  const cores = await agent.cores(2000);
  assert.equal(await agent.httpStatus("/readyz"), 200, "a broker that is down makes nobody unready");
  await kafka.start();
  const backAt = Date.now();
  await settledCount(kafka, topic, bursts * 1000, { timeoutMs: 180_000 });
  report(
    `broker away ${outageMs / 1000} s: RSS ${mb(before.rssBytes)} before, highest ${mb(highest)} MB; ` +
      `${cores.toFixed(2)} cores meanwhile; all there ${
        ((Date.now() - backAt) / 1000).toFixed(1)
      } s after its return`,
  );
  const fate = fateOf(
    oracleRecords(await kafka.consume(topic, { timeoutMs: 120_000 })),
    "o",
    bursts * 1000,
  );
  report(fateText(fate));
  assert.equal(fate.lostCount, 0, `lost: ${fate.lost}`);
  assert.equal(fate.disorder, 0);
  // The producer is idempotent: what was in flight when the broker went is not written twice.
  assert.equal(fate.repeats.length, 0);
  assert.ok(highest - before.rssBytes <= growthMaxBytes, `grew by ${mb(highest - before.rssBytes)} MB`);
  assert.equal(await agent.stop(), 0);
  await cri.removePod(pod);
});

function mb(bytes: number): string {
  return (bytes / 1048576).toFixed(0);
}
