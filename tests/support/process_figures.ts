/** Memory, CPU and descriptors of a process, read from /proc. */

/** Figures of one moment. */
export interface ProcessFigures {
  /** User and system time of all threads, in seconds (resolution 10 ms). */
  cpuSeconds: number;
  rssBytes: number;
  /** Highest RSS since the start. */
  peakRssBytes: number;
  openFiles: number;
}

/** `sysconf(_SC_CLK_TCK)` of Linux on all architectures that Deno runs on. */
const ticksPerSecond = 100;

/** Figures of a process; throws when it is gone. */
export function processFigures(pid: number): ProcessFigures {
  // Field 2, the name, may hold blanks and parentheses; utime and stime are the 12th and 13th behind it.
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+)`, "m").exec(status)?.[1] ?? 0) * 1024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
    rssBytes: kib("VmRSS"),
    peakRssBytes: kib("VmHWM"),
    openFiles: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
  };
}

/**
 * How long threads of a process were ready to run and had no processor, in seconds. /proc/<pid>/task/<tid>/schedstat is
 * three numbers: ns on a processor, ns of waiting for one, time slices.
 */
export function waitedSeconds(pid: number): number {
  let ns = 0;
  for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
    try {
      ns += Number(Deno.readTextFileSync(`/proc/${pid}/task/${name}/schedstat`).split(" ")[1]);
    } catch {
      // The thread has ended, or the kernel does not count.
    }
  }
  return ns / 1e9;
}

/** Whether a process holds this file open, under whatever name. */
export function holdsOpen(pid: number, dev: number, ino: number | null): boolean {
  for (const entry of Deno.readDirSync(`/proc/${pid}/fd`)) {
    try {
      const open = Deno.statSync(`/proc/${pid}/fd/${entry.name}`);
      if (open.ino === ino && open.dev === dev) return true;
    } catch {
      // Closed since the folder was listed.
    }
  }
  return false;
}

/** Paths of the files a process holds open; deleted ones end in ` (deleted)`. */
export function openPaths(pid: number): string[] {
  const paths: string[] = [];
  for (const entry of Deno.readDirSync(`/proc/${pid}/fd`)) {
    try {
      paths.push(Deno.readLinkSync(`/proc/${pid}/fd/${entry.name}`));
    } catch {
      // Closed since the folder was listed.
    }
  }
  return paths;
}
