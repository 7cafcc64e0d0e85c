/** A file inside a container is tailed: stopping the container takes no longer for it. */
import assert from "node:assert/strict";
import type { TestAgent } from "../support/agent.ts";
import { tags } from "../support/images.ts";
import { leastOf } from "../support/least_of.ts";
import { openPaths } from "../support/process_figures.ts";
import { sleep, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { report, settledCount } from "../support/verify.ts";
import { AgentBed, filePipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "containerd", "docker"));

/** The promise: at most half a second more than without the agent. Noise may look like it, so there are more tries. */
const delayMaxMs = 500;
const rounds = 3;

/** Ends at once when it is told to; until then a line comes every 20 ms. */
const script = "trap 'exit 0' TERM; mkdir -p /root/log; n=0; " +
  "while :; do n=$((n+1)); echo line $n >>/root/log/app.log; usleep 20000; done";

/** Stops some containers, gives the longest time. `stopOne` runs one, waits for `seen`, stops it; `before` comes first. */
async function slowestStop(
  stopOne: (seen: () => Promise<void>) => Promise<number>,
  seen: () => Promise<void>,
  before: () => Promise<void> = () => Promise.resolve(),
) {
  let slowest = 0;
  for (let round = 0; round < rounds; round++) {
    await before();
    slowest = Math.max(slowest, await stopOne(seen));
  }
  return slowest;
}

/** Compares stops without and with an agent that reads a file in the container. */
async function compare(runtime: string, stopOne: (seen: () => Promise<void>) => Promise<number>) {
  const longer = () => delay(runtime, stopOne);
  const delayMs = await leastOf(`longer stop under ${runtime}, in ms`, delayMaxMs, longer);
  assert.ok(delayMs <= delayMaxMs, `stopping took ${delayMs} ms longer with the agent`);
}

/** How much longer the slowest stop took with the agent, in ms. */
async function delay(runtime: string, stopOne: (seen: () => Promise<void>) => Promise<number>) {
  const kafka = await bed.kafka();
  const topic = await bed.topic(runtime);
  const without = await slowestStop(stopOne, () => sleep(500));
  const yaml = filePipeline("/root/log", "app.log", kafka.bootstrap, topic, ["DockerFile: true"]);
  const agent = await bed.agent({ pipelines: { files: yaml } });
  let arrived = 0;
  const withAgent = await slowestStop(stopOne, async () => {
    await settledCount(kafka, topic, arrived + 10, { quietMs: 0 });
    await waitFor("the file to be held open", () => heldOpen(agent).length > 0);
    assertNotThroughRootfs(agent);
  }, async () => {
    // The last lines of the container before: they say nothing about the next one.
    arrived = await settledCount(kafka, topic, arrived);
  });
  report(
    `stop under ${runtime}: ${without.toFixed(0)} ms without, ${withAgent.toFixed(0)} ms with the agent`,
  );
  assert.equal(await agent.stop(), 0);
  return withAgent - without;
}

function heldOpen(agent: TestAgent): string[] {
  return openPaths(agent.pid).filter((path) => path.endsWith("/root/log/app.log"));
}

/** The file is held open, and not by its name in the mounted root: that is what would block containerd. */
function assertNotThroughRootfs(agent: TestAgent): void {
  assert.deepEqual(heldOpen(agent).filter((path) => /\/rootfs\/|\/merged\//.test(path)), []);
}

test("run does not delay StopContainer of containerd when it tails a file inside", async () => {
  const { cri } = await bed.containerd();
  const pod = await cri.runPod({ name: "stopped" });
  let attempt = 0;
  await compare("containerd", async (seen) => {
    const container = await cri.runContainer(pod, {
      name: "app",
      image: tags.busybox,
      command: ["sh", "-c", script],
      attempt: attempt++,
    });
    await seen();
    const took = await cri.stop(container, 10);
    await cri.remove(container);
    return took;
  });
  await cri.removePod(pod);
});

test("run does not delay docker stop when it tails a file inside", async () => {
  const docker = await bed.docker();
  await compare("dockerd", async (seen) => {
    const id = await docker.run({ image: tags.busybox, cmd: ["sh", "-c", script] });
    await seen();
    const took = await docker.stop(id, 10);
    await docker.remove(id);
    return took;
  });
});
