/**
 * What `/readyz` asks of the agent. A broker that is down is not among the reasons against it: lines wait on disk, and
 * neither a restart nor a rollout that stands still would help. Pipelines that wait for a cluster are named beside it.
 */
export interface ReadyFacts {
  /** The config folder was read and its pipelines were started. */
  readonly pipelinesLoaded: boolean;
  /** There are pipeline files, and each has an error: nothing is collected. */
  readonly nothingUsable: boolean;
  /** Every runtime that has a socket answered once; true on a host without any. */
  readonly containersListed: boolean;
  /** Why the last save failed, "" when it went through. */
  readonly checkpointError: string;
  /** What pipelines wait for that read nothing yet, one sentence each. */
  readonly waiting: readonly string[];
}

/** What `/healthz` asks. */
export interface LiveFacts {
  /** How long the event loop stood still, now or within the last time it is remembered (`LoopWatch`). */
  readonly loopStalledMs: number;
  /** Files that have bytes to read and a flusher with room, with the time since anything was read of them. */
  readonly waitingFiles: readonly { readonly path: string; readonly idleMs: number }[];
}

/** Good, or the reasons why not; each is one sentence. */
export interface Health {
  readonly ok: boolean;
  readonly reasons: readonly string[];
  /** What is worth knowing and is no reason. */
  readonly notes?: readonly string[];
}

/** The event loop stood still this long: something blocks, and no line moves meanwhile. */
export const LOOP_STALL_MS = 10_000;
/** A file with data and room made no progress for this long: a defect of the agent or a hanging disk. */
export const FILE_STALL_MS = 60_000;
/** Named files of one answer. */
const FILES_NAMED_MAX = 5;

/** The rule behind `/readyz`. */
export function readiness(facts: ReadyFacts): Health {
  const reasons: string[] = [];
  if (!facts.pipelinesLoaded) reasons.push("the pipelines are not loaded yet");
  if (facts.nothingUsable) {
    reasons.push(
      "no pipeline runs: the config folder cannot be read, or every file in the config folder has errors; the log names them",
    );
  }
  if (!facts.containersListed) reasons.push("no container runtime has given its first list yet");
  if (facts.checkpointError !== "") {
    reasons.push(`the checkpoint cannot be written: ${facts.checkpointError}`);
  }
  return { ok: reasons.length === 0, reasons, notes: facts.waiting };
}

/** The rule behind `/healthz`. */
export function liveness(facts: LiveFacts): Health {
  const reasons: string[] = [];
  if (facts.loopStalledMs >= LOOP_STALL_MS) {
    reasons.push(`the event loop stood still for ${seconds(facts.loopStalledMs)} s`);
  }
  const stuck = facts.waitingFiles.filter((file) => file.idleMs >= FILE_STALL_MS);
  for (const file of stuck.slice(0, FILES_NAMED_MAX)) {
    reasons.push(`'${file.path}' has data and room but made no progress for ${seconds(file.idleMs)} s`);
  }
  if (stuck.length > FILES_NAMED_MAX) {
    reasons.push(`${stuck.length - FILES_NAMED_MAX} more files made no progress`);
  }
  return { ok: reasons.length === 0, reasons };
}

function seconds(ms: number): number {
  return Math.round(ms / 1000);
}
