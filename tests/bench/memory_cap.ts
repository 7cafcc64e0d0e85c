import { isAlive } from "../support/process.ts";

/** A memory limit for processes, by the kernel's own means: version 2 of control groups, or 1. */
export interface MemoryCap {
  /** What a process writes its pid to. */
  procs: string;
  /** How many processes the kernel has killed in it. */
  kills(): number;
  /** Highest use so far, page cache included; 0 where the kernel does not say. */
  peakBytes(): number;
  remove(): Promise<void>;
}

const GROUP = `denotail-bench-${Deno.pid}`;

/** Makes one; gives a reason where the machine does not let us. */
export function makeMemoryCap(bytes: number): MemoryCap | { reason: string } {
  const reasons: string[] = [];
  for (const make of [versionTwo, versionOne]) {
    try {
      sweep(make === versionTwo ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory");
      return make(bytes);
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : `${error}`);
    }
  }
  return { reason: reasons.join("; ") };
}

function versionTwo(bytes: number): MemoryCap {
  const root = "/sys/fs/cgroup";
  if (!/\bmemory\b/.test(Deno.readTextFileSync(`${root}/cgroup.controllers`))) {
    throw new Error("no memory controller");
  }
  Deno.writeTextFileSync(`${root}/cgroup.subtree_control`, "+memory");
  const folder = `${root}/${GROUP}`;
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(`${folder}/memory.max`, String(bytes));
  return {
    procs: `${folder}/cgroup.procs`,
    kills: () => numberIn(`${folder}/memory.events`, /^oom_kill (\d+)/m),
    peakBytes: () => numberIn(`${folder}/memory.peak`, /(\d+)/),
    remove: () => removeGroup(folder),
  };
}

function versionOne(bytes: number): MemoryCap {
  const folder = `/sys/fs/cgroup/memory/${GROUP}`;
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(`${folder}/memory.limit_in_bytes`, String(bytes));
  return {
    procs: `${folder}/cgroup.procs`,
    kills: () => numberIn(`${folder}/memory.oom_control`, /^oom_kill (\d+)/m),
    peakBytes: () => numberIn(`${folder}/memory.max_usage_in_bytes`, /(\d+)/),
    remove: () => removeGroup(folder),
  };
}

function numberIn(path: string, pattern: RegExp): number {
  try {
    return Number(pattern.exec(Deno.readTextFileSync(path))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** A group can go when the last of its processes is gone. */
async function removeGroup(folder: string): Promise<void> {
  for (let tries = 0; tries < 50; tries++) {
    try {
      Deno.removeSync(folder);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Groups of benches that were killed. */
function sweep(root: string): void {
  for (const { name } of Deno.readDirSync(root)) {
    const pid = Number(/^denotail-bench-(\d+)$/.exec(name)?.[1] ?? 0);
    if (pid === 0 || isAlive(pid)) continue;
    try {
      Deno.removeSync(`${root}/${name}`);
    } catch {
      // Not empty yet.
    }
  }
}
