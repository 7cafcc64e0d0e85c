/** The agent as a process of its own, on files of a runtime it does not need, and what the kernel says it took. */
import { V8_FLAGS } from "../../src/cli/permissions.ts";
import { mustRun, removeFolder, sleep } from "../support/process.ts";
import { projectRoot } from "../support/paths.ts";
import { MeasuredProcess, type ProcessCost, readOr } from "./measured_process.ts";

/** A container's log file, as static container info names it. */
export interface BenchContainer {
  id: string;
  name: string;
  pod: string;
  logPath: string;
}

/** One run of the agent. */
export interface BenchAgentOptions {
  /** An empty folder for configuration, checkpoint and logs. */
  folder: string;
  /** Text of the only pipeline, or of several by their file's stem. */
  pipeline: string | Record<string, string>;
  containers: BenchContainer[];
  flags?: string[];
  v8Flags?: string;
  /** See {@linkcode MeasuredOptions.cgroupProcs}. */
  cgroupProcs?: string;
}

/** See the module comment. */
export class BenchAgent {
  readonly #folder: string;
  readonly #process: MeasuredProcess;

  private constructor(folder: string, process: MeasuredProcess) {
    this.#folder = folder;
    this.#process = process;
  }

  /** Starts it; returns as soon as the process is there. */
  static async start(options: BenchAgentOptions): Promise<BenchAgent> {
    const { folder, pipeline, containers, flags = [], v8Flags = V8_FLAGS.join(","), cgroupProcs } = options;
    Deno.mkdirSync(`${folder}/config`, { recursive: true });
    Deno.mkdirSync(`${folder}/checkpoint`, { recursive: true });
    const pipelines = typeof pipeline === "string" ? { bench: pipeline } : pipeline;
    for (const [stem, text] of Object.entries(pipelines)) {
      Deno.writeTextFileSync(`${folder}/config/${stem}.yaml`, text);
    }
    Deno.writeTextFileSync(`${folder}/containers.json`, staticInfo(containers));
    const command = [
      ...[Deno.execPath(), "run", "-A", `--v8-flags=${v8Flags}`, `${projectRoot}/main.ts`, "run"],
      ...[`--config-dir=${folder}/config`, `--checkpoint=${folder}/checkpoint`, "--host-root=/"],
      ...[`--static-containers=${folder}/containers.json`, "--from-start", "--metrics=off"],
      // No runtime of this machine may join in.
      ...[`--docker-socket=${folder}/none.sock`, `--cri-socket=${folder}/none.sock`],
      ...flags,
    ];
    return new BenchAgent(folder, await MeasuredProcess.start({ command, folder, cgroupProcs }));
  }

  get pid(): number {
    return this.#process.pid;
  }

  get logFile(): string {
    return this.#process.logFile;
  }

  /** Milliseconds since the start. */
  get elapsedMs(): number {
    return this.#process.elapsedMs;
  }

  /** CPU seconds and memory so far. */
  figures(): ReturnType<MeasuredProcess["figures"]> {
    return this.#process.figures();
  }

  /** SIGTERM, then what the whole run took. */
  stop(): Promise<ProcessCost> {
    return this.#process.stop();
  }

  /** Ends it whatever it does, and removes its folder. */
  async dispose(): Promise<void> {
    await this.#process.dispose();
    await sleep(20);
    removeFolder(this.#folder);
  }
}

/** The form of iLogtail's static container info. */
function staticInfo(containers: BenchContainer[]): string {
  return JSON.stringify(containers.map((container) => ({
    ID: container.id,
    Name: container.name,
    Image: "docker.io/library/nginx:latest",
    HostName: "node-1",
    IP: "10.223.0.154",
    LogPath: container.logPath,
    LogType: "json-file",
    Labels: {
      "io.kubernetes.container.name": container.name,
      "io.kubernetes.pod.name": container.pod,
      "io.kubernetes.pod.namespace": "default",
      "io.kubernetes.pod.uid": POD_UID,
    },
    Env: {},
    Mounts: [],
    State: { Status: "running", Pid: 0 },
  })));
}

const POD_UID = "07f75a79-da69-40ac-ae2b-77a632929cc6";

/** Fields that every event of a container carries. */
export function containerFields(container: BenchContainer): [string, string][] {
  return [
    ["_image_name_", "docker.io/library/nginx:latest"],
    ["_container_name_", container.name],
    ["_pod_name_", container.pod],
    ["_namespace_", "default"],
    ["_pod_uid_", POD_UID],
    ["_container_ip_", "10.223.0.154"],
  ];
}

/** Version of the operating system's kernel and the processor's name, without anything that names the machine. */
export async function machine(): Promise<
  { processor: string; cores: number; kernel: string; memoryGiB: number }
> {
  const model = /^model name\s*:\s*(.+)$/m.exec(readOr("/proc/cpuinfo"))?.[1] ?? Deno.build.arch;
  const kernel = /^\S+ \d+\.\d+/.exec(await mustRun(["uname", "-sr"]))?.[0] ?? Deno.build.os;
  const kib = Number(/^MemTotal:\s*(\d+)/m.exec(readOr("/proc/meminfo"))?.[1] ?? 0);
  return {
    processor: model,
    cores: navigator.hardwareConcurrency,
    kernel,
    memoryGiB: Math.round(kib / 1048576),
  };
}
