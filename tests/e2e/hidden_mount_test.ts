/** A container's volume that is not visible below the host root: said once, with container, mount and path. */
import assert from "node:assert/strict";
import type { MountSpec } from "../support/cri_driver.ts";
import { tags } from "../support/images.ts";
import { sleep, waitFor } from "../support/process.ts";
import { need } from "../support/system.ts";
import { settledCount } from "../support/verify.ts";
import { AgentBed, filePipeline } from "./agent_bed.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "containerd"));

/** Starts a container that logs into a volume and to a folder of its own. */
async function volumeWriter(name: string, mount: MountSpec) {
  const { cri } = await bed.containerd();
  const pod = await cri.runPod({ name });
  const script = `mkdir -p /root/log; while :; do echo hidden >>${mount.containerPath}/app.log; ` +
    "echo visible >>/root/log/app.log; sleep 0.2; done";
  await cri.runContainer(pod, {
    name,
    image: tags.busybox,
    command: ["sh", "-c", script],
    mounts: [mount],
  });
  return pod;
}

/** Runs an agent on the volume and the folder; gives the warnings about the volume. */
async function warningsAbout(name: string, source: string) {
  const kafka = await bed.kafka();
  const topic = await bed.topic(name);
  const only = ["DockerFile: true", "ContainerInfo:", `  K8sPodRegex: "^(${name})$"`];
  const agent = await bed.agent({
    pipelines: {
      volume: filePipeline("/data", "app.log", kafka.bootstrap, topic, only),
      own: filePipeline("/root/log", "app.log", kafka.bootstrap, topic, only),
    },
  });
  await settledCount(kafka, topic, 5, { quietMs: 0 });
  const found = await waitFor("a warning", () => {
    const lines = agent.logged(source).filter((line) => line.level === "warn");
    return lines.length > 0 && lines;
  });
  await sleep(1500);
  assert.equal(await agent.stop(), 0);
  assert.equal(
    agent.logged(source).filter((line) => line.level === "warn").length,
    found.length,
    "said again",
  );
  const texts = await kafka.consumeText(topic);
  assert.ok(texts.every((text) => text.includes("visible")), "nothing of the hidden volume can arrive");
  return found;
}

test("run names container, mount and path once when a volume's folder is not below the host root", async () => {
  const namespace = await bed.namespace();
  const { cri } = await bed.containerd();
  const hostRoot = await namespace.hostRoot();
  // A folder that exists for the runtime only: an empty file system covers its parent below the host root.
  const parent = `${namespace.folder}/tmp/unseen`;
  const source = `${parent}/volume`;
  Deno.mkdirSync(source, { recursive: true });
  await namespace.mustRun(["mount", "-t", "tmpfs", "tmpfs", `${hostRoot}${parent}`]);
  const pod = await volumeWriter("unseen", { hostPath: source, containerPath: "/data" });
  const [warning, ...more] = await warningsAbout("unseen", source);
  assert.equal(more.length, 0);
  assert.equal(warning.container, "unseen");
  assert.equal(warning.mount, source);
  assert.equal(warning.path, "/data");
  await namespace.mustRun(["umount", `${hostRoot}${parent}`]);
  await cri.removePod(pod);
});

test("run names container, mount and path once when the host root shows another file system at a volume's place", async () => {
  const namespace = await bed.namespace();
  const { cri } = await bed.containerd();
  const hostRoot = await namespace.hostRoot();
  // As with a volume that was mounted later than a host root without propagation: the folder is there, and empty.
  const source = `${namespace.folder}/tmp/late-volume`;
  Deno.mkdirSync(source);
  await namespace.mustRun(["mount", "-t", "tmpfs", "tmpfs", source]);
  await namespace.mustRun(["umount", `${hostRoot}${source}`]);
  const pod = await volumeWriter("late", { hostPath: source, containerPath: "/data" });
  const [warning, ...more] = await warningsAbout("late", source);
  assert.equal(more.length, 0);
  assert.equal(warning.container, "late");
  assert.equal(warning.mount, source);
  assert.equal(warning.path, "/data");
  await cri.removePod(pod);
});
