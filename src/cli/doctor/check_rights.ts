import type { Container } from "../../core/container.ts";
import type { Files } from "../../core/host.ts";
import { hostView } from "../../core/host_view.ts";
import { plural } from "../people.ts";
import { fault, type Finding, unknown, well } from "./finding.ts";
import { type Machine, whoNeeds } from "./machine.ts";
import { hostRootRemedy, READING_REMEDY } from "./remedies.ts";

/** Bits of the kernel's capabilities (`linux/capability.h`). */
const DAC_OVERRIDE = 1n << 1n;
const DAC_READ_SEARCH = 1n << 2n;

/** Whether this process may read files of every user, as log files of containers are. */
export function checkRights(machine: Machine): Finding {
  const { status, options } = machine;
  if (status === null) {
    return unknown("rights", "the host's proc cannot be read, so it is not known");
  }
  const user = /^Uid:\s+\d+\s+(\d+)/m.exec(status)?.[1] ?? "";
  const capabilities = BigInt(`0x${/^CapEff:\s+([0-9a-f]+)/m.exec(status)?.[1] ?? "0"}`);
  if ((capabilities & (DAC_OVERRIDE | DAC_READ_SEARCH)) !== 0n) {
    return well("rights", `user '${user}', may read files of every user`);
  }
  // A sidecar shares a folder with its neighbours and needs nothing else.
  if (options.staticInfoFile !== "") return well("rights", `user '${user}', beside static container info`);
  if (user === "0") {
    const found = "root without CAP_DAC_READ_SEARCH: files that only another user may read are not read";
    return fault("rights", found, [], READING_REMEDY);
  }
  return fault(
    "rights",
    `user '${user}' without CAP_DAC_READ_SEARCH: files that only root may read, as runtimes make them, are not read`,
    whoNeeds(machine, "container_output", "container_files"),
    READING_REMEDY,
  );
}

/** Log files that are tried; the rest will be alike. */
const FILES_TRIED = 100;

/** Whether the log files that runtimes name can be opened; `null` when there is none to try. */
export function checkLogFiles(
  machine: Machine,
  containers: Iterable<Container>,
  files: Pick<Files, "open" | "isRemote">,
): Finding | null {
  const view = hostView(machine.options.hostRoot);
  const counts = { tried: 0, missing: 0, refused: 0 };
  let example = "";
  for (const { state, logPath } of containers) {
    if (state !== "running" || logPath === "" || counts.tried === FILES_TRIED) continue;
    const { path } = view.candidates(logPath)[0];
    if (files.isRemote(path)) continue;
    counts.tried++;
    const opened = files.open(view, logPath);
    if ("file" in opened) {
      opened.file.close();
      continue;
    }
    example ||= path;
    counts[opened.refused === "missing" ? "missing" : "refused"]++;
  }
  if (counts.tried === 0) return null;
  const good = counts.tried - counts.missing - counts.refused;
  const found = `${good} of ${plural(counts.tried, "log file")} of running containers can be read`;
  if (good === counts.tried) return well("log files", found);
  return fault(
    "log files",
    `${found}; ${counts.missing > 0 ? "missing" : "refused"}, for instance: '${example}'`,
    whoNeeds(machine, "container_output"),
    counts.missing > 0 ? hostRootRemedy(machine.options.hostRoot) : READING_REMEDY,
  );
}
