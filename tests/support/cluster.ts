/**
 * A real Kubernetes with one node: etcd, API server, controller manager, scheduler and kubelet, on the containerd of a
 * namespace of the bed. No kube-proxy, no DNS.
 *
 * The caller runs in a network of its own (see tests/by_hand/cluster.ts): pods with `hostNetwork` listen on fixed ports.
 */
import { type ClusterPlaces, kubeletConfig, type LogRotation, makeClusterFiles } from "./cluster_config.ts";
import { startContainerd, type TestContainerd } from "./containerd.ts";
import { type InsideProcess, type Namespace, startNamespace } from "./namespace.ts";
import {
  atExit,
  exists,
  freePorts,
  logTail,
  mustRun,
  run,
  type RunOptions,
  type RunResult,
  waitFor,
} from "./process.ts";
import { findProgram } from "./system.ts";

/** What {@linkcode startCluster} needs. */
export interface ClusterOptions {
  /** Folder of the programs of Kubernetes. */
  programs: string;
  /** See {@linkcode ContainerdOptions.registryHosts}. */
  registryHosts: string;
  rotation: LogRotation;
}

/** Settings of the kernel that a kubelet changes for the whole machine. */
const kernelSettings = [
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
];

/** Starts everything and waits until the node is ready. */
export async function startCluster(options: ClusterOptions): Promise<TestCluster> {
  const namespace = await startNamespace();
  await protectMachine(namespace);
  const { registryHosts } = options;
  const containerd = await startContainerd({ namespace, registryHosts, usualFolders: true });
  const cluster = new TestCluster(namespace, containerd, options.programs, await places(namespace));
  try {
    await cluster.start(options.rotation);
  } catch (error) {
    await cluster.end();
    throw error;
  }
  return cluster;
}

/** An address of the node's own, which pods reach and a kubelet accepts; made at the first call. Gives it. */
export async function makeNodeAddress(): Promise<string> {
  const address = "10.96.255.1";
  const name = "node0";
  if ((await run(["ip", "link", "show", name])).code === 0) return address;
  await mustRun(["ip", "link", "add", name, "type", "bridge"]);
  await mustRun(["ip", "addr", "add", `${address}/32`, "dev", name]);
  await mustRun(["ip", "link", "set", name, "up"]);
  return address;
}

/** Where volumes of the kind hostPath are made, and kubelets keep files, lie scratch folders. */
async function protectMachine(namespace: Namespace): Promise<void> {
  const { folder } = namespace;
  for (const name of ["var-lib", "usr-lib", "usr-lib-work"]) Deno.mkdirSync(`${folder}/${name}`);
  await namespace.mustRun(["mount", "--bind", `${folder}/var-lib`, "/var/lib"]);
  // The tutorial's checkpoint is in /lib/var.
  const layers = `lowerdir=/usr/lib,upperdir=${folder}/usr-lib,workdir=${folder}/usr-lib-work`;
  await namespace.mustRun(["mount", "-t", "overlay", "-o", layers, "overlay", "/usr/lib"]);
}

async function places(namespace: Namespace): Promise<ClusterPlaces> {
  const folder = `${namespace.folder}/cluster`;
  Deno.mkdirSync(folder);
  const [apiPort, etcdPort, etcdPeerPort, kubeletPort, kubeletHealthPort, controllerPort, schedulerPort] =
    freePorts(7);
  const nodeAddress = await makeNodeAddress();
  const ports = {
    apiPort,
    etcdPort,
    etcdPeerPort,
    kubeletPort,
    kubeletHealthPort,
    controllerPort,
    schedulerPort,
  };
  return { folder, nodeName: "node-1", nodeAddress, cgroupRoot: namespace.uniqueName, ...ports };
}

/** See {@linkcode startCluster}. */
export class TestCluster {
  private readonly running: { name: string; process: InsideProcess }[] = [];
  private readonly settings = new Map<string, string>();

  constructor(
    readonly namespace: Namespace,
    readonly containerd: TestContainerd,
    private readonly programs: string,
    readonly places: ClusterPlaces,
  ) {}

  /** Starts the programs one behind the other. */
  async start(rotation: LogRotation): Promise<void> {
    const { places } = this;
    const { folder } = places;
    await makeClusterFiles(places);
    Deno.writeTextFileSync(`${folder}/kubelet.json`, JSON.stringify(kubeletConfig(places, rotation)));
    await this.startEtcd();
    await this.startApiServer();
    const admin = `${folder}/admin.kubeconfig`;
    const local = ["--leader-elect=false", "--bind-address=127.0.0.1", `--kubeconfig=${admin}`];
    await this.launch("kube-controller-manager", [
      ...local,
      `--secure-port=${places.controllerPort}`,
      `--cert-dir=${folder}/controller`,
      `--root-ca-file=${folder}/ca.crt`,
      `--service-account-private-key-file=${folder}/accounts.key`,
    ]);
    await this.launch("kube-scheduler", [
      ...local,
      `--secure-port=${places.schedulerPort}`,
      `--cert-dir=${folder}/scheduler`,
    ]);
    await this.startKubelet();
    await this.awaited("the node", async () => {
      const answer = await this.run(["get", "node", places.nodeName, "-o", readyCondition]);
      if (answer.stdout !== "True") return false;
      // Pods are refused until their namespace has its account.
      return (await this.run(["-n", "default", "get", "serviceaccount", "default"])).code === 0;
    });
  }

  private async startEtcd(): Promise<void> {
    const { etcdPort, etcdPeerPort, folder } = this.places;
    const [client, peer] = [etcdPort, etcdPeerPort].map((port) => `http://127.0.0.1:${port}`);
    await this.launch(findProgram("etcd") ?? "etcd", [
      ...["--name=c", `--initial-cluster=c=${peer}`, `--data-dir=${folder}/etcd`, "--unsafe-no-fsync"],
      ...[`--listen-client-urls=${client}`, `--advertise-client-urls=${client}`],
      ...[`--listen-peer-urls=${peer}`, `--initial-advertise-peer-urls=${peer}`],
    ]);
  }

  private async startApiServer(): Promise<void> {
    const { folder, etcdPort, apiPort, nodeAddress } = this.places;
    await this.launch("kube-apiserver", [
      ...[`--etcd-servers=http://127.0.0.1:${etcdPort}`, `--secure-port=${apiPort}`],
      ...["--bind-address=0.0.0.0", `--advertise-address=${nodeAddress}`, "--endpoint-reconciler-type=none"],
      ...[`--tls-cert-file=${folder}/apiserver.crt`, `--tls-private-key-file=${folder}/apiserver.key`],
      ...[`--client-ca-file=${folder}/ca.crt`, "--authorization-mode=Node,RBAC", "--allow-privileged"],
      ...["--service-cluster-ip-range=10.0.0.0/24", "--kubelet-preferred-address-types=InternalIP"],
      ...["--service-account-issuer=https://localhost", `--service-account-key-file=${folder}/accounts.key`],
      `--service-account-signing-key-file=${folder}/accounts.key`,
    ]);
    await this.awaited(
      "the API server",
      async () => (await this.run(["get", "--raw", "/readyz"])).code === 0,
    );
  }

  private async startKubelet(): Promise<void> {
    const { folder, nodeName, nodeAddress, cgroupRoot } = this.places;
    await makeControlGroups(cgroupRoot);
    for (const name of kernelSettings) {
      const path = `/proc/sys/${name}`;
      if (exists(path)) this.settings.set(path, Deno.readTextFileSync(path));
    }
    atExit(() => this.restoreKernel());
    await this.launch("kubelet", [
      ...[`--config=${folder}/kubelet.json`, `--kubeconfig=${folder}/kubelet.kubeconfig`],
      ...[`--root-dir=/var/lib/kubelet`, `--cert-dir=${folder}/kubelet-certificates`],
      ...[`--hostname-override=${nodeName}`, `--node-ip=${nodeAddress}`],
    ]);
  }

  private async launch(program: string, args: string[]): Promise<void> {
    const name = program.replace(/^.*\//, "");
    const logFile = `${this.places.folder}/${name}.log`;
    const path = program.includes("/") ? program : `${this.programs}/${program}`;
    this.running.push({ name, process: await this.namespace.start([path, ...args], { logFile }) });
  }

  private async awaited(what: string, probe: () => Promise<boolean>): Promise<void> {
    const look = () => {
      for (const { name, process } of this.running) {
        if (!process.alive()) throw new Error(`${name} ended:\n${logTail(process.logFile, 30)}`);
      }
      return probe();
    };
    await waitFor(what, look, { timeoutMs: 180_000, everyMs: 500 }).catch((error) => {
      throw new Error(`${error.message}\n${this.logs(10)}`);
    });
  }

  /** The last lines of all programs' logs. */
  logs(lines: number): string {
    return this.running.map(({ name, process }) => `--- ${name}\n${logTail(process.logFile, lines)}`).join(
      "\n",
    );
  }

  private command(args: string[]): string[] {
    return [`${this.programs}/kubectl`, `--kubeconfig=${this.places.folder}/admin.kubeconfig`, ...args];
  }

  /** Runs kubectl as the administrator. */
  run(args: string[], options: RunOptions = {}): Promise<RunResult> {
    return run(this.command(args), options);
  }

  /** {@linkcode run} that has to succeed; gives standard output. */
  kubectl(args: string[], options: RunOptions = {}): Promise<string> {
    return mustRun(this.command(args), options);
  }

  /** `kubectl apply -k`, which has to pass without a warning. */
  async applyFolder(folder: string): Promise<void> {
    const answer = await this.run(["apply", "-k", folder]);
    if (answer.code !== 0 || answer.stderr !== "") throw new Error(`kubectl apply -k: ${answer.stderr}`);
  }

  /** Objects of a kind, parsed: `get pods -n x -l y`. */
  // deno-lint-ignore no-explicit-any
  async get(args: string[]): Promise<any[]> {
    return JSON.parse(await this.kubectl(["get", ...args, "-o", "json"])).items;
  }

  /** Waits until a workload's pods are there, ready and of its newest form; gives the milliseconds it took. */
  async rolledOut(namespace: string, name: string, timeoutSeconds = 120): Promise<number> {
    const began = performance.now();
    const args = ["-n", namespace, "rollout", "status", name, `--timeout=${timeoutSeconds}s`];
    const answer = await this.run(args, { timeoutMs: (timeoutSeconds + 20) * 1000 });
    if (answer.code !== 0) {
      const told = await this.run(["-n", namespace, "describe", "pods"]);
      const said = await this.run(["-n", namespace, "logs", name, "--tail=30"]);
      throw new Error(`${answer.stdout}${answer.stderr}\n${told.stdout}\n${said.stdout}${said.stderr}`);
    }
    return Math.round(performance.now() - began);
  }

  /** Ends everything and gives the machine back as it was. */
  async end(): Promise<void> {
    for (const { process } of this.running.reverse()) await process.stop(10_000);
    this.restoreKernel();
    await this.containerd.teardown();
    await this.namespace.end();
  }

  private restoreKernel(): void {
    for (const [path, value] of this.settings) Deno.writeTextFileSync(path, value);
    this.settings.clear();
  }
}

const readyCondition = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';

/** The kubelet wants its root to be there in every hierarchy; under cgroup v1 a fresh cpuset is empty. */
async function makeControlGroups(name: string): Promise<void> {
  const script = `set -e; cd /sys/fs/cgroup
if [ -e cgroup.controllers ]; then mkdir -p "$1"; exit; fi
for c in */; do
  mkdir -p "$c$1" || continue
  for f in cpuset.cpus cpuset.mems; do if [ -e "$c$1/$f" ]; then cat "$c$f" >"$c$1/$f"; fi; done
done`;
  await mustRun(["sh", "-c", script, "sh", name]);
}
