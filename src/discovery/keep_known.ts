import type { Container } from "../core/container.ts";
import { sameMap } from "./pod_labels.ts";

/**
 * The container to publish after another inspection. What a runtime forgets when a process ends (address,
 * layers, environment) stays as it was known; if nothing differs, the previous object itself comes back, so that
 * `===` means "unchanged".
 */
export function keepKnown(next: Container, previous: Container | undefined): Container {
  if (previous === undefined) return next;
  const merged: Container = Object.freeze({
    ...next,
    ip: next.ip || previous.ip,
    hostName: next.hostName || previous.hostName,
    logPath: next.logPath || previous.logPath,
    upperDir: next.upperDir || previous.upperDir,
    lowerDirs: next.lowerDirs.length > 0 ? next.lowerDirs : previous.lowerDirs,
    mergedRoot: next.mergedRoot || previous.mergedRoot,
    env: next.env.size > 0 ? next.env : previous.env,
    podLabels: next.podLabels.size > 0 || next.state === "running" ? next.podLabels : previous.podLabels,
    startedMs: next.startedMs || previous.startedMs,
    vmIsolated: next.vmIsolated || previous.vmIsolated,
  });
  return sameContainer(merged, previous) ? previous : merged;
}

/** Whether two containers are equal in every field. */
export function sameContainer(left: Container, right: Container): boolean {
  for (const key of Object.keys(left) as (keyof Container)[]) {
    if (!sameValue(left[key], right[key])) return false;
  }
  return true;
}

function sameValue(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (left instanceof Map && right instanceof Map) return sameMap(left, right);
  if (Array.isArray(left) && Array.isArray(right)) return JSON.stringify(left) === JSON.stringify(right);
  return false;
}
