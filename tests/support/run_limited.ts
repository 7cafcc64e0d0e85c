/** Runs `deno` as the runners of the tests do: output shown as it comes and kept, and never without an end. */
import { projectRoot } from "./paths.ts";
import { signal } from "./process.ts";
import { within } from "./within.ts";

/** Options of {@linkcode runLimited}. */
export interface LimitedOptions {
  /** After this time the program and all that it started are killed. */
  limitMs: number;
  /** Default: the Deno that runs this. */
  deno?: string;
  /** Default: the checkout. */
  cwd?: string;
  env?: Record<string, string>;
  /** Put before deno, e.g. `["unshare", "-n", "--"]`. */
  prefix?: string[];
  /** Where its output is shown. Default: standard output and standard error. */
  show?: { out: Sink; err: Sink };
}

type Sink = Pick<typeof Deno.stdout, "writeSync">;

/** What a run came to. `code` is 137 after the limit, and `timedOut` is true. */
export interface LimitedResult {
  code: number;
  output: string;
  timedOut: boolean;
}

/** A killed program's children may hold its output open; they get this long to let go. */
export const letGoMs = 10_000;

/** Runs deno with these arguments. */
export async function runLimited(args: string[], options: LimitedOptions): Promise<LimitedResult> {
  const [program, ...rest] = [...options.prefix ?? [], options.deno ?? Deno.execPath(), ...args];
  const child = new Deno.Command(program, {
    args: rest,
    cwd: options.cwd ?? projectRoot,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1", ...options.env },
  }).spawn();
  const chunks: string[] = [];
  const readers = [
    [child.stdout.getReader(), options.show?.out ?? Deno.stdout] as const,
    [child.stderr.getReader(), options.show?.err ?? Deno.stderr] as const,
  ];
  const shown = Promise.all(readers.map(([from, to]) => pass(from, to, chunks)));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killTree(child.pid);
  }, options.limitMs);
  const { code } = await child.status;
  clearTimeout(timer);
  await within(letGoMs, "the end of the output", shown).catch(() =>
    Promise.all(readers.map(([reader]) => reader.cancel()))
  );
  return { code: timedOut ? 137 : code, output: chunks.join(""), timedOut };
}

async function pass(
  from: ReadableStreamDefaultReader<Uint8Array>,
  to: Sink,
  chunks: string[],
): Promise<void> {
  const decoder = new TextDecoder();
  while (true) {
    const { done, value } = await from.read();
    if (done) return;
    for (let at = 0; at < value.length;) at += to.writeSync(value.subarray(at));
    chunks.push(decoder.decode(value, { stream: true }));
  }
}

/** Kills a process with all below it: what it started would go on for ever, and hold its output open. */
export function killTree(pid: number): void {
  // Still first: nothing new is started while we look.
  signal(pid, "SIGSTOP");
  for (const child of childrenOf(pid)) killTree(child);
  signal(pid, "SIGKILL");
}

/** Children of all threads of a process; none where there is no proc. */
function childrenOf(pid: number): number[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].flatMap(({ name }) =>
      Deno.readTextFileSync(`/proc/${pid}/task/${name}/children`).split(" ").filter((text) =>
        text.trim() !== ""
      )
        .map(Number)
    );
  } catch {
    return [];
  }
}
