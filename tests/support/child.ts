/**
 * A Deno program that a unit test starts, with an end in any case: after its limit it is killed, and whoever waits for it
 * gets an error with what it said on standard error.
 */
import { signal } from "./process.ts";
import { killTree, letGoMs } from "./run_limited.ts";
import { within } from "./within.ts";

/** What a program that ended left behind. */
export interface ChildResult {
  code: number;
  out: string;
  err: string;
}

/** See {@linkcode startChild}. */
export interface Child {
  readonly pid: number;
  /** Standard output so far. */
  readonly out: string;
  /** Quiet when it has ended already. */
  kill(signal: Deno.Signal): void;
  /** Waits until standard output holds the text; throws when it ends without. */
  saw(text: string): Promise<void>;
  /** Waits for the end. */
  ended(): Promise<ChildResult>;
}

/** Starts `deno` with these arguments. `limitMs` (60 s) counts from now. */
export function startChild(
  args: string[],
  options: { env?: Record<string, string>; limitMs?: number } = {},
): Child {
  const limitMs = options.limitMs ?? 60_000;
  const child = new Deno.Command(Deno.execPath(), {
    args,
    env: options.env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let out = "";
  let err = "";
  let wake = Promise.withResolvers<void>();
  const woken = () => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  const outDone = collect(child.stdout, (text) => (out += text, woken()));
  const errDone = collect(child.stderr, (text) => err += text);
  let over = false;
  const all = Promise.all([child.status, outDone, errDone]).then(([{ code }]) => {
    over = true;
    woken();
    return { code, out, err };
  });
  const label = `'deno ${args.join(" ").slice(0, 200)}'`;
  const ended = within(limitMs, `the end of ${label}`, all, () => {
    killTree(child.pid);
    return `standard error:\n${err}`;
  }).catch(async (error) => {
    // Its outputs close a moment later.
    await within(letGoMs, "the end of its output", all).catch(() => {});
    throw error;
  });
  // Who waits for a text sees the end by itself.
  ended.catch(woken);
  return {
    pid: child.pid,
    get out() {
      return out;
    },
    kill: (name) => signal(child.pid, name),
    saw: async (text) => {
      while (!out.includes(text)) {
        if (over) await ended;
        if (over) throw new Error(`${label} ended without '${text}'; standard error:\n${err}`);
        // The end by the limit rejects here.
        await Promise.race([wake.promise, ended]);
      }
    },
    ended: () => ended,
  };
}

/** {@linkcode startChild} to its end. */
export function runChild(
  args: string[],
  options: { env?: Record<string, string>; limitMs?: number } = {},
): Promise<ChildResult> {
  return startChild(args, options).ended();
}

async function collect(from: ReadableStream<Uint8Array>, take: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  for await (const bytes of from) take(decoder.decode(bytes, { stream: true }));
}
