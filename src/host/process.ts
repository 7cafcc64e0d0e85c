import process from "node:process";
import type { GivenBack } from "../core/grants.ts";

/** `deno task` hands on a terminal's Ctrl-C that the program below it got already: two signals within a moment. */
const SAME_KEY_MS = 300;

/**
 * This process: its arguments, signals, figures, output and end. Imported by main.ts before anything else: as PID 1 a program
 * without a listener ignores SIGTERM, so the listeners stand before the slow imports.
 */
export class HostProcess {
  /** Resolves at the first SIGTERM or SIGINT. */
  readonly stopAsked: Promise<void>;
  #stopRequested = false;
  #askedAtMs = 0;
  /** Told about promises that were rejected with nobody waiting; until then they go to stderr. */
  onRejection: (reason: unknown) => void = (reason) => this.printError(`denotail: ${String(reason)}\n`);

  #hostName: string | undefined;

  /** `isWorker`: a thread of the process, to which its signals do not belong. */
  constructor(isWorker = false) {
    let ask = () => {};
    this.stopAsked = new Promise((resolve) => ask = resolve);
    if (!isWorker) this.#listen(() => ask());
    // Some packages reject promises that nobody holds when a socket breaks (on Deno 2.4 kafkajs and dockerode do);
    // that must not end an agent.
    globalThis.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      this.onRejection(event.reason);
    });
  }

  #listen(ask: () => void): void {
    for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      Deno.addSignalListener(signal, () => {
        // Who asks twice wants no drain.
        const nowMs = performance.now();
        if (this.#stopRequested && nowMs - this.#askedAtMs >= SAME_KEY_MS) Deno.exit(code);
        if (this.#stopRequested) return;
        this.#stopRequested = true;
        this.#askedAtMs = nowMs;
        ask();
      });
    }
  }

  get stopRequested(): boolean {
    return this.#stopRequested;
  }

  get args(): readonly string[] {
    return Deno.args;
  }

  get pid(): number {
    return Deno.pid;
  }

  /** 0 when the parent is outside of this process' pid namespace. */
  get parentPid(): number {
    return Deno.ppid;
  }

  /** An environment variable; `undefined` when unset, or not granted to this binary. */
  env(name: string): string | undefined {
    try {
      return Deno.env.get(name);
    } catch {
      return undefined;
    }
  }

  /**
   * The machine's name (under Kubernetes the pod's, or the node's with `hostNetwork`). Without the permission to ask
   * `HOSTNAME`, which a container gets from its runtime; else empty.
   */
  hostName(): string {
    return this.#hostName ??= this.#askHostName();
  }

  #askHostName(): string {
    try {
      return Deno.hostname();
    } catch {
      return this.env("HOSTNAME") ?? "";
    }
  }

  /** Gives permissions back; afterwards the program cannot get them again, whatever runs in it. */
  giveBack(kinds: readonly GivenBack[]): void {
    this.hostName();
    // With one of them less than all, Deno does not show a process its own descriptors and mounts any more.
    if (hasAll()) return;
    for (const name of kinds) Deno.permissions.revokeSync({ name });
  }

  /** Resident memory in bytes. Needs no permission, takes 14 µs. */
  rssBytes(): number {
    return Deno.memoryUsage().rss;
  }

  /**
   * Frees what nobody refers to and gives the pages back. V8 does that by itself only when it needs room, so after a
   * rush of work the memory stays. Took 55 to 330 ms on a busy machine; does nothing where V8 was started without `--expose-gc`.
   */
  collectGarbage(): void {
    const { gc } = globalThis as { gc?: (options: Record<string, string>) => void };
    gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
  }

  /**
   * User and system time of all threads, compression and compiler included: `getrusage(RUSAGE_SELF)`. Needs no
   * permission on Deno 2.4 and 2.9, takes 1 µs.
   */
  cpuSeconds(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  }

  print(text: string): void {
    writeAll(Deno.stdout, text);
  }

  printError(text: string): void {
    writeAll(Deno.stderr, text);
  }

  /** Replaces a text file and makes its folders. */
  writeText(path: string, text: string): void {
    const folder = path.replace(/\/[^/]*$/, "");
    if (folder !== path && folder !== "") Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(path, text);
  }

  /** Makes a folder and those above it; false when that is not possible. */
  makeFolder(path: string): boolean {
    try {
      Deno.mkdirSync(path, { recursive: true });
      return true;
    } catch {
      return false;
    }
  }

  /** Says why the program cannot go on; the exit code for that. */
  failed(error: unknown): number {
    this.printError(`denotail: ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`);
    return 1;
  }

  exit(code: number): never {
    Deno.exit(code);
  }
}

/** A closed pipe or a full one must not end the program that only wanted to say something. */
function writeAll(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = new TextEncoder().encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += to.writeSync(bytes.subarray(at));
  } catch {
    return;
  }
}

/** Whether the program may do everything, as under `-A`; `import` is a permission that Deno's types do not name. */
function hasAll(): boolean {
  const kinds = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as Deno.PermissionName[];
  return kinds.every((name) => Deno.permissions.querySync({ name }).state === "granted");
}
