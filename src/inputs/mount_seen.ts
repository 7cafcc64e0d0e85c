import { mountDevice } from "../base/mount_device.ts";
import type { Container, ContainerMount } from "../core/container.ts";
import { hostView } from "../core/host_view.ts";
import type { Files } from "../core/host.ts";
import { below } from "./container_view.ts";

/** A node with many pods has long tables. */
const MOUNTINFO_BYTES_MAX = 16 * 1024 * 1024;

/**
 * Whether a mount of a container can be read below the host root: its source is there, and lies on the file system
 * that the container sees. A volume mounted after the agent's own host root, without propagation, leaves an empty
 * folder in its place. Where the tables of mounts cannot be read the folder alone counts.
 */
export function isMountSeen(
  container: Container,
  mount: ContainerMount,
  files: Pick<Files, "resolve" | "readText">,
  hostRoot: string,
): boolean {
  const place = files.resolve(hostView(hostRoot), mount.source);
  if (place === null) return false;
  const deviceOf = (process: string, path: string) => {
    const table = files.readText(below(hostRoot, `/proc/${process}/mountinfo`), MOUNTINFO_BYTES_MAX);
    return table === null ? "" : mountDevice(table, path);
  };
  if (container.pid === 0) return true;
  const inside = deviceOf(String(container.pid), mount.destination);
  const here = inside === "" ? "" : deviceOf("self", place.path);
  return here === "" || here === inside;
}
