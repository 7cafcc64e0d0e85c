import type { CheckpointFolder } from "../core/checkpoint.ts";
import { describeError, PermanentError } from "../core/errors.ts";
import type { Clock } from "../core/host.ts";
import type { Log } from "../core/telemetry.ts";

/** Who holds a checkpoint folder. Shown to people only; the lock itself is the kernel's. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** ISO time. */
  readonly since: string;
}

/** How often a lock held by another agent is tried again. */
const RETRY_MS = 200;

/**
 * Takes the folder for this process; waits up to `timeoutMs` for another one to leave (a rolling update starts the
 * new pod while the old one drains). The kernel frees the lock when its holder dies, however it dies, so a name left
 * by a killed agent never keeps a new one out. Rejects with a `PermanentError` that names the holder.
 */
export async function lockFolder(
  folder: CheckpointFolder,
  self: Pick<Holder, "pid" | "host">,
  clock: Clock,
  timeoutMs: number,
  log: Log,
): Promise<void> {
  const startMs = clock.monotonicMs();
  for (let waited = false; !folder.tryLock(); waited = true) {
    const leftMs = startMs + timeoutMs - clock.monotonicMs();
    const holder = parseHolder(folder.readHolder());
    if (leftMs <= 0) throw heldError(folder.path, holder, timeoutMs);
    if (!waited) {
      log.info("waiting for another agent to leave the checkpoint folder", {
        folder: folder.path,
        pid: holder?.pid,
        host: holder?.host,
        since: holder?.since,
      });
    }
    await new Promise<void>((done) => void clock.after(Math.min(RETRY_MS, leftMs), done));
  }
  const holder: Holder = { ...self, since: new Date(clock.wallMs()).toISOString() };
  try {
    folder.writeHolder(`${JSON.stringify(holder)}\n`);
  } catch (error) {
    // A full disk must not keep the agent from starting: the lock is held, only its name is missing.
    log.warn("the holder of the checkpoint folder is not written down", { reason: describeError(error) });
  }
}

function heldError(path: string, holder: Holder | null, timeoutMs: number): PermanentError {
  const who = holder === null
    ? "another agent"
    : `another agent (pid '${holder.pid}' on host '${holder.host}', since '${holder.since}')`;
  return new PermanentError(
    "CHECKPOINT_HELD",
    `The checkpoint folder '${path}' is in use by ${who}; waited ${
      timeoutMs / 1000
    } s; stop that agent or give ` +
      "this one its own folder with '--checkpoint'",
  );
}

function parseHolder(text: string | null): Holder | null {
  try {
    const holder = JSON.parse(text ?? "") as Holder;
    return typeof holder === "object" && holder !== null ? holder : null;
  } catch {
    return null;
  }
}
