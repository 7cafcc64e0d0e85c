/**
 * Programs that a test starts: short ones run to their end, daemons live in the background.
 *
 * A daemon is started through a shell that goes away, so that the test process holds no resource for it (the
 * leak checks of `deno test` stay quiet) and it may outlive one test. Two things end it: the `unload` of the
 * test module, and a watchdog shell that polls the test process, for the case that the latter is killed. The
 * watchdog then ends everything the shell has started and what these started in turn, save for what made a
 * session or process group of its own.
 */

/** What a program that ran to its end left behind. `code` is 128 + signal number when a signal ended it. */
export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Options of {@linkcode run} and {@linkcode mustRun}. */
export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Text or bytes for standard input; without it the program reads an empty one. */
  stdin?: string | Uint8Array;
  /** The program is killed after this time; its code is then 137. Default: 120 s. */
  timeoutMs?: number;
}

/** Runs a program to its end and collects its bytes; never throws for an exit code. */
export async function runBytes(
  command: string[],
  options: RunOptions = {},
): Promise<{ code: number; stdout: Uint8Array; stderr: string }> {
  const child = new Deno.Command(command[0], {
    args: command.slice(1),
    cwd: options.cwd,
    env: options.env,
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => signal(child.pid, "SIGKILL"), options.timeoutMs ?? 120_000);
  try {
    if (options.stdin !== undefined) {
      const bytes = typeof options.stdin === "string"
        ? new TextEncoder().encode(options.stdin)
        : options.stdin;
      const writer = child.stdin.getWriter();
      await writer.write(bytes).then(() => writer.close()).catch(() => {});
    }
    const output = await child.output();
    return { code: output.code, stdout: output.stdout, stderr: new TextDecoder().decode(output.stderr) };
  } finally {
    clearTimeout(timer);
  }
}

/** {@linkcode runBytes} with standard output as text. */
export async function run(command: string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await runBytes(command, options);
  return { ...result, stdout: new TextDecoder().decode(result.stdout) };
}

/** Runs a program that has to succeed; gives its standard output, throws with its standard error otherwise. */
export async function mustRun(command: string[], options: RunOptions = {}): Promise<string> {
  const result = await run(command, options);
  if (result.code !== 0) {
    const said = (result.stderr.trim() || result.stdout.trim()).slice(-2000);
    throw new Error(`'${command.join(" ").slice(0, 300)}' ended with ${result.code}: ${said}`);
  }
  return result.stdout;
}

/** Sends a signal; false when there is no such process any more (or never was one: 0 and -1 would mean many). */
export function signal(pid: number, name: Deno.Signal): boolean {
  if (pid <= 1) return false;
  try {
    Deno.kill(pid, name);
    return true;
  } catch {
    return false;
  }
}

/** True while the process runs; a zombie nobody waited for counts as ended. */
export function isAlive(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const state = stat[stat.lastIndexOf(")") + 2];
    return state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}

/** How long a test waits for what has to come, unless it says otherwise: many times what a slow machine needs. */
export const patienceMs = 60_000;

/** Waits until `probe` gives something other than false, null or undefined; throws after `timeoutMs`. */
export async function waitFor<T>(
  what: string,
  probe: () => T | false | null | undefined | Promise<T | false | null | undefined>,
  options: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? patienceMs;
  const deadline = performance.now() + timeoutMs;
  while (true) {
    const found = await probe();
    if (found !== false && found !== null && found !== undefined) return found as T;
    if (performance.now() > deadline) throw new Error(`gave up after ${timeoutMs} ms waiting for ${what}`);
    await sleep(options.everyMs ?? 25);
  }
}

/** A plain pause, for tests of real processes only. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Ends a process with SIGTERM, after `graceMs` with SIGKILL, and waits until it is gone. */
export async function endProcess(pid: number, graceMs = 10_000): Promise<void> {
  if (!isAlive(pid)) return;
  signal(pid, "SIGTERM");
  signal(pid, "SIGCONT");
  const gone = await waitFor("the end of a process", () => !isAlive(pid), { timeoutMs: graceMs }).catch(() =>
    false
  );
  if (gone) return;
  signal(pid, "SIGKILL");
  await waitFor(`the end of process ${pid} after SIGKILL`, () => !isAlive(pid));
}

const endings: (() => void)[] = [];
let armed = false;

/** Runs `action` (synchronous, must not throw for things already gone) when the test module is unloaded. */
export function atExit(action: () => void): void {
  endings.push(action);
  if (armed) return;
  armed = true;
  globalThis.addEventListener("unload", () => {
    for (const ending of endings.splice(0).reverse()) {
      try {
        ending();
      } catch {
        // The rest still has to be tidied.
      }
    }
  });
}

/** Where a daemon's output goes, and more. */
export interface DaemonOptions {
  /** Standard error, and standard output too unless `outFile` is given; appended. */
  logFile: string;
  outFile?: string;
  cwd?: string;
  env?: Record<string, string>;
  /** Gets the exit code as text once the program has ended. The pid given back is then a shell's above it. */
  codeFile?: string;
}

/**
 * Starts a program in the background and gives its pid. It is killed when the test module is unloaded or the
 * test process disappears.
 */
export async function startDaemon(command: string[], options: DaemonOptions): Promise<number> {
  const program = '"$@" >>"$OUT_FILE" 2>>"$LOG_FILE"';
  // In the background even below its own shell: of a foreground program that one would report "Terminated".
  const body = options.codeFile === undefined
    ? `${program} </dev/null &`
    : `( ${program} & wait $!; echo $? >"$CODE_FILE.part"; mv "$CODE_FILE.part" "$CODE_FILE" ) >/dev/null 2>&1 </dev/null &`;
  const script = `${body} pid=$!; echo $pid
( while kill -0 $TEST_PID && kill -0 $pid; do sleep 1; done; kill -0 $TEST_PID || kill -9 -$$; kill -9 $pid ) >/dev/null 2>&1 </dev/null &`;
  const files = { OUT_FILE: options.outFile ?? options.logFile, LOG_FILE: options.logFile };
  const stdout = await mustRun(["setsid", "sh", "-c", script, "sh", ...command], {
    cwd: options.cwd,
    env: { ...options.env, ...files, CODE_FILE: options.codeFile ?? "", TEST_PID: String(Deno.pid) },
  });
  const pid = Number(stdout.trim());
  if (!(pid > 1)) throw new Error(`BUG: no pid from the shell that starts '${command[0]}'`);
  atExit(() => signal(pid, "SIGKILL"));
  return pid;
}

/** The first child of a process, or 0 while it has none. */
export function firstChild(pid: number): number {
  try {
    return Number(Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).trim().split(" ")[0]);
  } catch {
    return 0;
  }
}

let swept = false;

/** Folders of test processes that were killed: their names carry the pid. */
function sweepScratch(base: string): void {
  if (swept) return;
  swept = true;
  for (const entry of Deno.readDirSync(base)) {
    const pid = Number(/^denotail-test-(\d+)-/.exec(entry.name)?.[1] ?? 0);
    if (pid === 0 || isAlive(pid)) continue;
    try {
      Deno.removeSync(`${base}/${entry.name}`, { recursive: true });
    } catch {
      // Someone else's, or still busy.
    }
  }
}

/** A fresh folder, removed when the test module is unloaded (or earlier by the caller). */
export function scratchFolder(name: string): string {
  const base = Deno.env.get("TMPDIR") ?? "/tmp";
  sweepScratch(base);
  const folder = Deno.makeTempDirSync({ dir: base, prefix: `denotail-test-${Deno.pid}-${name}-` });
  atExit(() => removeFolder(folder));
  return folder;
}

/** Removes a folder with all that is in it; quiet when it is not there. */
export function removeFolder(folder: string): void {
  try {
    Deno.removeSync(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

const givenPorts = new Set<number>();

/**
 * Ports of the loopback interface that nobody listens on, each given once. They lie below the kernel's range for
 * outgoing connections, so that a broker which is down for a while finds its port free again.
 */
export function freePorts(count: number): number[] {
  const held: Deno.Listener[] = [];
  try {
    while (held.length < count) {
      const port = 20_000 + Math.floor(Math.random() * 12_000);
      if (givenPorts.has(port)) continue;
      givenPorts.add(port);
      try {
        held.push(Deno.listen({ hostname: "127.0.0.1", port }));
      } catch {
        // Taken; try another.
      }
    }
    return held.map((listener) => (listener.addr as Deno.NetAddr).port);
  } finally {
    for (const listener of held) listener.close();
  }
}

/** The last lines of a log, for messages about a daemon that did not come up. */
export function logTail(file: string, lines = 20): string {
  try {
    return Deno.readTextFileSync(file).trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return "(no log)";
  }
}

/** True when the path is there, be it a dangling link. */
export function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
