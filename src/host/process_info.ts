import process from "node:process";

/**
 * CPU time of this process with all its threads, in milliseconds since its start. `process.cpuUsage()` is
 * `getrusage(RUSAGE_SELF)` on Deno 2.4 and 2.9: it counts worker, compression and compiler threads, needs no
 * permission and takes 1 µs.
 */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Resident memory in bytes; no permission, 14 µs. */
export function ownRssBytes(): number {
  return Deno.memoryUsage().rss;
}

/** Process id as this process's own pid namespace has it. */
export function ownPid(): number {
  return Deno.pid;
}

/**
 * Name of the machine (under Kubernetes the pod's, or the node's with `hostNetwork`). Deno asks for `sys` permission
 * `hostname`; without it `HOSTNAME`, which a container gets from its runtime, else `unknown`.
 */
export function ownHostName(env: (name: string) => string | undefined): string {
  try {
    return Deno.hostname();
  } catch {
    return env("HOSTNAME") || "unknown";
  }
}

/** An environment variable; `undefined` when unset, or when this program may not read it. */
export function readEnv(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch {
    return undefined;
  }
}
