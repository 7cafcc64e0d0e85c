/**
 * The overlays with listed folders: the tutorial's events arrive when the agent's host root holds the folders that
 * the manifests name, and nothing else. The list is read from what kustomize makes of them.
 */
import assert from "node:assert/strict";
import { agentPod, mounts } from "../k8s/agent_pods.ts";
import type { TestAgent } from "../support/agent.ts";
import type { Container, Pod } from "../support/cri_driver.ts";
import { alpineImage, tags } from "../support/images.ts";
import { buildManifests } from "../support/kustomize.ts";
import { seedContainer, seedPipelines } from "../support/seed.ts";
import { need } from "../support/system.ts";
import { settledCount } from "../support/verify.ts";
import { AgentBed, filePipeline, stdoutPipeline } from "./agent_bed.ts";
import { jsonTutorial, nginxTutorial } from "./tutorial_docker.ts";
import { assertJsonEvent, consumed, type FromPod } from "./tutorial_expect.ts";

const bed = new AgentBed();
const test = bed.tests(await need("kafka", "containerd", "docker", "kustomize"));

/**
 * A host root with the folders of an overlay. `places` tells where the bed has what lies at a usual place: runtimes
 * and pods have their folders in the scratch folder.
 */
async function listedRoot(
  overlay: string,
  places: (folder: string) => Readonly<Record<string, readonly string[]>>,
): Promise<string> {
  const namespace = await bed.namespace();
  const root = `${namespace.folder}/listed-${overlay}`;
  const moved = places(namespace.folder);
  const script = `set -e
if [ -d "$1" ]; then mkdir -p "$2"; else mkdir -p "\${2%/*}"; touch "$2"; fi
mount --rbind "$1" "$2"
mount --make-rslave "$2"
mount -o remount,bind,ro "$2"`;
  for (const { path, volume } of mounts(agentPod(await buildManifests(`overlays/${overlay}`)))) {
    if (!path.startsWith("/logtail_host/")) continue;
    for (const source of moved[volume.hostPath.path] ?? [volume.hostPath.path]) {
      await namespace.mustRun(["sh", "-c", script, "sh", source, `${root}${source}`]);
    }
  }
  return root;
}

/** The paths at the host root, the roots of the mounts in it. */
async function visible(root: string): Promise<string[]> {
  const namespace = await bed.namespace();
  return (await namespace.mustRun(["ls", root])).trim().split("\n");
}

function assertNothingHidden(agent: TestAgent): void {
  const said = agent.logLines().filter(({ level }) => level === "warn" || level === "error");
  assert.deepEqual(said.map(({ text }) => text), []);
}

test("run delivers the tutorial's events when it sees the listed folders of a node with Docker", async () => {
  const [kafka, docker, namespace] = [await bed.kafka(), await bed.docker(), await bed.namespace()];
  Deno.mkdirSync(`${namespace.folder}/kubelet/pods`, { recursive: true });
  const root = await listedRoot("strict-docker", (folder) => ({
    "/var/lib/docker": [`${folder}/tmp/docker/data`],
    "/var/lib/kubelet/pods": [`${folder}/kubelet/pods`],
  }));
  assert.deepEqual(await visible(root), ["proc", "run", namespace.folder.split("/")[1]]);
  const agents: TestAgent[] = [];
  const agent = async (pipelines: Record<string, string>) => {
    const flags = [`--docker-socket=${root}/run/docker.sock`, "--cri-socket=off"];
    agents.push(await bed.agent({ pipelines, hostRoot: root, flags }));
    return agents[agents.length - 1];
  };
  await nginxTutorial({ kafka, docker, agent });
  await jsonTutorial({ kafka, docker, agent });
  for (const one of agents) assertNothingHidden(one);
});

test("run delivers stdout, files and files of volumes when it sees the listed folders of a node with containerd", async () => {
  const kafka = await bed.kafka();
  const containerd = await bed.containerd();
  const { cri } = containerd;
  const namespace = await bed.namespace();
  await containerd.load(await alpineImage());
  Deno.mkdirSync(`${namespace.folder}/kubelet/pods`, { recursive: true });
  const root = await listedRoot("strict", (folder) => ({
    // containerd's state lies beside its socket, save in the bed.
    "/run/containerd": ["/run/containerd", `${folder}/tmp/containerd/state`],
    "/var/lib/containerd": [`${folder}/tmp/containerd/root`],
    "/var/lib/kubelet/pods": [`${folder}/kubelet/pods`],
  }));
  const [stdout, inside, volume] = [
    await bed.topic("stdout"),
    await bed.topic("file"),
    await bed.topic("vol"),
  ];
  const [json] = Object.values(seedPipelines("ilogtail-user-configmap-json.yaml", kafka.bootstrap));
  const agent = await bed.agent({
    pipelines: {
      stdout: stdoutPipeline(kafka.bootstrap, stdout, ["K8sPodRegex: ^(printer)$"]),
      inside: json.replace("Topic: json-log", `Topic: ${inside}`),
      volume: filePipeline("/data", "app.log", kafka.bootstrap, volume, ["DockerFile: true"]),
    },
    hostRoot: root,
    flags: ["--docker-socket=off", `--cri-socket=${root}/run/containerd/containerd.sock`],
  });

  const printer = await cri.runPod({ name: "printer" });
  await cri.runContainer(printer, {
    name: "printer",
    image: tags.busybox,
    command: ["sh", "-c", "echo one; echo two >&2; sleep 1000"],
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
  const writer = await cri.runPod({ name: "writer" });
  const emptyDir = `${writer.podFolder}/volumes/kubernetes.io~empty-dir/data`;
  Deno.mkdirSync(emptyDir, { recursive: true });
  // A volume is mounted when its pod comes: later than the agent's own view of the node.
  await namespace.mustRun(["mount", "-t", "tmpfs", "tmpfs", emptyDir]);
  await cri.runContainer(writer, {
    name: "writer",
    image: tags.busybox,
    command: ["sh", "-c", "while :; do echo in a volume >>/data/app.log; sleep 0.5; done"],
    mounts: [{ hostPath: emptyDir, containerPath: "/data" }],
  });

  assert.equal(await settledCount(kafka, stdout, 2), 2);
  await settledCount(kafka, inside, 1, { quietMs: 0 });
  for (const event of await consumed(kafka, inside, 1)) assertJsonEvent(event, fromPod(pod, container));
  await settledCount(kafka, volume, 1, { quietMs: 0 });
  assert.equal(await agent.stop(), 0);
  assertNothingHidden(agent);
  for (const one of [printer, pod, writer]) await cri.removePod(one);
});

function fromPod(pod: Pod, container: Container): FromPod {
  const { name, namespace, uid, ip } = pod;
  return { image: container.spec.image, container: container.spec.name, pod: name, namespace, uid, ip };
}
