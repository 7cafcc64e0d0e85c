/** What `denotail doctor` looks at, in the order of its table. */
export const CHECKS = [
  "config",
  "host root",
  "propagation",
  "rights",
  "runtime",
  "log files",
  "checkpoint",
  "grants",
  "limits",
  "destination",
] as const;
export type CheckName = (typeof CHECKS)[number];

/** What each check looks at, for the reference page. */
export const CHECKS_ABOUT: Readonly<Record<CheckName, string>> = {
  "config": "The config folder: there, readable, files without errors",
  "host root": "The host's file system where `--host-root` says",
  "propagation":
    "Whether file systems that are mounted later appear below the host root (`HostToContainer`, `rslave`)",
  "rights": "User and capabilities: whether log files of other users can be read",
  "runtime": "Sockets of container runtimes, and the static file: each is asked for its list",
  "log files": "Up to 100 log files of running containers: each is opened",
  "checkpoint": "The checkpoint folder: writable, lasting, held by an agent or not",
  "grants": "Deno's permissions for the paths and variables that the options name",
  "limits": "Limits of CPU and memory, against what the process needs at rest",
  "destination": "Each broker is dialled by itself; topics without variables are looked up",
};

/** `wrong`: something is not collected, not delivered, or not saved. `unknown`: it could not be looked at. */
export type FindingState = "ok" | "warning" | "wrong" | "unknown";

/** What one check found. */
export interface Finding {
  readonly check: CheckName;
  readonly state: FindingState;
  /** A sentence without final period, values in single quotes. */
  readonly found: string;
  /** Pipelines that suffer; empty when it is well. */
  readonly pipelines: readonly string[];
  /** What to do, one way a line; empty when it is well. */
  readonly remedy: readonly string[];
}

/** A finding without a fault. */
export function well(check: CheckName, found: string): Finding {
  return { check, state: "ok", found, pipelines: [], remedy: [] };
}

/** A finding without which the agent, or these pipelines, do not run at all. */
export function wrong(
  check: CheckName,
  found: string,
  pipelines: readonly string[],
  remedy: readonly string[],
): Finding {
  return { check, state: "wrong", found, pipelines, remedy };
}

/** A finding that is `wrong` when a pipeline suffers, and else a warning: nobody wants what is missing. */
export function fault(
  check: CheckName,
  found: string,
  pipelines: readonly string[],
  remedy: readonly string[],
): Finding {
  return { check, state: pipelines.length > 0 ? "wrong" : "warning", found, pipelines, remedy };
}

/** A finding that nobody could look at. What would help stands with the check that says why, the host root's. */
export function unknown(check: CheckName, found: string): Finding {
  return { check, state: "unknown", found, pipelines: [], remedy: [] };
}
