import type { Container } from "../core/container.ts";
import { overlayAtRoot, parseMountinfo } from "./mountinfo.ts";

/** Texts that tell a process which container it is in; "" or 0 for what cannot be read. */
export interface OwnFacts {
  /** `<hostroot>/proc/self/cgroup`. */
  readonly cgroup: string;
  /** `<hostroot>/proc/self/mountinfo`. */
  readonly mountinfo: string;
  /** Where `<hostroot>/proc/self` leads: this process' id in the host's pid namespace. */
  readonly hostPid: number;
  /** `HOSTNAME`: Docker's short id unless hostNetwork or a name was asked for; in Kubernetes the pod's name. */
  readonly hostName: string;
}

/** Which of the texts gave the container away. */
export type OwnEvidence = "cgroup" | "pid" | "overlay" | "mounts" | "hostname";

const HEX_ID = /[0-9a-f]{64}/g;

/**
 * Finds the agent's own container among the known ones, `null` if it is in none of them. What works where:
 *
 *     evidence   cgroup v1   cgroup v2, private namespace   hostNetwork
 *     cgroup     the id      `0::/`, says nothing           as without
 *     pid        yes, when the agent is the container's first process
 *     overlay    yes: our `/` has the upper directory that the container has
 *     mounts     Docker binds `…/containers/<id>/hostname`  as without
 *     hostname   Docker's short id                          the node's name, says nothing
 */
export function ownContainer(
  facts: OwnFacts,
  containers: ReadonlyMap<string, Container>,
): { readonly id: string; readonly evidence: OwnEvidence } | null {
  const byCgroup = lastKnownId(facts.cgroup, containers);
  if (byCgroup !== null) return { id: byCgroup, evidence: "cgroup" };
  const upperDir = overlayAtRoot(facts.mountinfo)?.upperDir ?? "";
  const alive = [...containers.values()].filter((container) => container.state === "running");
  const byPid = alive.find((container) => container.pid > 0 && container.pid === facts.hostPid);
  if (byPid !== undefined) return { id: byPid.id, evidence: "pid" };
  const byOverlay = alive.find((container) => upperDir !== "" && container.upperDir === upperDir);
  if (byOverlay !== undefined) return { id: byOverlay.id, evidence: "overlay" };
  const byMounts = lastKnownId(bindSources(facts.mountinfo), containers);
  if (byMounts !== null) return { id: byMounts, evidence: "mounts" };
  if (!/^[0-9a-f]{12}$/.test(facts.hostName)) return null;
  const byName = alive.find((container) => container.id.startsWith(facts.hostName));
  return byName === undefined ? null : { id: byName.id, evidence: "hostname" };
}

/** The innermost id in the text that belongs to a known container (Docker in Docker nests them). */
function lastKnownId(text: string, containers: ReadonlyMap<string, Container>): string | null {
  const ids = text.match(HEX_ID) ?? [];
  return ids.findLast((id) => containers.has(id)) ?? null;
}

/** Where the files that a runtime binds into each container come from. Other mounts may name other containers. */
function bindSources(mountinfo: string): string {
  return parseMountinfo(mountinfo)
    .filter((line) => ["/etc/hostname", "/etc/hosts", "/etc/resolv.conf"].includes(line.mountPoint))
    .map((line) => line.root)
    .join("\n");
}
