/** The tutorial, step by step, on a real containerd: its pipelines as they are, its requests, its events. For whatever form the agent runs in. */
import assert from "node:assert/strict";
import type { Container, Pod } from "../support/cri_driver.ts";
import { alpineImage, nginxImage, tags } from "../support/images.ts";
import { waitFor } from "../support/process.ts";
import { seedContainer, seedPipelines } from "../support/seed.ts";
import { settledCount } from "../support/verify.ts";
import type { AgentBed } from "./agent_bed.ts";
import {
  accessLine,
  assertJsonEvent,
  assertParsedEvent,
  assertRawEvent,
  consumed,
  errorLine,
  type FromPod,
} from "./tutorial_expect.ts";

function fromPod(pod: Pod, container: Container): FromPod {
  return {
    image: container.spec.image,
    container: container.spec.name,
    pod: pod.name,
    namespace: pod.namespace,
    uid: pod.uid,
    ip: pod.ip,
  };
}

/** Steps three and four: the logs of nginx as they are, then the access log taken apart. */
export async function nginxOnContainerd(bed: AgentBed): Promise<void> {
  const kafka = await bed.kafka();
  const containerd = await bed.containerd();
  const { cri } = containerd;
  for (const topic of ["access-log", "error-log"]) await kafka.createTopic(topic);
  await containerd.load(await nginxImage());
  const agent = await bed.agent({
    pipelines: seedPipelines("ilogtail-user-configmap.yaml", kafka.bootstrap),
  });

  const seed = seedContainer("nginx-deployment.yaml");
  const pod = await cri.runPod({ name: "nginx-76d49876c7-r892w", labels: seed.podLabels });
  const container = await cri.runContainer(pod, { name: seed.name, image: tags.nginx });
  // Another pod that no pipeline asks for: nothing of it may arrive.
  const other = await cri.runPod({ name: "other", labels: { app: "other" } });
  await cri.runContainer(other, {
    name: "other",
    image: tags.busybox,
    command: ["sh", "-c", "echo foreign; echo foreign >&2; sleep 1000"],
  });
  const request = () => cri.exec(container, ["curl", "-s", "-o", "/dev/null", "localhost/hello/ilogtail"]);
  await waitFor("nginx", async () => (await request()).code === 0);
  await request();
  await request();

  const from = fromPod(pod, container);
  const access = await settledCount(kafka, "access-log", 3);
  const accessEvents = await consumed(kafka, "access-log", access);
  assert.equal(accessEvents.length, 3);
  for (const event of accessEvents) assertRawEvent(event, "stdout", accessLine, from);
  await settledCount(kafka, "error-log", 3);
  const errors = (await consumed(kafka, "error-log", await settledCount(kafka, "error-log", 3)))
    // nginx says at its start how it is set up; the tutorial's sample is the line of a request.
    .filter((event) => !/\[notice\]/.test(event.fields[0][1]));
  assert.equal(errors.length, 3);
  for (const event of errors) assertRawEvent(event, "stderr", errorLine, from);

  // Step four: the pipeline is replaced, the agent restarted, and only new lines come, taken apart.
  agent.writePipelines({
    ...seedPipelines("ilogtail-user-configmap.yaml", kafka.bootstrap),
    ...seedPipelines("ilogtail-user-configmap-processor.yaml", kafka.bootstrap),
  });
  assert.equal(await agent.stop(), 0);
  await agent.start();
  await agent.waitReady();
  await request();
  await request();
  assert.equal(await settledCount(kafka, "access-log", 5), 5);
  const parsed = (await consumed(kafka, "access-log", 5)).slice(3);
  for (const event of parsed) assertParsedEvent(event, from);
  assert.equal(await agent.stop(), 0);
  await cri.removePod(pod);
  await cri.removePod(other);
}

/** The second part: a file of JSON lines inside a container. */
export async function jsonOnContainerd(bed: AgentBed): Promise<void> {
  const kafka = await bed.kafka();
  const containerd = await bed.containerd();
  const { cri } = containerd;
  await kafka.createTopic("json-log");
  await containerd.load(await alpineImage());
  const agent = await bed.agent({
    pipelines: seedPipelines("ilogtail-user-configmap-json.yaml", kafka.bootstrap),
  });
  const seed = seedContainer("json-log-deployment.yaml");
  const pod = await cri.runPod({ name: "json-log-5df95f9f84-dhj2l", labels: seed.podLabels });
  const container = await cri.runContainer(pod, {
    name: seed.name,
    image: seed.image,
    command: seed.command,
    args: seed.args,
    mounts: [{ hostPath: "/etc/localtime", containerPath: "/etc/localtime" }],
  });
  await settledCount(kafka, "json-log", 1, { quietMs: 0 });
  const events = await consumed(kafka, "json-log", 1);
  for (const event of events) assertJsonEvent(event, fromPod(pod, container));
  assert.equal(await agent.stop(), 0);
  await cri.removePod(pod);
}
