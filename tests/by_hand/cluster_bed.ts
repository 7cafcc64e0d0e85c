/** One cluster with a registry and a broker, and the agent in it, for the by-hand suite. */
import { load } from "js-yaml";
import { type FromPod } from "../e2e/tutorial_expect.ts";
import { makeNodeAddress, startCluster, type TestCluster } from "../support/cluster.ts";
import { alpineImage, busyboxImage, nginxImage, pauseImage, writeImages } from "../support/images.ts";
import { startKafka, type TestKafka } from "../support/kafka.ts";
import { projectRoot } from "../support/paths.ts";
import { mustRun, scratchFolder, waitFor } from "../support/process.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { settledCount, type SlsEvent, slsEvent } from "../support/verify.ts";
import { clusterAgentArchive, clusterInput, clusterPrograms } from "./cluster_inputs.ts";

/** The tutorial's names, which the base keeps. */
export const agentNamespace = "ilogtail";
export const agentWorkload = "daemonset/ilogtail-ds";

/** The agent's image as the manifests that are tried name it. */
export const agentImage = "registry.example.com/denotail:1";

/** What an overlay of the user's own says. */
export interface OverlayChanges {
  /** Default: the broker. */
  brokers?: string;
  /** The ConfigMap with the brokers. */
  brokersIn?: string;
  /** File name -> YAML text. */
  pipelines?: Record<string, string>;
}

/** See {@linkcode ClusterBed.agentStatus}. */
export interface AgentStatus {
  /** For a report. */
  memory: string;
  /** Effective capabilities as bits; `seccomp` is 2 under a filter. */
  rights: { capabilities: bigint; seccomp: string; noNewPrivileges: string };
}

/** Starts everything; the images of the tutorial are in the registry, the agent's too. */
export async function startClusterBed(): Promise<ClusterBed> {
  const scratch = scratchFolder("cluster");
  const registry = startRegistry(`${scratch}/registry`);
  registry.writeHosts(`${scratch}/hosts`);
  const recipes = [await pauseImage(), await busyboxImage(), await nginxImage(), await alpineImage()];
  recipes.push(await busyboxImage("docker.io/library/busybox:1.36"));
  for (const archive of await writeImages(`${scratch}/images`, recipes)) await registry.add(archive);
  await registry.add(clusterInput(clusterAgentArchive), [agentImage]);
  await mustRun(["cp", "-r", `${projectRoot}/k8s`, scratch]);
  // Pods with a network of their own reach it at the node's address.
  const kafka = await startKafka({ host: await makeNodeAddress(), secure: true });
  const cluster = await startCluster({
    programs: clusterInput(clusterPrograms),
    registryHosts: `${scratch}/hosts`,
    rotation: { maxSize: "1Mi", maxFiles: 5 },
  });
  return new ClusterBed(scratch, registry, kafka, cluster);
}

/** See {@linkcode startClusterBed}. */
export class ClusterBed {
  constructor(
    readonly scratch: string,
    readonly registry: TestRegistry,
    readonly kafka: TestKafka,
    readonly cluster: TestCluster,
  ) {}

  /**
   * A copy of k8s/ with an overlay on top of `overlays/<name>` as k8s/README.md shows it: where the image is, and where
   * the broker. `pipelines` are put beside those of the base. Gives its folder.
   */
  writeOverlay(name: string, changes: OverlayChanges = {}): string {
    const { brokers = this.kafka.bootstrap, brokersIn = "ilogtail-kafka", pipelines = {} } = changes;
    const folder = `${this.scratch}/k8s/try-${name}`;
    Deno.mkdirSync(folder, { recursive: true });
    const replace = [{ op: "replace", path: "/data/KAFKA_BROKERS", value: brokers }];
    const add = Object.entries(pipelines).map(([file, value]) => ({
      op: "add",
      path: `/data/${file}`,
      value,
    }));
    const patches = [
      { target: { kind: "ConfigMap", name: brokersIn }, patch: JSON.stringify(replace) },
      { target: { kind: "ConfigMap", name: "ilogtail-user-cm" }, patch: JSON.stringify(add) },
    ];
    const kustomization = {
      resources: [`../overlays/${name}`],
      images: [{ name: "denotail", newName: agentImage.split(":")[0], newTag: agentImage.split(":")[1] }],
      patches: patches.filter((patch) => patch.patch !== "[]"),
    };
    Deno.writeTextFileSync(`${folder}/kustomization.yaml`, JSON.stringify(kustomization));
    return folder;
  }

  /** `kubectl apply -f -`. */
  async apply(text: string): Promise<void> {
    await this.cluster.kubectl(["apply", "-f", "-"], { stdin: text });
  }

  /** The only pod with this label, once it is there and none of its kind is on its way out. */
  // deno-lint-ignore no-explicit-any
  async pod(namespace: string, label: string): Promise<any> {
    return await waitFor(`one pod with ${label}`, async () => {
      const pods = await this.cluster.get(["pods", "-n", namespace, "-l", label]);
      return pods.length === 1 && pods[0].status.phase === "Running" && pods[0];
    }, { timeoutMs: 120_000, everyMs: 300 });
  }

  /** Waits until a namespace has no pod: deleting a Deployment does not wait for its pods, which take their grace. */
  async podsGone(namespace: string, selection: string[] = []): Promise<void> {
    await waitFor(`the end of all pods of '${namespace}'`, async () => {
      return (await this.cluster.get(["pods", "-n", namespace, ...selection])).length === 0;
    }, { timeoutMs: 120_000, everyMs: 500 });
  }

  /** What events from a pod's first container say about their origin. */
  async origin(namespace: string, label: string): Promise<FromPod> {
    const pod = await this.pod(namespace, label);
    const [container] = pod.spec.containers;
    return {
      image: fullName(container.image),
      container: container.name,
      pod: pod.metadata.name,
      namespace,
      uid: pod.metadata.uid,
      ip: pod.status.podIP,
    };
  }

  /** Number of records in a topic. */
  async count(topic: string): Promise<number> {
    return (await this.kafka.endOffsets(topic)).reduce((sum, offset) => sum + offset, 0);
  }

  /** Events of a topic from an offset on, once there are `least` of them and no more come. */
  async events(topic: string, from: number, least: number): Promise<SlsEvent[]> {
    await settledCount(this.kafka, topic, from + least);
    return (await this.kafka.consume(topic, { from })).map(slsEvent);
  }

  /** The process of the container `logtail` of a pod; its pid as seen inside. */
  async agentPid(namespace = agentNamespace, label = "k8s-app=logtail-ds"): Promise<string> {
    const { status: { initContainerStatuses = [], containerStatuses } } = await this.pod(namespace, label);
    // deno-lint-ignore no-explicit-any
    const own = [...initContainerStatuses, ...containerStatuses].find(({ name }: any) => name === "logtail");
    const id = own.containerID.replace("containerd://", "");
    const tasks = await this.cluster.containerd.ctr(["tasks", "ls"]);
    return new RegExp(`^${id}\\s+(\\d+)`, "m").exec(tasks)![1];
  }

  /** What the kernel says about a process: memory and rights. */
  async agentStatus(pid: string): Promise<AgentStatus> {
    const status = await this.cluster.namespace.mustRun(["cat", `/proc/${pid}/status`]);
    const text = (name: string) => new RegExp(`^${name}:\\s*(\\w+)`, "m").exec(status)![1];
    const mib = (name: string) => Math.round(Number(text(name)) / 1024);
    const capabilities = BigInt(`0x${text("CapEff")}`);
    const rights = { capabilities, seccomp: text("Seccomp"), noNewPrivileges: text("NoNewPrivs") };
    return { memory: `RSS ${mib("VmRSS")} MiB, peak ${mib("VmHWM")} MiB`, rights };
  }

  /** What the agent said, for a step that fails. */
  async agentLog(): Promise<string> {
    const now = await this.cluster.run(["-n", agentNamespace, "logs", agentWorkload, "--tail=60"]);
    return now.stdout + now.stderr;
  }

  /** Ends all of it. */
  async end(): Promise<void> {
    await this.cluster.end();
    await this.kafka.dispose();
    await this.registry.end();
  }
}

/** An image's name as runtimes complete it. */
export function fullName(image: string): string {
  const tagged = /:[^/]+$/.test(image) ? image : `${image}:latest`;
  if (!tagged.includes("/")) return `docker.io/library/${tagged}`;
  return /^[^/]*[.:][^/]*\//.test(tagged) ? tagged : `docker.io/${tagged}`;
}

/** The image that a DaemonSet asks for. */
export function imageOf(daemonSet: string): string {
  // deno-lint-ignore no-explicit-any
  return (load(daemonSet) as any).spec.template.spec.containers[0].image;
}
