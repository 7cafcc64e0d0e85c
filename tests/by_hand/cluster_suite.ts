/** The manifests of k8s/, and the tutorial's own, on a real cluster: pods get ready, events arrive, nothing is lost. */
import assert from "node:assert/strict";
import {
  accessLine,
  assertJsonEvent,
  assertParsedEvent,
  assertRawEvent,
  errorLine,
} from "../e2e/tutorial_expect.ts";
import { projectRoot } from "../support/paths.ts";
import { sleep, waitFor } from "../support/process.ts";
import { seedText } from "../support/seed.ts";
import { fateOf, fateText, oracleRecords } from "../support/oracle.ts";
import { oracleWriter } from "../support/oracle_lines.ts";
import { brokerTime, fieldOf, report, settledCount } from "../support/verify.ts";
import {
  agentImage,
  agentNamespace,
  agentWorkload,
  type ClusterBed,
  imageOf,
  type OverlayChanges,
  startClusterBed,
} from "./cluster_bed.ts";

const requests = 3;

/** Bit 2 of capabilities: read whatever file. */
const dacReadSearch = 1n << 2n;

Deno.test("the manifests work on a cluster", async (t) => {
  const bed = await startClusterBed();
  try {
    const step = async (name: string, body: () => Promise<void>) => {
      if (Deno.args.length > 0 && !Deno.args.some((part) => name.includes(part))) return;
      const passed = await t.step(name, async () => {
        await body().catch(async (error) => {
          report(`own log of the agent:\n${await bed.agentLog()}`);
          throw error;
        });
      });
      if (!passed) throw new Error(`'${name}' failed; the rest stands on it`);
    };
    for (const topic of ["access-log", "error-log", "json-log"]) await bed.kafka.createTopic(topic);
    await step("overlay containerd delivers the tutorial's events", () => overlay(bed, "containerd"));
    await step("nothing is lost while the kubelet rotates", () => rotation(bed));
    await step(
      "nothing is lost over a rollout restart, a deleted pod and a killed agent",
      () => restarts(bed),
    );
    await step("overlay strict delivers the tutorial's events", () => overlay(bed, "strict"));
    await step("overlay kafka-tls delivers the tutorial's events", () => kafkaTls(bed));
    await step("overlay sidecar delivers its application's files", () => sidecar(bed));
    await step("the tutorial's own manifests work", () => tutorial(bed));
  } finally {
    await bed.end();
  }
});

async function overlay(bed: ClusterBed, name: string, changes: OverlayChanges = {}): Promise<void> {
  const { cluster } = bed;
  const folder = bed.writeOverlay(name, changes);
  const began = performance.now();
  await cluster.applyFolder(folder);
  await cluster.rolledOut(agentNamespace, agentWorkload);
  const readyMs = Math.round(performance.now() - began);
  await cluster.applyFolder(`${projectRoot}/k8s/examples`);
  await exampleEvents(bed, "raw");
  await jsonEvents(bed);
  const { memory, rights } = await bed.agentStatus(await bed.agentPid());
  assert.deepEqual(rights, { capabilities: dacReadSearch, seccomp: "2", noNewPrivileges: "1" });
  report(`${name}: agent ready ${readyMs} ms from 'kubectl apply -k' on; ${memory}`);
}

/** Requests to nginx, and what has to come of them: access log, error log, and the file inside of json-log. */
async function exampleEvents(bed: ClusterBed, access: "raw" | "parsed"): Promise<void> {
  const { cluster } = bed;
  await cluster.rolledOut("default", "deployment/nginx");
  const before = { access: await bed.count("access-log"), error: await bed.count("error-log") };
  const nginx = await bed.origin("default", "app=nginx");
  const curl = ["curl", "-s", "-o", "/dev/null", "localhost/hello/ilogtail"];
  for (let n = 0; n < requests; n++) {
    await cluster.kubectl(["exec", "-n", "default", nginx.pod, "--", ...curl]);
  }
  const accessEvents = await bed.events("access-log", before.access, requests);
  assert.equal(accessEvents.length, requests);
  for (const event of accessEvents) {
    if (access === "raw") assertRawEvent(event, "stdout", accessLine, nginx);
    else assertParsedEvent(event, nginx);
  }
  if (access === "parsed") return;
  const errors = (await bed.events("error-log", before.error, requests))
    // nginx says at its start how it is set up.
    .filter((event) => !/\[notice\]/.test(event.fields[0][1]));
  assert.equal(errors.length, requests);
  for (const event of errors) assertRawEvent(event, "stderr", errorLine, nginx);
}

async function jsonEvents(bed: ClusterBed): Promise<void> {
  const before = await bed.count("json-log");
  await bed.cluster.rolledOut("default", "deployment/json-log");
  const origin = await bed.origin("default", "app=json-log");
  for (const event of await bed.events("json-log", before, 2)) assertJsonEvent(event, origin);
}

/** A pod that writes numbered lines to its standard output for `seconds`, then sleeps. Gives the number of lines. */
async function writeLoad(bed: ClusterBed, source: string, seconds: number): Promise<number> {
  const [perBurst, pauseSeconds] = [2000, 0.2];
  const bursts = Math.round(seconds / pauseSeconds);
  const command = `${oracleWriter({ stream: source, bursts, perBurst, pauseSeconds })}; sleep 10000`;
  const image = "docker.io/local/busybox:1";
  await bed.apply(JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: source, namespace: "default", labels: { app: "load" } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "load", image, command: ["sh", "-c", command] }],
    },
  }));
  return bursts * perBurst;
}

/** A pipeline for such pods, and the topic it writes to. */
async function loadPipeline(bed: ClusterBed): Promise<void> {
  if ((await bed.kafka.topics()).includes("load")) return;
  await bed.kafka.createTopic("load", 1, brokerTime);
  const pipeline = `enable: true
inputs:
  - Type: service_docker_stdout
    IncludeK8sLabel: {app: load}
flushers:
  - Type: flusher_kafka_v2
    Brokers: ["\${KAFKA_BROKERS}"]
    Topic: load
`;
  await bed.cluster.kubectl([
    "apply",
    "-k",
    bed.writeOverlay("containerd", { pipelines: { "load.yaml": pipeline } }),
  ]);
  await restartAgent(bed);
}

/** As the README says: a changed pipeline counts from the next start on. */
async function restartAgent(bed: ClusterBed): Promise<void> {
  await bed.cluster.kubectl(["-n", agentNamespace, "rollout", "restart", agentWorkload]);
  await bed.cluster.rolledOut(agentNamespace, agentWorkload);
}

/** The fate of a source's lines in the topic `load`. */
async function fate(bed: ClusterBed, source: string, lines: number) {
  const already = await bed.count("load");
  await waitFor(`the lines of ${source}`, async () => {
    const found = await fateNow();
    return found.lostCount === 0;
  }, { timeoutMs: 90_000, everyMs: 3000 }).catch(() => {});
  const found = await fateNow();
  report(`${fateText(found)}; the topic grew from ${already} to ${await bed.count("load")} meanwhile`);
  return found;

  async function fateNow() {
    const records = await bed.kafka.consume("load", { timeoutMs: 120_000 });
    return fateOf(oracleRecords(records), source, lines);
  }
}

async function rotation(bed: ClusterBed): Promise<void> {
  await loadPipeline(bed);
  const seconds = 40;
  const lines = await writeLoad(bed, "rotated", seconds);
  const pod = await bed.pod("default", "app=load");
  const folder = bed.cluster.namespace.outside(`/var/log/pods/default_rotated_${pod.metadata.uid}/load`);
  const rotated = new Set<string>();
  for (const end = Date.now() + (seconds + 15) * 1000; Date.now() < end; await sleep(300)) {
    for (const { name } of Deno.readDirSync(folder)) {
      const stamp = /\.log\.(\d{8}-\d{6})/.exec(name);
      if (stamp !== null) rotated.add(stamp[1]);
    }
  }
  const found = await fate(bed, "rotated", lines);
  const { memory } = await bed.agentStatus(await bed.agentPid());
  report(`the kubelet rotated ${rotated.size} times; ${memory}`);
  assert.ok(rotated.size >= 3, "too few rotations to show anything");
  assert.deepEqual([found.lostCount, found.disorder], [0, 0]);
  const began = performance.now();
  await bed.cluster.kubectl(["delete", "pod", "rotated", "--wait=true"]);
  report(`a pod with a grace of 1 s was gone after ${Math.round(performance.now() - began)} ms`);
}

async function restarts(bed: ClusterBed): Promise<void> {
  await loadPipeline(bed);
  const before = await bed.count("load");
  const lines = await writeLoad(bed, "restarted", 40);
  await bed.pod("default", "app=load");
  await sleep(5000);
  await restartAgent(bed);
  await sleep(3000);
  const pod = await bed.pod(agentNamespace, "k8s-app=logtail-ds");
  await bed.cluster.kubectl(["-n", agentNamespace, "delete", "pod", pod.metadata.name]);
  await bed.cluster.rolledOut(agentNamespace, agentWorkload);
  await sleep(5000);
  const killed = await bed.agentPid();
  report(`${await bed.count("load") - before} of ${lines} lines had arrived when the agent was killed`);
  await bed.cluster.namespace.mustRun(["kill", "-9", killed]);
  await waitFor("the container's next start", async () => {
    const { status } = await bed.pod(agentNamespace, "k8s-app=logtail-ds");
    return status.containerStatuses[0].restartCount === 1 && status.containerStatuses[0].ready;
  }, { timeoutMs: 60_000, everyMs: 500 });
  const found = await fate(bed, "restarted", lines);
  assert.deepEqual([found.lostCount, found.disorder], [0, 0]);
  await bed.cluster.kubectl(["delete", "pod", "restarted", "--wait=true"]);
}

async function kafkaTls(bed: ClusterBed): Promise<void> {
  const { certificates, listeners } = bed.kafka;
  const { ca, clientCert, clientKey } = certificates!;
  const files = [
    `--from-file=ca.crt=${ca}`,
    `--from-file=tls.crt=${clientCert}`,
    `--from-file=tls.key=${clientKey}`,
  ];
  await bed.cluster.kubectl(["apply", "-f", `${projectRoot}/k8s/base/namespace.yaml`]);
  const create = ["-n", agentNamespace, "create", "secret", "generic", "ilogtail-kafka-tls"];
  await bed.cluster.kubectl([...create, ...files]);
  await overlay(bed, "kafka-tls", { brokers: listeners.mtls });
}

async function sidecar(bed: ClusterBed): Promise<void> {
  const { cluster, kafka } = bed;
  await kafka.createTopic("web-log");
  const folder = bed.writeOverlay("sidecar", { brokersIn: "web-denotail" });
  const level = "pod-security.kubernetes.io/enforce";
  await cluster.kubectl(["label", "namespace", "default", `${level}=restricted`]);
  await cluster.applyFolder(folder);
  await cluster.rolledOut("default", "deployment/web");
  await cluster.kubectl(["label", "namespace", "default", `${level}-`]);
  const pod = await bed.pod("default", "app=web");
  await settledCount(kafka, "web-log", 5, { quietMs: 0 });
  const { memory, rights } = await bed.agentStatus(await bed.agentPid("default", "app=web"));
  assert.deepEqual(rights, { capabilities: 0n, seccomp: "2", noNewPrivileges: "1" });
  const deletedAt = Date.now();
  await cluster.kubectl(["delete", "-k", folder]);
  await bed.podsGone("default", ["-l", "app=web"]);
  const goneMs = Date.now() - deletedAt;
  let last = 0;
  const events = await bed.events("web-log", 0, 5);
  for (const event of events) {
    const at = Date.parse(fieldOf(event, "content").replace(/ hello$/, ""));
    assert.ok(last === 0 || at - last <= 3000, `a line each second: nothing between ${last} and ${at}`);
    assert.equal(fieldOf(event, "__tag__:POD_NAME"), pod.metadata.name);
    last = at;
  }
  assert.ok(
    last >= deletedAt - 2000,
    `the last line is ${deletedAt - last} ms older than the end of the pod`,
  );
  report(`sidecar: ${events.length} events, ${memory}; gone ${goneMs} ms after it was deleted`);
}

/** The tutorial from its first step to its last; of its files only `image:` and the brokers are changed. */
async function tutorial(bed: ClusterBed): Promise<void> {
  const { cluster, kafka } = bed;
  await cluster.kubectl(["delete", "-k", `${projectRoot}/k8s/examples`, "--ignore-not-found"]);
  await bed.podsGone("default");
  await cluster.kubectl(["delete", "namespace", agentNamespace, "--ignore-not-found"]);
  const text = (name: string) =>
    seedText(name).replace(/<kafka_host>:<kafka_port>|39\.99\.61\.125:9092/g, kafka.bootstrap);
  const daemonSet = text("ilogtail-daemonset.yaml");

  await bed.apply(
    JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name: agentNamespace } }),
  );
  await bed.apply(text("ilogtail-user-configmap.yaml"));
  const began = performance.now();
  await bed.apply(daemonSet.replace(imageOf(daemonSet), agentImage));
  await cluster.rolledOut(agentNamespace, agentWorkload);
  report(
    `the tutorial's DaemonSet was rolled out ${
      Math.round(performance.now() - began)
    } ms behind 'kubectl apply'`,
  );
  await bed.apply(text("nginx-deployment.yaml"));
  await exampleEvents(bed, "raw");

  // Step four shows only the lines that replace others of the ConfigMap.
  const rest = text("ilogtail-user-configmap.yaml").replace(/^ {2}nginx_stdout\.yaml: [^]*?(?=^ {2}\w)/m, "");
  await bed.apply(rest.replace(/^data:\n/m, (data) => data + text("ilogtail-user-configmap-processor.yaml")));
  await restartAgent(bed);
  await exampleEvents(bed, "parsed");

  await bed.apply(text("ilogtail-user-configmap-json.yaml"));
  await restartAgent(bed);
  await bed.apply(text("json-log-deployment.yaml"));
  await jsonEvents(bed);
  const { memory } = await bed.agentStatus(await bed.agentPid());
  report(`the tutorial's own manifests: ${memory}`);
}
