import type { Container } from "../core/container.ts";
import { PermanentError } from "../core/errors.ts";
import { sortedMounts } from "./mounts.ts";
import {
  CONTAINER_NAME_LABEL,
  NO_ENTRIES,
  POD_NAME_LABEL,
  POD_NAMESPACE_LABEL,
  POD_UID_LABEL,
  shared,
  textMap,
} from "./pod_labels.ts";
import { timeMs } from "./docker_container.ts";

/** Used where an element names no host or address, as in iLogtail. */
export interface StaticDefaults {
  readonly hostName: string;
  readonly ip: string;
}

/**
 * Reads static container info (iLogtail's `ALIYUN_LOG_STATIC_CONTAINER_INFO`): what a serverless platform or a
 * sidecar's author writes instead of a runtime's answers.
 *
 *     [{"ID": "…", "Name": "app", "Image": "shop/app:1", "HostName": "", "IP": "", "Created": "<RFC 3339>",
 *       "LogPath": "/…/app.log", "LogType": "json-file", "UpperDir": "/…", "Labels": {}, "Env": {},
 *       "Mounts": [{"Source": "/…", "Destination": "/…", "Driver": ""}],
 *       "State": {"Status": "running", "Pid": 0}}]
 *
 * Throws PermanentError when the text is not such a list; nothing of it counts then.
 */
export function staticContainers(text: string, defaults: StaticDefaults): readonly Container[] {
  const list = parseList(text);
  const ids = new Set<string>();
  return list.map((element, index) => {
    if (typeof element !== "object" || element === null || Array.isArray(element)) {
      throw invalid(`Element ${index} is not an object`);
    }
    const container = staticContainer(element as Record<string, unknown>, index, defaults);
    if (ids.has(container.id)) throw invalid(`Element ${index} has the ID '${container.id}' of another one`);
    ids.add(container.id);
    return container;
  });
}

function parseList(text: string): unknown[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch (error) {
    throw invalid("It is not JSON", error);
  }
  if (!Array.isArray(list)) throw invalid("It is not a JSON array");
  return list;
}

function staticContainer(
  element: Record<string, unknown>,
  index: number,
  defaults: StaticDefaults,
): Container {
  const text = (key: string): string => {
    const value = element[key] ?? "";
    if (typeof value !== "string") throw invalid(`'${key}' of element ${index} is not a string`);
    return value;
  };
  const id = text("ID");
  if (id === "") throw invalid(`'ID' of element ${index} is missing`);
  const labels = textMap(asRecord(element.Labels));
  const state = asRecord(element.State);
  return Object.freeze({
    id,
    runtime: "static",
    name: labels.get(CONTAINER_NAME_LABEL) ?? text("Name").replace(/^\//, ""),
    image: text("Image"),
    labels,
    podName: labels.get(POD_NAME_LABEL) ?? "",
    namespace: labels.get(POD_NAMESPACE_LABEL) ?? "",
    podUid: labels.get(POD_UID_LABEL) ?? "",
    podLabels: NO_ENTRIES,
    annotations: NO_ENTRIES,
    env: shared(textMap(asRecord(element.Env))),
    ip: text("IP") || defaults.ip,
    hostName: text("HostName") || defaults.hostName,
    logPath: text("LogPath"),
    logDriver: text("LogType"),
    upperDir: text("UpperDir"),
    lowerDirs: [],
    mergedRoot: "",
    mounts: staticMounts(element.Mounts),
    pid: typeof state.Pid === "number" ? state.Pid : 0,
    state: typeof state.Status === "string" && state.Status !== "" && state.Status !== "running"
      ? "exited"
      : "running",
    createdMs: timeMs(text("Created")),
    startedMs: timeMs(text("Created")),
    vmIsolated: false,
    isPause: false,
  });
}

function staticMounts(value: unknown): Container["mounts"] {
  if (!Array.isArray(value)) return [];
  return sortedMounts(value.map((mount) => {
    const { Source: source, Destination: destination } = asRecord(mount);
    return {
      source: typeof source === "string" ? source : undefined,
      destination: typeof destination === "string" ? destination : undefined,
    };
  }));
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function invalid(message: string, cause?: unknown): PermanentError {
  return new PermanentError("STATIC_CONTAINER_INFO", `Static container info is invalid: ${message}`, {
    cause,
  });
}
