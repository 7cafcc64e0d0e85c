import type { Log } from "../../core/telemetry.ts";
import type { CheckName, Finding } from "./finding.ts";

/** What a fault means, constant per check; the rest is in the fields. */
const MESSAGES: Readonly<Record<CheckName, string>> = {
  "config": "Config folder is missing or has errors",
  "host root": "Host root is missing or wrong",
  "propagation": "Mounts made after the start will not be seen",
  "rights": "Files of other users cannot be read",
  "runtime": "Container runtime is missing or does not answer",
  "log files": "Log files of containers cannot be read",
  "checkpoint": "Checkpoint folder is missing or wrong",
  "grants": "Permissions are missing",
  "limits": "Limits are too small",
  "destination": "Destination cannot be reached",
};

/** One line of the own log per fault: an error when pipelines suffer, else a warning. What is well is not said. */
export function logFindings(findings: readonly Finding[], log: Log): void {
  for (const { check, state, found, pipelines, remedy } of findings) {
    if (state === "ok") continue;
    const fields = {
      found,
      pipelines: pipelines.length === 0 ? undefined : pipelines.join(", "),
      remedy: remedy.length === 0 ? undefined : remedy.join("; "),
    };
    if (state === "wrong") log.error(MESSAGES[check], fields);
    else if (state === "warning") log.warn(MESSAGES[check], fields);
    else log.debug("A check could not be made at the start", { check, ...fields });
  }
}
