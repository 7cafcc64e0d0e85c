/**
 * The real agent as a process inside a namespace, as its DaemonSet runs it: host root mounted, scoped permissions,
 * an environment of its own. Config and checkpoint folders live in the namespace's scratch folder.
 */
import type { InsideProcess, Namespace } from "./namespace.ts";
import { projectRoot } from "./paths.ts";
import { freePorts, logTail, patienceMs, sleep, waitFor } from "./process.ts";
import { type ProcessFigures, processFigures } from "./process_figures.ts";
import { parseMetrics, type Sample, sumOf } from "./metrics_text.ts";
import { inContainerRoot } from "./compiled.ts";
import { scopedFlags } from "./scoped_flags.ts";

/** What agent to start. */
export interface AgentOptions {
  namespace: Namespace;
  /** File stem -> YAML text. Written to the config folder before each start. */
  pipelines: Record<string, string>;
  /** Default: the namespace's host root. */
  hostRoot?: string;
  /** Default: a folder of its own below the scratch folder, kept over restarts. `memory`: nothing is saved. */
  checkpointDir?: string;
  env?: Record<string, string>;
  /** More flags of `run`; they come last and win. */
  flags?: string[];
  /** More paths the agent may read, and write. */
  read?: string[];
  write?: string[];
  /** Path of a compiled binary, run in a root of its own with the default folders; absent: the sources, by `deno run`. */
  program?: string;
  /** Permissions that `deno run` does not get, see `scopedFlags`. */
  without?: (agent: TestAgent) => string[];
  /** The only addresses that `deno run` may use; absent: any. */
  net?: string[];
  /** Put before deno, e.g. `["unshare", "-p", …]`. */
  prefix?: string[];
}

/** One line of the agent's own log. */
export interface LogLine {
  level: string;
  message: string;
  text: string;
  // deno-lint-ignore no-explicit-any
  [field: string]: any;
}

let serial = 0;

/** Starts the agent and waits until it is ready. */
export async function startAgent(options: AgentOptions): Promise<TestAgent> {
  const agent = await prepareAgent(options);
  await agent.start();
  await agent.waitReady();
  return agent;
}

/** The agent with its folders, not started. */
export async function prepareAgent(options: AgentOptions): Promise<TestAgent> {
  const hostRoot = options.hostRoot ?? await options.namespace.hostRoot();
  return new TestAgent(options, hostRoot, `${options.namespace.folder}/agent-${++serial}`, freePorts(1)[0]);
}

/** See {@linkcode startAgent}. Start, kill and start again at will: folders and ports stay the same. */
export class TestAgent {
  readonly configDir: string;
  readonly checkpointDir: string;
  private process: InsideProcess | undefined;
  private starts = 0;

  constructor(
    private readonly options: AgentOptions,
    readonly hostRoot: string,
    readonly folder: string,
    readonly metricsPort: number,
  ) {
    this.configDir = `${folder}/config`;
    this.checkpointDir = options.checkpointDir ?? `${folder}/checkpoint`;
    Deno.mkdirSync(this.configDir, { recursive: true });
    if (this.checkpointDir !== "memory") Deno.mkdirSync(this.checkpointDir, { recursive: true });
    this.writePipelines(options.pipelines);
  }

  /** Replaces all pipeline files; they count at the next start. */
  writePipelines(pipelines: Record<string, string>): void {
    for (const entry of Deno.readDirSync(this.configDir)) Deno.removeSync(`${this.configDir}/${entry.name}`);
    for (const [stem, yaml] of Object.entries(pipelines)) {
      Deno.writeTextFileSync(`${this.configDir}/${stem}.yaml`, yaml);
    }
  }

  /** The command line, from `deno` on. */
  command(subcommand = "run"): string[] {
    const { options } = this;
    const durable = this.checkpointDir !== "memory";
    const common = [`--metrics=127.0.0.1:${this.metricsPort}`, "--log-format=json", ...options.flags ?? []];
    if (options.program !== undefined) {
      const root = `${this.folder}/root`;
      Deno.mkdirSync(root, { recursive: true });
      const { program } = options;
      const { hostRoot, configDir } = this;
      const mounts = { root, program, hostRoot, configDir };
      return [
        ...options.prefix ?? [],
        ...inContainerRoot(durable ? { ...mounts, checkpointDir: this.checkpointDir } : mounts),
        subcommand,
        ...(durable ? [] : ["--checkpoint=memory"]),
        ...common,
      ];
    }
    const grants = scopedFlags({
      hostRoot: this.hostRoot,
      configDir: this.configDir,
      checkpointDir: durable ? this.checkpointDir : undefined,
      read: options.read,
      write: options.write,
      env: Object.keys(options.env ?? {}),
      net: options.net,
    }, options.without?.(this));
    return [
      ...options.prefix ?? [],
      ...[Deno.execPath(), "run", ...grants, `${projectRoot}/main.ts`, subcommand],
      ...[`--config-dir=${this.configDir}`, `--checkpoint=${this.checkpointDir}`],
      `--host-root=${this.hostRoot}`,
      ...common,
    ];
  }

  /** Starts the process without waiting for readiness. */
  async start(): Promise<void> {
    const stem = `${this.folder}/start-${++this.starts}`;
    const files = { logFile: `${stem}.err`, outFile: `${stem}.out` };
    const cache = Deno.env.get("DENO_DIR");
    const env = { ...(cache === undefined ? {} : { DENO_DIR: cache }), NO_COLOR: "1", ...this.options.env };
    this.process = await this.options.namespace.start(this.command(), {
      cwd: projectRoot,
      env,
      clearEnv: true,
      ...files,
    });
  }

  /** Waits until `/readyz` says 200; throws with the log when the process ends before. */
  async waitReady(timeoutMs = patienceMs): Promise<void> {
    await waitFor("the agent to be ready", async () => {
      if (!this.alive) throw new Error(`the agent ended at its start:\n${logTail(this.running.logFile, 40)}`);
      return (await this.httpStatus("/readyz")) === 200;
    }, { timeoutMs, everyMs: 20 }).catch(async (error) => {
      const body = await this.get("/readyz").catch((reason) => String(reason));
      throw new Error(`${error.message}; /readyz: ${body}\n${logTail(this.running.logFile, 40)}`);
    });
  }

  private get running(): InsideProcess {
    if (this.process === undefined) throw new Error("BUG: the agent was not started");
    return this.process;
  }

  /** Pid as seen from outside. */
  get pid(): number {
    return this.running.pid;
  }

  get started(): boolean {
    return this.process !== undefined;
  }

  get alive(): boolean {
    return this.running.alive();
  }

  /** Sends a signal. */
  signal(name: Deno.Signal): void {
    this.running.signal(name);
  }

  /** Waits for the end; gives the exit code. */
  ended(timeoutMs?: number): Promise<number> {
    return this.running.ended(timeoutMs);
  }

  /** SIGTERM; gives the exit code. Throws when it goes on running. */
  async stop(timeoutMs = patienceMs): Promise<number> {
    this.signal("SIGTERM");
    return await this.ended(timeoutMs).catch((error) => {
      this.signal("SIGKILL");
      throw new Error(`${error.message}:\n${logTail(this.running.logFile, 40)}`);
    });
  }

  /** SIGKILL; resolves when it is gone. Gives the wall time of the signal. */
  async kill9(): Promise<number> {
    const at = Date.now();
    this.signal("SIGKILL");
    await this.ended();
    return at;
  }

  /** Ends it one way or the other; for the end of a test. */
  async dispose(): Promise<void> {
    if (this.process === undefined || !this.alive) return;
    await this.stop().catch(() => {});
  }

  /** The last lines of the own log. */
  logTail(lines = 40): string {
    return this.process === undefined ? "(never started)" : logTail(this.process.logFile, lines);
  }

  /** Own log of the last start, as text. */
  get logText(): string {
    return Deno.readTextFileSync(this.running.logFile);
  }

  /** Standard output of the last start. */
  get output(): string {
    return Deno.readTextFileSync(this.running.outFile);
  }

  /** Own log of the last start; lines that are no JSON have level "". */
  logLines(): LogLine[] {
    return this.logText.split("\n").filter((line) => line !== "").map(parseLogLine);
  }

  /** Lines of the own log that contain the text. */
  logged(text: string): LogLine[] {
    return this.logLines().filter((line) => line.text.includes(text));
  }

  /** Memory, CPU and descriptors, from /proc. */
  figures(): ProcessFigures {
    return processFigures(this.pid);
  }

  /** CPU in cores over the next `ms`. */
  async cores(ms: number): Promise<number> {
    const before = this.figures().cpuSeconds;
    const began = performance.now();
    await sleep(ms);
    return (this.figures().cpuSeconds - before) / ((performance.now() - began) / 1000);
  }

  /** Body of an answer of the monitoring port. */
  async get(path: string): Promise<string> {
    const answer = await fetch(`http://127.0.0.1:${this.metricsPort}${path}`, {
      signal: AbortSignal.timeout(20_000),
    });
    return await answer.text();
  }

  /** Status of an answer; 0 when nobody listens, or nobody answers in time. */
  async httpStatus(path: string, timeoutMs = 20_000): Promise<number> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.metricsPort}${path}`, {
        signal: AbortSignal.timeout(timeoutMs),
      });
      await answer.body?.cancel();
      return answer.status;
    } catch {
      return 0;
    }
  }

  /** All samples of `/metrics`. */
  async metrics(): Promise<Sample[]> {
    return parseMetrics(await this.get("/metrics"));
  }

  /** Sum of one metric over the samples that carry these labels; 0 when there is none. */
  async metric(name: string, labels: Record<string, string> = {}): Promise<number> {
    return sumOf(await this.metrics(), name, labels);
  }
}

function parseLogLine(text: string): LogLine {
  try {
    const fields = JSON.parse(text);
    return { ...fields, level: fields.level ?? "", message: fields.message ?? fields.msg ?? "", text };
  } catch {
    return { level: "", message: text, text };
  }
}
