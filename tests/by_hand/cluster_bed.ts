/** One cluster with a registry and a broker, and the agent in it, for the by-hand suite. */
import { load } from "js-yaml";
import { type FromPod } from "../e2e/tutorial_expect.ts";
import { startCluster, type TestCluster } from "../support/cluster.ts";
import { alpineImage, busyboxImage, nginxImage, pauseImage, writeImages } from "../support/images.ts";
import { startKafka, type TestKafka } from "../support/kafka.ts";
import { projectRoot } from "../support/paths.ts";
import { mustRun, scratchFolder, waitFor } from "../support/process.ts";
import { startRegistry, type TestRegistry } from "../support/registry.ts";
import { clusterAgentArchive, clusterInput, clusterPrograms } from "./cluster_inputs.ts";

/** The tutorial's names, which the base keeps. */
export const agentNamespace = "ilogtail";
export const agentWorkload = "daemonset/ilogtail-ds";

/** Memory of the agent in MiB. */
export interface AgentMemory {
  rss: number;
  peak: number;
}

/** Starts everything; the images of the tutorial are in the registry, the agent's too. */
export async function startClusterBed(): Promise<ClusterBed> {
  const scratch = scratchFolder("cluster");
  const registry = startRegistry(`${scratch}/registry`);
  registry.writeHosts(`${scratch}/hosts`);
  const recipes = [await pauseImage(), await busyboxImage(), await nginxImage(), await alpineImage()];
  for (const archive of await writeImages(`${scratch}/images`, recipes)) await registry.add(archive);
  const kafka = await startKafka();
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

  /** Puts the agent's image into the registry under the name that a manifest asks for. */
  async serveAgentAs(image: string): Promise<void> {
    await this.registry.add(clusterInput(clusterAgentArchive), [fullName(image)]);
  }

  /**
   * A copy of k8s/ with one more overlay on top of `overlays/<name>`, which says where the broker is. `pipelines` are
   * put beside those of the base. Gives the overlay's folder.
   */
  async writeOverlay(name: string, pipelines: Record<string, string> = {}): Promise<string> {
    const copy = `${this.scratch}/k8s`;
    await mustRun(["cp", "-r", `${projectRoot}/k8s/.`, copy]);
    const folder = `${copy}/try-${name}`;
    Deno.mkdirSync(folder, { recursive: true });
    const patches = [configMap("ilogtail-kafka", { KAFKA_BROKERS: this.kafka.bootstrap })];
    if (Object.keys(pipelines).length > 0) patches.push(configMap("ilogtail-user-cm", pipelines));
    const kustomization = {
      resources: [`../overlays/${name}`],
      patches: patches.map((patch) => ({ patch: JSON.stringify(patch) })),
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
  async podsGone(namespace: string): Promise<void> {
    await waitFor(`the end of all pods of '${namespace}'`, async () => {
      return (await this.cluster.get(["pods", "-n", namespace])).length === 0;
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

  /** Memory of the agent's process, as the kernel tells it. */
  async agentMemory(): Promise<AgentMemory> {
    const pod = await this.pod(agentNamespace, "k8s-app=logtail-ds");
    const id = pod.status.containerStatuses[0].containerID.replace("containerd://", "");
    const tasks = await this.cluster.containerd.ctr(["tasks", "ls"]);
    const pid = new RegExp(`^${id}\\s+(\\d+)`, "m").exec(tasks)![1];
    const status = await this.cluster.namespace.mustRun(["cat", `/proc/${pid}/status`]);
    const mib = (name: string) =>
      Math.round(Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(status)![1]) / 1024);
    return { rss: mib("VmRSS"), peak: mib("VmHWM") };
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

function configMap(name: string, data: Record<string, string>): unknown {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: agentNamespace }, data };
}

/** An image's name as runtimes complete it. */
export function fullName(image: string): string {
  const tagged = /:[^/]+$/.test(image) ? image : `${image}:latest`;
  if (!tagged.includes("/")) return `docker.io/library/${tagged}`;
  return /^[^/]*[.:][^/]*\//.test(tagged) ? tagged : `docker.io/${tagged}`;
}

/** The image that a manifest's first workload with this label asks for. */
export function imageOf(daemonSet: string): string {
  // deno-lint-ignore no-explicit-any
  return (load(daemonSet) as any).spec.template.spec.containers[0].image;
}
