/**
 * The compiled binary, with its permissions baked in and in a root of its own: the tutorial, how fast it starts, what it
 * takes, how it ends. The tutorial on Docker runs it as an image, in image_test.ts.
 */
import assert from "node:assert/strict";
import { shardOf } from "../../src/core/shard.ts";
import { canCompile, compiled } from "../support/compiled.ts";
import { tags } from "../support/images.ts";
import { firstChild, signal, sleep, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { report, settledCount } from "../support/verify.ts";
import { AgentBed, filePipeline, stdoutPipeline } from "./agent_bed.ts";
import { jsonOnContainerd, nginxOnContainerd } from "./tutorial_containerd.ts";

const bed = new AgentBed(() => compiled());
const test = bed.tests(canCompile() && await need("kafka", "containerd"));

test("the binary delivers the tutorial's nginx events when containerd runs the pod", () =>
  nginxOnContainerd(bed));

test("the binary delivers the tutorial's file inside a container when containerd runs the pod", () =>
  jsonOnContainerd(bed));

test("the binary reads its first record soon after its start, and takes little memory", async () => {
  const { cri } = await bed.containerd();
  const pod = await cri.runPod({ name: "cold" });
  await cri.runContainer(pod, {
    name: "cold",
    image: tags.busybox,
    command: ["sh", "-c", "echo first; sleep 1000"],
  });
  const namespace = await bed.namespace();
  const log = namespace.outside("/var/log/cold.log");
  const sources: Record<string, string> = {
    "a file of the host": "inputs:\n  - Type: file_log\n    LogPath: /var/log\n    FilePattern: cold.log\n",
    "a container":
      "inputs:\n  - Type: service_docker_stdout\n    IncludeK8sLabel: {}\n    K8sPodRegex: ^cold$\n",
  };
  for (const [what, input] of Object.entries(sources)) {
    const times: number[] = [];
    let rssBytes = 0;
    let controlMs = Infinity;
    for (let n = 0; n < 3; n++) {
      Deno.writeTextFileSync(log, "first\n");
      const agent = await bed.prepared({
        pipelines: { cold: `${input}flushers:\n  - Type: flusher_stdout\n` },
      });
      const asked = performance.now();
      await namespace.mustRun([...agent.command("--version").slice(0, -2)]);
      controlMs = Math.min(controlMs, performance.now() - asked);
      const began = performance.now();
      await agent.start();
      await waitFor("the first record", () => agent.output.includes("first"), { everyMs: 2 });
      times.push(Math.round(performance.now() - began));
      await sleep(300);
      rssBytes = agent.figures().rssBytes;
      assert.equal(await agent.stop(), 0);
    }
    report(
      `first record of ${what} ${Math.min(...times)} ms after the start (${
        times.join(", ")
      }; mounts included), ` +
        `then ${Math.round(rssBytes / 1e6)} MB resident; its version alone ${Math.round(controlMs)} ms`,
    );
    // The goal is 500 ms on a quiet machine; here other work may have the cores, which its shortest answer shows.
    const limitMs = Math.max(1000, 4 * controlMs);
    assert.ok(Math.min(...times) < limitMs, `${what}: ${times.join(", ")} ms`);
    assert.ok(rssBytes < 130e6, `${rssBytes} bytes resident`);
  }
  await cri.removePod(pod);
});

test("the binary delivers with two workers, and goes on with three after a restart", async () => {
  const kafka = await bed.kafka();
  const namespace = await bed.namespace();
  const { cri } = await bed.containerd();
  const topic = await bed.topic("workers");
  const stems = ["one", "two", "three", "four"];
  const partOf = (pipeline: string) => shardOf({ origin: "host", pipeline, input: "file_log#0" }, 2);
  assert.equal(new Set(stems.map(partOf)).size, 2, "both have something to do");
  const pod = await cri.runPod({ name: "workers" });
  const command = ["sh", "-c", "echo from a container; sleep 1000"];
  await cri.runContainer(pod, { name: "workers", image: tags.busybox, command });
  const pipelines: Record<string, string> = {
    stdout: stdoutPipeline(kafka.bootstrap, topic, ["IncludeK8sLabel: {}", "K8sPodRegex: ^workers$"]),
  };
  for (const stem of stems) {
    Deno.writeTextFileSync(namespace.outside(`/var/log/workers-${stem}.log`), `${stem}\n`);
    pipelines[stem] = filePipeline("/var/log", `workers-${stem}.log`, kafka.bootstrap, topic);
  }
  const flags = ["--workers=2"];
  const agent = await bed.agent({ pipelines, flags });
  assert.equal(await settledCount(kafka, topic, 5), 5);
  report(`two workers: ${Math.round(agent.figures().rssBytes / 1e6)} MB resident`);
  assert.equal(await agent.metric("denotail_pipeline_records_out_total"), 5);
  assert.equal(await agent.stop(), 0);
  flags[0] = "--workers=3";
  for (const stem of stems) {
    Deno.writeTextFileSync(namespace.outside(`/var/log/workers-${stem}.log`), "more\n", { append: true });
  }
  await agent.start();
  await agent.waitReady();
  assert.equal(await settledCount(kafka, topic, 9), 9);
  assert.equal(await agent.stop(), 0);
  await cri.removePod(pod);
});

test("the binary delivers, stops with 0 and loses nothing when it is process 1 and gets SIGTERM", async () => {
  const kafka = await bed.kafka();
  const namespace = await bed.namespace();
  const topic = await bed.topic("first-process");
  Deno.writeTextFileSync(namespace.outside("/var/log/pid1.log"), "one\ntwo\n");
  const agent = await bed.prepared({
    pipelines: { one: filePipeline("/var/log", "pid1.log", kafka.bootstrap, topic) },
    prefix: ["unshare", "--pid", "--fork", "--kill-child"],
  });
  await agent.start();
  await agent.waitReady();
  assert.equal(await settledCount(kafka, topic, 2), 2);
  const child = firstChild(agent.pid);
  assert.match(Deno.readTextFileSync(`/proc/${child}/status`), /^NSpid:.*\t1$/m);
  const began = performance.now();
  signal(child, "SIGTERM");
  assert.equal(await agent.ended(), 0);
  report(`process 1 ended ${Math.round(performance.now() - began)} ms after SIGTERM`);
  assert.match(agent.logText, /"Agent stopped"/);
});
