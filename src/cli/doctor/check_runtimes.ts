import type { ContainerSnapshot, RuntimeStatus } from "../../core/container.ts";
import { plainRemedy } from "../../core/error_codes.ts";
import { runtimeSockets } from "../../discovery/runtime_sockets.ts";
import { plural } from "../people.ts";
import { fault, type Finding, well } from "./finding.ts";
import { type Machine, whoNeeds } from "./machine.ts";
import { SOCKET_REMEDY } from "./remedies.ts";

const NAMES = { docker: "Docker", cri: "CRI", static: "static container info" } as const;

/** One finding per runtime that is there, or one that says that there is none. */
export function checkRuntimes(machine: Machine, snapshot: ContainerSnapshot): readonly Finding[] {
  const present = snapshot.runtimes.filter(({ state }) => state !== "absent");
  if (present.length === 0) return [noRuntime(machine, snapshot.runtimes)];
  return present.map((status) => status.state === "ok" ? answers(status, snapshot) : silent(machine, status));
}

function answers({ kind, socket }: RuntimeStatus, { containers }: ContainerSnapshot): Finding {
  const running = [...containers.values()].filter((one) => one.runtime === kind && one.state === "running");
  return well(
    "runtime",
    `${NAMES[kind]} at '${socket}' answers: ${plural(running.length, "running container")}`,
  );
}

/** A runtime that is there and does not answer. */
export function silent(machine: Machine, { kind, socket, error, reason }: RuntimeStatus): Finding {
  const code = kind === "static" ? "STATIC_CONTAINER_INFO" : `RUNTIME_${(reason ?? "away").toUpperCase()}`;
  return fault(
    "runtime",
    `${NAMES[kind]} at '${socket}' does not answer: ${error ?? "no reason is known"}`,
    whoNeeds(machine, "container_output", "container_files"),
    [plainRemedy(code)],
  );
}

/** Nothing that could tell containers. */
export function noRuntime(machine: Machine, runtimes: readonly RuntimeStatus[]): Finding {
  const sufferers = whoNeeds(machine, "container_output", "container_files");
  if (sufferers.length === 0) return well("runtime", "none found, and no pipeline reads containers");
  const folder = socketFolder(machine);
  const found = folder === null
    ? `no runtime found; looked for ${runtimes.map(({ socket }) => `'${socket}'`).join(", ") || "none"}`
    : `'${folder}' is a folder: Docker makes one where a socket is mounted that does not exist`;
  return fault("runtime", found, sufferers, SOCKET_REMEDY);
}

/** A folder in a socket's place. */
function socketFolder({ options, files }: Machine): string | null {
  const paths = runtimeSockets(options).flatMap((socket) => socket.paths);
  return paths.find((path) => files.stat(path)?.kind === "folder") ?? null;
}
