/** The tutorial on a real dockerd, for whatever form the agent runs in. */
import assert from "node:assert/strict";
import type { TestDocker } from "../support/dockerd.ts";
import { alpineImage, nginxImage, tags } from "../support/images.ts";
import type { TestKafka } from "../support/kafka.ts";
import { waitFor } from "../support/process.ts";
import { seedContainer, seedPipelines } from "../support/seed.ts";
import { settledCount } from "../support/verify.ts";
import {
  accessLine,
  assertJsonEvent,
  assertParsedEvent,
  assertRawEvent,
  consumed,
  errorLine,
  type FromPod,
} from "./tutorial_expect.ts";

/** What the tutorial does with an agent. */
export interface TutorialAgent {
  writePipelines(pipelines: Record<string, string>): void;
  start(): Promise<void>;
  waitReady(): Promise<void>;
  /** Ends it as an operator does; gives the exit code. */
  stop(): Promise<number>;
}

/** Where the tutorial runs. `agent` gives a running one with these pipelines. */
export interface TutorialPlace {
  kafka: TestKafka;
  docker: TestDocker;
  agent(pipelines: Record<string, string>): Promise<TutorialAgent>;
}

/** A container as dockershim makes it, with its pod's sandbox. Gives what its events must say. */
async function runInPod(
  docker: TestDocker,
  wanted: {
    pod: string;
    name: string;
    image: string;
    podLabels: Record<string, string>;
    entrypoint?: string;
    cmd?: string[];
    mounts?: Record<string, string>;
  },
): Promise<{ id: string; from: FromPod }> {
  const uid = crypto.randomUUID();
  const pod = {
    "io.kubernetes.pod.name": wanted.pod,
    "io.kubernetes.pod.namespace": "default",
    "io.kubernetes.pod.uid": uid,
  };
  const sandbox = await docker.run({
    name: `k8s_POD_${wanted.pod}_default_${uid}_0`,
    image: tags.busybox,
    labels: {
      ...pod,
      ...wanted.podLabels,
      "io.kubernetes.docker.type": "podsandbox",
      "io.kubernetes.container.name": "POD",
    },
    cmd: ["sleep", "100000"],
  });
  const id = await docker.run({
    name: `k8s_${wanted.name}_${wanted.pod}_default_${uid}_0`,
    image: wanted.image,
    labels: {
      ...pod,
      "io.kubernetes.docker.type": "container",
      "io.kubernetes.container.name": wanted.name,
      "io.kubernetes.sandbox.id": sandbox,
    },
    entrypoint: wanted.entrypoint,
    cmd: wanted.cmd,
    mounts: wanted.mounts,
    network: `container:${sandbox}`,
  });
  const ip = (await docker.inspect(sandbox)).NetworkSettings.IPAddress;
  const from = {
    image: wanted.image,
    container: wanted.name,
    pod: wanted.pod,
    namespace: "default",
    uid,
    ip,
  };
  return { id, from };
}

/** Steps three and four: the logs of nginx as they are, then the access log taken apart. */
export async function nginxTutorial({ kafka, docker, agent: startAgent }: TutorialPlace): Promise<void> {
  for (const topic of ["access-log", "error-log"]) await kafka.createTopic(topic);
  await docker.load(await nginxImage());
  const agent = await startAgent(seedPipelines("ilogtail-user-configmap.yaml", kafka.bootstrap));
  const seed = seedContainer("nginx-deployment.yaml");
  const { id, from } = await runInPod(docker, {
    pod: "nginx-76d49876c7-r892w",
    name: seed.name,
    image: "nginx:latest",
    podLabels: seed.podLabels,
  });
  const request = () => docker.exec(id, ["curl", "-s", "-o", "/dev/null", "localhost/hello/ilogtail"]);
  await waitFor("nginx", async () => (await request()).code === 0);
  await request();

  const events = await consumed(kafka, "access-log", await settledCount(kafka, "access-log", 2));
  assert.equal(events.length, 2);
  for (const event of events) assertRawEvent(event, "stdout", accessLine, from);
  const errors = (await consumed(kafka, "error-log", await settledCount(kafka, "error-log", 2)))
    .filter((event) => !/\[notice\]/.test(event.fields[0][1]));
  assert.equal(errors.length, 2);
  for (const event of errors) assertRawEvent(event, "stderr", errorLine, from);

  agent.writePipelines(seedPipelines("ilogtail-user-configmap-processor.yaml", kafka.bootstrap));
  assert.equal(await agent.stop(), 0);
  await agent.start();
  await agent.waitReady();
  await request();
  assert.equal(await settledCount(kafka, "access-log", 3), 3);
  assertParsedEvent((await consumed(kafka, "access-log", 3))[2], from);
  assert.equal(await agent.stop(), 0);
  await docker.remove(id);
}

/** The second part: a file of JSON lines inside a container. */
export async function jsonTutorial({ kafka, docker, agent: startAgent }: TutorialPlace): Promise<void> {
  await kafka.createTopic("json-log");
  await docker.load(await alpineImage());
  const agent = await startAgent(seedPipelines("ilogtail-user-configmap-json.yaml", kafka.bootstrap));
  const seed = seedContainer("json-log-deployment.yaml");
  const { id, from } = await runInPod(docker, {
    pod: "json-log-5df95f9f84-dhj2l",
    name: seed.name,
    image: "alpine:3.9.6",
    podLabels: seed.podLabels,
    entrypoint: seed.command![0],
    cmd: [...seed.command!.slice(1), ...seed.args!],
    mounts: { "/etc/localtime": "/etc/localtime" },
  });
  await settledCount(kafka, "json-log", 1, { quietMs: 0 });
  for (const event of await consumed(kafka, "json-log", 1)) assertJsonEvent(event, from);
  assert.equal(await agent.stop(), 0);
  await docker.remove(id);
}
