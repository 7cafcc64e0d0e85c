/**
 * A small world of its own for container runtimes and the agent: mount and process namespaces whose first process
 * holds them. When it is killed, the kernel ends everything inside, containers included, and all mounts go.
 *
 * Inside, `/` is shared (so that a slave bind of it sees later mounts, like `HostToContainer`), `/proc` shows the
 * processes of the namespace only, and `/run` and `/var/log` are empty folders of their own. They are the scratch
 * folder's `run` and `var-log`, so tests outside reach sockets and logs; {@linkcode Namespace.outside} maps paths.
 */
import {
  atExit,
  exists,
  firstChild,
  isAlive,
  logTail,
  mustRun,
  patienceMs,
  removeFolder,
  run,
  type RunOptions,
  type RunResult,
  scratchFolder,
  signal,
  sleep,
  startDaemon,
  waitFor,
} from "./process.ts";

/** What kind of namespace. */
export interface NamespaceOptions {
  /** Its own network too (loopback only, up). Without it the network is the machine's. */
  network?: boolean;
}

/** A program running inside. Pids are as seen from outside, so tests signal and measure it directly. */
export interface InsideProcess {
  pid: number;
  logFile: string;
  outFile: string;
  alive(): boolean;
  signal(name: Deno.Signal): void;
  /** Waits for its end; 128 + n when signal n ended it. */
  ended(timeoutMs?: number): Promise<number>;
  /** SIGTERM, SIGKILL after `graceMs`; gives the exit code. */
  stop(graceMs?: number): Promise<number>;
}

let counter = 0;

/** Makes a namespace. Ended by {@linkcode Namespace.end}, and at the latest with the test process. */
export async function startNamespace(options: NamespaceOptions = {}): Promise<Namespace> {
  const folder = scratchFolder("ns");
  for (const name of ["run", "var-log", "tmp"]) Deno.mkdirSync(`${folder}/${name}`);
  const network = options.network ? ["-n"] : [];
  const script = `set -e
mount --make-rprivate /
mount --make-rshared /
mount -t proc proc /proc
if [ "$(stat -f -c %T "$1")" = overlayfs ]; then mount -t tmpfs -o size=4g tmpfs "$1/tmp"; fi
mount --bind "$1/run" /run
mount --bind "$1/var-log" /var/log
${options.network ? "ip link set lo up" : ""}
touch "$1/ready"
while :; do sleep 3600 & wait $!; done`;
  const logFile = `${folder}/holder.log`;
  const unshare = ["unshare", "-m", "-p", ...network, "-f", "--kill-child", "--propagation", "private"];
  const keeper = await startDaemon([...unshare, "sh", "-c", script, "sh", folder], { logFile });
  await waitFor("the namespace", () => {
    if (!isAlive(keeper)) throw new Error(`no namespace: ${logTail(logFile)}`);
    return exists(`${folder}/ready`);
  }, { everyMs: 10 });
  const namespace = new Namespace(folder, keeper, firstChild(keeper), options.network === true, ++counter);
  atExit(() => namespace.endNow());
  return namespace;
}

/** See {@linkcode startNamespace}. */
export class Namespace {
  private processes = 0;
  private readonly mounts: string[] = [];

  constructor(
    /** The scratch folder, the same path inside and outside. */
    readonly folder: string,
    private readonly keeper: number,
    /** The first process inside; its pid as seen from outside. */
    readonly holderPid: number,
    readonly ownNetwork: boolean,
    private readonly serial: number,
  ) {}

  /** A name that no other test process uses now, for bridges (with one letter more) and control groups; at most 13 characters. */
  get uniqueName(): string {
    return `dnt${Deno.pid}x${this.serial}`;
  }

  /** Names of the bridges that dockerd and containerd make here; on the machine's network they have to be removed. */
  get bridges(): string[] {
    return [`${this.uniqueName}d`, `${this.uniqueName}c`];
  }

  /** Where a path of the inside is found from outside. Only `/run`, `/var/run` and `/var/log` differ. */
  outside(path: string): string {
    const run = path.replace(/^\/var\/run(?=\/|$)/, "/run");
    if (/^\/run(\/|$)/.test(run)) return this.folder + run;
    return path.replace(/^\/var\/log(?=\/|$)/, `${this.folder}/var-log`);
  }

  private enter(command: string[], cwd = "/"): string[] {
    const spaces = ["-m", "-p", ...(this.ownNetwork ? ["-n"] : [])];
    // nsenter keeps a working folder of the outside: the shell takes it again from inside.
    const script = 'cd "$1" && shift && exec "$@"';
    return [
      "nsenter",
      "-t",
      String(this.holderPid),
      ...spaces,
      "--",
      "sh",
      "-c",
      script,
      "sh",
      cwd,
      ...command,
    ];
  }

  /** Runs a program inside to its end. */
  run(command: string[], options: RunOptions = {}): Promise<RunResult> {
    return run(this.enter(command, options.cwd), { ...options, cwd: undefined });
  }

  /** {@linkcode run} for programs that have to succeed; gives standard output. */
  mustRun(command: string[], options: RunOptions = {}): Promise<string> {
    return mustRun(this.enter(command, options.cwd), { ...options, cwd: undefined });
  }

  /**
   * Starts a program inside and leaves it running. `clearEnv` hands it `env` only (with PATH and HOME).
   * Standard output and error go to `outFile` and `logFile` (by default files of the scratch folder).
   */
  async start(
    command: string[],
    options: {
      cwd?: string;
      env?: Record<string, string>;
      clearEnv?: boolean;
      logFile?: string;
      outFile?: string;
    } = {},
  ): Promise<InsideProcess> {
    const stem = `${this.folder}/process-${++this.processes}`;
    const files = { logFile: options.logFile ?? `${stem}.err`, outFile: options.outFile ?? `${stem}.out` };
    const codeFile = `${stem}.code`;
    const clean = ["env", "-i", `PATH=${Deno.env.get("PATH")}`, `HOME=${Deno.env.get("HOME") ?? "/root"}`];
    const pairs = Object.entries(options.env ?? {}).map(([key, value]) => `${key}=${value}`);
    const full = [...(options.clearEnv ? clean : ["env"]), ...pairs, ...command];
    const shell = await startDaemon(this.enter(full, options.cwd), { ...files, codeFile });
    // The shell that notes the exit code, nsenter below it, the program below that.
    const pid = await waitFor(`'${command[0]}' inside`, () => {
      const program = firstChild(firstChild(shell));
      return program > 0 ? program : exists(codeFile) ? -1 : false;
    }, { everyMs: 2 });
    return insideProcess(pid, files, codeFile);
  }

  /**
   * The host root an agent is given: `/` of the inside bound to a scratch folder, read-only at its top, receiving
   * later mounts (rslave), as the hostPath volume with `HostToContainer` does. Gives the folder.
   */
  async hostRoot(): Promise<string> {
    const folder = `${this.folder}/host`;
    if (this.mounts.includes(folder)) return folder;
    Deno.mkdirSync(folder, { recursive: true });
    await this.mustRun(["mount", "--rbind", "/", folder]);
    await this.mustRun(["mount", "--make-rslave", folder]);
    await this.mustRun(["mount", "-o", "remount,bind,ro", folder]);
    this.mounts.push(folder);
    return folder;
  }

  /** Ends all that runs inside, waits for it, removes the scratch folder, bridges and control groups. */
  async end(): Promise<void> {
    signal(this.keeper, "SIGKILL");
    await waitFor("the end of the namespace", () => !isAlive(this.holderPid));
    for (let attempt = 0; attempt < 20; attempt++) {
      removeControlGroups(this.uniqueName);
      try {
        removeFolder(this.folder);
        break;
      } catch {
        await sleep(100);
      }
    }
    for (const bridge of this.bridges) await run(["ip", "link", "del", bridge]);
  }

  /** {@linkcode end} without waiting, for the unloading of the module. */
  endNow(): void {
    signal(this.keeper, "SIGKILL");
    const deadline = Date.now() + 5000;
    while (isAlive(this.holderPid) && Date.now() < deadline) {
      new Deno.Command("sleep", { args: ["0.05"] }).outputSync();
    }
    for (const bridge of this.bridges) {
      new Deno.Command("ip", { args: ["link", "del", bridge], stdout: "null", stderr: "null" }).outputSync();
    }
    removeControlGroups(this.uniqueName);
  }
}

function insideProcess(
  pid: number,
  files: { logFile: string; outFile: string },
  codeFile: string,
): InsideProcess {
  const ended = async (timeoutMs = patienceMs) => {
    await waitFor("the end of a program inside", () => exists(codeFile), { timeoutMs, everyMs: 10 });
    return Number(Deno.readTextFileSync(codeFile).trim());
  };
  return {
    pid,
    ...files,
    ended,
    alive: () => pid > 0 && isAlive(pid),
    signal: (name) => {
      signal(pid, name);
      // nsenter stands still with its child, but does not go on with it, and nobody would see the child's end.
      if (name === "SIGCONT") signal(parentOf(pid), name);
    },
    stop: async (graceMs = 30_000) => {
      signal(pid, "SIGTERM");
      return await ended(graceMs).catch(() => {
        signal(pid, "SIGKILL");
        return ended();
      });
    },
  };
}

/** The parent of a process; 0 when it is gone. */
function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s*(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Control groups outlive a killed runtime; those of ours hang below one name. */
function removeControlGroups(name: string): void {
  for (const controller of [".", ...listFolders("/sys/fs/cgroup")]) {
    removeTree(`/sys/fs/cgroup/${controller}/${name}`);
  }
}

function removeTree(folder: string): void {
  for (const name of listFolders(folder)) removeTree(`${folder}/${name}`);
  try {
    Deno.removeSync(folder);
  } catch {
    // Not there, or something still runs in it: the next attempt gets it.
  }
}

function listFolders(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter((entry) => entry.isDirectory).map((entry) => entry.name);
  } catch {
    return [];
  }
}

/** Removes bridges and control groups of test processes that were killed. */
export async function sweepLeftovers(): Promise<void> {
  for (const controller of [".", ...listFolders("/sys/fs/cgroup")]) {
    for (const name of listFolders(`/sys/fs/cgroup/${controller}`)) {
      const pid = Number(/^dnt(\d+)x\d+$/.exec(name)?.[1] ?? 0);
      if (pid > 0 && !isAlive(pid)) removeTree(`/sys/fs/cgroup/${controller}/${name}`);
    }
  }
  const listed = (await run(["ip", "-o", "link", "show", "type", "bridge"])).stdout;
  for (const [, name, pid] of listed.matchAll(/\b(dnt(\d+)x\d+[cd]):/g)) {
    if (!isAlive(Number(pid))) await run(["ip", "link", "del", name]);
  }
}

/** A /24 of 10.96.0.0/11 that no interface of the machine has yet: `10.a.b` without the last number. */
export async function freeSubnet(): Promise<string> {
  const taken = (await run(["ip", "-o", "-4", "addr"])).stdout;
  while (true) {
    const prefix = `10.${96 + Math.floor(Math.random() * 31)}.${Math.floor(Math.random() * 255)}`;
    if (!taken.includes(`${prefix}.`)) return prefix;
  }
}
