/** A program of which is known at its end what the kernel says it took: wait4 of the whole process, all threads. */
import {
  atExit,
  endProcess,
  firstChild,
  isAlive,
  logTail,
  signal,
  startDaemon,
  waitFor,
} from "../support/process.ts";
import { processFigures } from "../support/process_figures.ts";

/** What a whole run took, start and stop included. */
export interface ProcessCost {
  userSeconds: number;
  systemSeconds: number;
  /** Highest resident memory, bytes. */
  peakRssBytes: number;
  wallSeconds: number;
}

/** What to start. */
export interface MeasuredOptions {
  command: string[];
  /** A folder for the log, the times and the exit code. */
  folder: string;
  env?: Record<string, string>;
  /** A cgroup's `cgroup.procs`: the program starts inside of the group. */
  cgroupProcs?: string;
}

/** See the module comment. */
export class MeasuredProcess {
  readonly #options: MeasuredOptions;
  readonly #startedMs = performance.now();
  #shell = 0;
  #peakRssBytes = 0;
  /** Pid of the program itself. */
  pid = 0;

  private constructor(options: MeasuredOptions) {
    this.#options = options;
  }

  /** Starts it; returns as soon as the process is there. */
  static async start(options: MeasuredOptions): Promise<MeasuredProcess> {
    const measured = new MeasuredProcess(options);
    await measured.#start();
    return measured;
  }

  get logFile(): string {
    return `${this.#options.folder}/process.log`;
  }

  get #codeFile(): string {
    return `${this.#options.folder}/process.code`;
  }

  get #timeFile(): string {
    return `${this.#options.folder}/process.time`;
  }

  /** Milliseconds since the start. */
  get elapsedMs(): number {
    return performance.now() - this.#startedMs;
  }

  async #start(): Promise<void> {
    const { command, env, cgroupProcs } = this.#options;
    const enter = ["sh", "-c", 'echo $$ >"$0" && exec "$@"'];
    const inside = cgroupProcs === undefined ? command : [...enter, cgroupProcs, ...command];
    // The shell's `time` is wait4 of the program: exact, and of its whole life.
    const script = 'TIMEFORMAT="%U %S %R"; time "$@" 2>"$0"';
    this.#shell = await startDaemon(["bash", "-c", script, this.logFile, ...inside], {
      logFile: this.#timeFile,
      outFile: "/dev/null",
      codeFile: this.#codeFile,
      env: { NO_COLOR: "1", ...env },
    });
    // The daemon's watchdog ends the shell only.
    atExit(() => this.pid > 0 && signal(this.pid, "SIGKILL"));
    const there = () => this.#findPid() || readOr(this.#codeFile) !== "" && -1;
    this.pid = await waitFor(`the process of '${command[0]}'`, there, { everyMs: 5 });
  }

  /** Below the shell that keeps the exit code is the one that measures, and below that the program. */
  #findPid(): number {
    let pid = this.#shell;
    for (let depth = 0; depth < 3; depth++) {
      pid = firstChild(pid);
      if (pid === 0) return 0;
      const name = readOr(`/proc/${pid}/comm`).trim();
      if (name !== "bash" && name !== "sh") return pid;
    }
    return 0;
  }

  get alive(): boolean {
    return this.pid > 0 && isAlive(this.pid);
  }

  /** CPU seconds and memory so far; throws when it ended. */
  figures(): ReturnType<typeof processFigures> {
    if (!this.alive) throw new Error(`'${this.#options.command[0]}' ended:\n${logTail(this.logFile)}`);
    const figures = processFigures(this.pid);
    this.#peakRssBytes = Math.max(this.#peakRssBytes, figures.peakRssBytes);
    return figures;
  }

  /** Waits until it ends by itself. */
  async ended(timeoutMs = 30_000): Promise<ProcessCost> {
    const code = await waitFor(`the end of '${this.#options.command[0]}'`, () => {
      try {
        this.figures();
      } catch {
        // Between its end and the shell's last words.
      }
      return readOr(this.#codeFile) || null;
    }, { timeoutMs, everyMs: 10 });
    if (code.trim() !== "0") {
      throw new Error(
        `'${this.#options.command[0]}' ended with ${code.trim()}:\n${logTail(this.logFile)}` +
          `\n${logTail(this.#timeFile)}`,
      );
    }
    const [user, system, real] = readOr(this.#timeFile).trim().split(/\s+/).map(Number);
    if (!(user >= 0) || !(real > 0)) throw new Error("BUG: the shell gave no times");
    return {
      userSeconds: user,
      systemSeconds: system,
      peakRssBytes: this.#peakRssBytes,
      wallSeconds: real,
    };
  }

  /** SIGTERM, then what the whole run took. */
  stop(timeoutMs = 30_000): Promise<ProcessCost> {
    this.figures();
    signal(this.pid, "SIGTERM");
    return this.ended(timeoutMs);
  }

  /** Ends it whatever it does. */
  async dispose(): Promise<void> {
    if (this.alive) await endProcess(this.pid, 2000).catch(() => {});
  }
}

/** Text of a file; empty when there is none. */
export function readOr(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
