/** The agent as a process of its own, on files of a runtime it does not need, and what the kernel says it took. */
import {
  atExit,
  endProcess,
  firstChild,
  isAlive,
  logTail,
  mustRun,
  removeFolder,
  signal,
  sleep,
  startDaemon,
  waitFor,
} from "../support/process.ts";
import { processFigures } from "../support/process_figures.ts";
import { projectRoot } from "../support/paths.ts";

/** As the tasks give them; see deno.json. */
export const V8_FLAGS = [
  "--enable-experimental-regexp-engine",
  "--enable-experimental-regexp-engine-on-excessive-backtracks",
  "--max-semi-space-size=4",
].join(",");

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
  /** Text of the only pipeline. */
  pipeline: string;
  containers: BenchContainer[];
  flags?: string[];
  v8Flags?: string;
}

/** What a whole run took, start and stop included. */
export interface ProcessCost {
  userSeconds: number;
  systemSeconds: number;
  /** Highest resident memory, bytes. */
  peakRssBytes: number;
  wallSeconds: number;
}

/** See the module comment. */
export class BenchAgent {
  readonly #options: BenchAgentOptions;
  #shell = 0;
  /** Pid of the agent itself. */
  pid = 0;
  #startedMs = 0;

  private constructor(options: BenchAgentOptions) {
    this.#options = options;
  }

  /** Starts it; returns as soon as the process is there. */
  static async start(options: BenchAgentOptions): Promise<BenchAgent> {
    const agent = new BenchAgent(options);
    await agent.#start();
    return agent;
  }

  get logFile(): string {
    return `${this.#options.folder}/agent.log`;
  }

  get #codeFile(): string {
    return `${this.#options.folder}/agent.code`;
  }

  /** Milliseconds since the start. */
  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  async #start(): Promise<void> {
    const { folder, pipeline, containers, flags = [], v8Flags = V8_FLAGS } = this.#options;
    Deno.mkdirSync(`${folder}/config`, { recursive: true });
    Deno.mkdirSync(`${folder}/checkpoint`, { recursive: true });
    Deno.writeTextFileSync(`${folder}/config/bench.yaml`, pipeline);
    Deno.writeTextFileSync(`${folder}/containers.json`, staticInfo(containers));
    const command = [
      ...[Deno.execPath(), "run", "-A", `--v8-flags=${v8Flags}`, `${projectRoot}/main.ts`, "run"],
      ...[`--config-dir=${folder}/config`, `--checkpoint=${folder}/checkpoint`, "--host-root=/"],
      ...[
        `--static-containers=${folder}/containers.json`,
        "--from-start",
        "--metrics=off",
      ],
      // No runtime of this machine may join in.
      ...[`--docker-socket=${folder}/none.sock`, `--cri-socket=${folder}/none.sock`],
      ...flags,
    ];
    // The shell's `time` is wait4 of the agent: exact, and of its whole life.
    const script = 'TIMEFORMAT="%U %S %R"; time "$@" 2>"$0"';
    this.#startedMs = performance.now();
    this.#shell = await startDaemon(["bash", "-c", script, this.logFile, ...command], {
      logFile: `${folder}/agent.time`,
      outFile: "/dev/null",
      codeFile: this.#codeFile,
      env: { NO_COLOR: "1" },
    });
    // The daemon's watchdog ends the shell only.
    atExit(() => this.pid > 0 && signal(this.pid, "SIGKILL"));
    this.pid = await waitFor("the agent's process", () => this.#findPid() || null, { everyMs: 5 });
  }

  /** Below the shell that keeps the exit code is the one that measures, and below that the agent. */
  #findPid(): number {
    let pid = this.#shell;
    for (let depth = 0; depth < 3; depth++) {
      pid = firstChild(pid);
      if (pid === 0) return 0;
      const name = Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
      if (name !== "bash" && name !== "sh") return pid;
    }
    return 0;
  }

  /** CPU seconds and memory so far. */
  figures(): ReturnType<typeof processFigures> {
    if (!isAlive(this.pid)) throw new Error(`the agent ended:\n${logTail(this.logFile)}`);
    return processFigures(this.pid);
  }

  /** SIGTERM, then what the whole run took. */
  async stop(): Promise<ProcessCost> {
    const { peakRssBytes } = this.figures();
    signal(this.pid, "SIGTERM");
    const code = await waitFor("the agent's end", () => readOr(this.#codeFile) || null, { everyMs: 10 });
    if (code.trim() !== "0") {
      throw new Error(`the agent ended with ${code.trim()}:\n${logTail(this.logFile)}`);
    }
    const [user, system, real] = readOr(`${this.#options.folder}/agent.time`).trim().split(/\s+/).map(Number);
    if (!(user > 0) || !(real > 0)) throw new Error("BUG: the shell gave no times");
    return { userSeconds: user, systemSeconds: system, peakRssBytes, wallSeconds: real };
  }

  /** Ends it whatever it does, and removes its folder. */
  async dispose(): Promise<void> {
    if (this.pid > 0 && isAlive(this.pid)) await endProcess(this.pid, 2000).catch(() => {});
    await sleep(20);
    removeFolder(this.#options.folder);
  }
}

function readOr(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
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
  const kernel = (await mustRun(["uname", "-sr"])).trim();
  const kib = Number(/^MemTotal:\s*(\d+)/m.exec(readOr("/proc/meminfo"))?.[1] ?? 0);
  return {
    processor: model,
    cores: navigator.hardwareConcurrency,
    kernel,
    memoryGiB: Math.round(kib / 1048576),
  };
}
