import type { CriSandbox } from "../core/runtime.ts";

/** Labels by which every Kubernetes runtime names a container's place. */
export const CONTAINER_NAME_LABEL = "io.kubernetes.container.name";
export const POD_NAME_LABEL = "io.kubernetes.pod.name";
export const POD_NAMESPACE_LABEL = "io.kubernetes.pod.namespace";
export const POD_UID_LABEL = "io.kubernetes.pod.uid";

/** Prefixes of labels that the runtime put on a sandbox, as against the user's pod labels. */
const RUNTIME_PREFIXES = ["io.kubernetes", "annotation."];

/** A map without entries. */
export const NO_ENTRIES: ReadonlyMap<string, string> = new Map();

/** The same map for all that are empty: a node has a thousand of them. */
export function shared(map: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return map.size === 0 ? NO_ENTRIES : map;
}

/** The user's labels of a pod: the sandbox's labels without those that the runtime added. */
export function podLabels(sandboxLabels: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  for (const [key, value] of sandboxLabels) {
    if (!RUNTIME_PREFIXES.some((prefix) => key.startsWith(prefix))) labels.set(key, value);
  }
  return shared(labels);
}

/** A JSON object of strings as a map; values that are not strings are left out. */
export function textMap(record: Readonly<Record<string, unknown>> | null | undefined): Map<string, string> {
  const map = new Map<string, string>();
  for (const [key, value] of Object.entries(record ?? {})) {
    if (typeof value === "string") map.set(key, value);
  }
  return map;
}

/** `KEY=VALUE` lines as a map: split at the first `=`; of two equal keys the last counts. */
export function environmentMap(lines: readonly string[] | null | undefined): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const line of lines ?? []) {
    const equals = line.indexOf("=");
    if (equals > 0) map.set(line.slice(0, equals), line.slice(equals + 1));
    else if (equals < 0 && line !== "") map.set(line, "");
  }
  return shared(map);
}

/** The pod that a sandbox stands for: metadata first, labels where a runtime leaves it empty. */
export function podOfSandbox(sandbox: CriSandbox): { podName: string; namespace: string; podUid: string } {
  return {
    podName: sandbox.podName || (sandbox.labels.get(POD_NAME_LABEL) ?? ""),
    namespace: sandbox.namespace || (sandbox.labels.get(POD_NAMESPACE_LABEL) ?? ""),
    podUid: sandbox.podUid || (sandbox.labels.get(POD_UID_LABEL) ?? ""),
  };
}

/** Same keys with the same values, order aside. */
export function sameMap(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): boolean {
  if (left.size !== right.size) return false;
  for (const [key, value] of left) if (right.get(key) !== value) return false;
  return true;
}
