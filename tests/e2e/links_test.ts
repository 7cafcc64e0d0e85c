/** A container puts links, pipes and devices where its logs are expected: never read, never waited for, named once. */
import assert from "node:assert/strict";
import { tags } from "../support/images.ts";
import { waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { fateOf, oracleRecords } from "../support/oracle.ts";
import { oracleWriter } from "../support/oracle_lines.ts";
import { fieldOf, settledCount, slsEvent } from "../support/verify.ts";
import { AgentBed, filePipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "containerd"));

const secret = "secret-of-the-host";

/** What is put into a folder of logs, each beside good.log. All of it must be refused. */
const traps: Record<string, string> = {
  "absolute.log": "ln -s /etc/shadow absolute.log",
  "climbing.log": "ln -s ../../../../../../../../../../etc/shadow climbing.log",
  "chain.log": "ln -s climbing.log chain.log",
  "environ.log": "ln -s /proc/1/environ environ.log",
  "kernel.log": "ln -s /sys/kernel/uevent_seqnum kernel.log",
  "pipe.log": "mkfifo pipe.log",
  "device.log": "mknod device.log c 1 5",
  "loop.log": "ln -s loop.log loop.log",
};

/** Folders: links to them are followed inside the container, in circles too; a folder is no log. */
const folderTraps = "ln -s /etc elsewhere; ln -s . here; ln -s .. above; mkdir folder.log";

async function secretOnHost(): Promise<void> {
  const namespace = await bed.namespace();
  const fake = `${namespace.folder}/tmp/shadow`;
  Deno.writeTextFileSync(fake, `${secret}\n`);
  await namespace.mustRun(["mount", "--bind", fake, "/etc/shadow"]);
}

test("run never reads, nor waits for, what a container links or puts in the place of logs", async () => {
  const kafka = await bed.kafka();
  const namespace = await bed.namespace();
  const { cri } = await bed.containerd();
  await secretOnHost();
  const topic = await bed.topic("traps");
  const inside = ["DockerFile: true", "MaxDepth: 5"];
  const root = filePipeline("/root/log", "*.log", kafka.bootstrap, topic, inside);
  const volume = filePipeline("/data/log", "*.log", kafka.bootstrap, topic, inside);
  const exact = filePipeline("/root/log", "exact", kafka.bootstrap, topic, ["DockerFile: true"]);
  const agent = await bed.agent({ pipelines: { root, volume, exact } });
  // The host root works: the agent could read the secret if it let itself be led there.
  assert.equal(Deno.readTextFileSync(`/proc/${agent.pid}/root${agent.hostRoot}/etc/shadow`), `${secret}\n`);

  const pod = await cri.runPod({ name: "traps" });
  const emptyDir = cri.emptyDir(pod, "data");
  const all = Object.values(traps).join("; ");
  // The own log names ten of a kind per minute; a volume and a path without wildcards are tried with one each.
  const few = ["climbing.log"];
  const writer = (source: string) =>
    oracleWriter({ stream: source, bursts: 20, perBurst: 100, pauseSeconds: 0.1, redirect: ">>good.log" });
  const script =
    `mkdir -p /root/log /data/log; cd /root/log; ${all}; ${folderTraps}; ln -s /etc/shadow exact; cd /data/log; ${
      few.map((name) => traps[name]).join("; ")
    }; ` +
    `(cd /root/log; ${writer("root")}) & cd /data/log; ${writer("volume")}; wait; sleep 1000`;
  await cri.runContainer(pod, {
    name: "app",
    image: tags.busybox,
    command: ["sh", "-c", script],
    mounts: [{ hostPath: emptyDir, containerPath: "/data" }],
  });
  await settledCount(kafka, topic, 4000);
  const records = await kafka.consume(topic);
  const numbered = oracleRecords(records);
  for (const source of ["root", "volume"]) {
    const fate = fateOf(numbered, source, 2000);
    assert.equal(fate.lostCount, 0);
    assert.equal(fate.repeats.length, 0);
  }
  const paths = new Set(records.map((record) => fieldOf(slsEvent(record), "__tag__:__path__")));
  assert.deepEqual([...paths].sort(), ["/data/log/good.log", "/root/log/good.log"]);

  const wanted = [
    ...Object.keys(traps).map((name) => `/root/log/${name}`),
    ...few.map((name) => `/data/log/${name}`),
    "/root/log/exact",
  ];
  const warned = await waitFor("a warning for each", () => {
    const lines = agent.logLines().filter((line) => line.level === "warn" && line.path !== undefined);
    return wanted.every((path) => lines.some((line) => line.path === path)) && lines;
  }).catch((error) => {
    const seen = agent.logLines().filter((line) => line.level === "warn").map((line) =>
      `${line.path} ${line.reason}`
    );
    throw new Error(`${error.message}: ${seen.join("; ")}`);
  });
  for (const path of wanted) assert.equal(warned.filter((line) => line.path === path).length, 1, path);
  assert.ok(await agent.metric("denotail_refused_files_total") >= wanted.length);
  assert.equal(agent.logText.includes(secret), false);
  assert.equal(await agent.httpStatus("/healthz"), 200);
  assert.equal(await agent.stop(), 0);
  await namespace.mustRun(["umount", "/etc/shadow"]);
  await cri.removePod(pod);
});

test("run reads nothing from outside when a file and a link change places under it", async () => {
  const kafka = await bed.kafka();
  const namespace = await bed.namespace();
  const { cri } = await bed.containerd();
  await secretOnHost();
  const topic = await bed.topic("swapped");
  const yaml = filePipeline("/root/log", "*.log", kafka.bootstrap, topic, [
    "DockerFile: true",
    "MaxDepth: 5",
    "ContainerInfo:",
    '  K8sPodRegex: "^(swapped)$"',
  ]);
  const agent = await bed.agent({ pipelines: { files: yaml } });
  const pod = await cri.runPod({ name: "swapped" });
  // A folder and a file, each replaced by a link and put back, as fast as a shell can; the good file goes on.
  const swap = "mkdir -p /root/log/sub /root/log/keep; cd /root/log; echo own >file; echo own >sub/shadow; " +
    "echo own >sub/x.log; ln -s ../../../../../../etc link; ln -s /etc/shadow l; " +
    "(while :; do cp file x.log; mv x.log a.log; ln -s /etc/shadow x.log; mv x.log a.log; done) & " +
    "(while :; do mv sub keep/sub; ln -s ../../../../../../../../etc sub; rm sub; mv keep/sub sub; done) & " +
    oracleWriter({ stream: "good", bursts: 40, perBurst: 50, pauseSeconds: 0.1, redirect: ">>good.log" });
  await cri.runContainer(pod, {
    name: "app",
    image: tags.busybox,
    command: ["sh", "-c", `${swap}; sleep 1000`],
  });
  const good = async () => {
    const contents = (await kafka.consume(topic)).map((record) => fieldOf(slsEvent(record), "content"));
    const foreign = contents.filter((content) => !content.startsWith("good ") && content !== "own");
    assert.deepEqual(foreign.slice(0, 5), []);
    return new Set(contents.filter((content) => content.startsWith("good "))).size;
  };
  await waitFor("the good file", async () => await good() === 2000, { timeoutMs: 180_000, everyMs: 500 });
  assert.equal(agent.logText.includes(secret), false);
  assert.equal(await agent.stop(), 0);
  await namespace.mustRun(["umount", "/etc/shadow"]);
  await cri.removePod(pod);
});
