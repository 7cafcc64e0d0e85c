import { MountDevices } from "../base/mount_devices.ts";
import type { Container, ContainerMount, Discovery } from "../core/container.ts";
import { hostView } from "../core/host_view.ts";
import type { Files } from "../core/host.ts";
import { below } from "./container_view.ts";

/** A node with many pods has long tables. */
const MOUNTINFO_BYTES_MAX = 16 * 1024 * 1024;

/** Where to look. */
export interface MountWorld {
  readonly files: Pick<Files, "resolve" | "readText">;
  readonly hostRoot: string;
  readonly discovery: Pick<Discovery, "current">;
}

/** What the tables of mounts said for one list of containers. */
interface Read {
  readonly sequence: number;
  /** The agent's own table; `null` when it cannot be read. */
  readonly own: MountDevices | null;
  /** Device by destination of a container's mounts, by process. Only these are kept: the tables are long. */
  readonly inside: Map<number, ReadonlyMap<string, string>>;
}

/**
 * By the agent's one list: all its pipelines ask about the same mounts when a list comes. A table of a full node takes
 * milliseconds, so each is read once per list.
 */
const LAST_READ = new WeakMap<object, Read>();

/**
 * Whether a mount of a container can be read below the host root: its source is there, and lies on the file system
 * that the container sees. A volume mounted after the agent's own host root, without propagation, leaves an empty
 * folder in its place. Where the tables of mounts cannot be read the folder alone counts.
 */
export function isMountSeen(container: Container, mount: ContainerMount, world: MountWorld): boolean {
  const place = world.files.resolve(hostView(world.hostRoot), mount.source);
  if (place === null) return false;
  if (container.pid === 0) return true;
  const read = tablesOf(world);
  if (read.own === null) return true;
  let devices = read.inside.get(container.pid);
  if (devices === undefined) read.inside.set(container.pid, devices = devicesInside(container, world));
  const inside = devices.get(mount.destination) ?? "";
  const here = inside === "" ? "" : read.own.of(place.path);
  return here === "" || here === inside;
}

function tablesOf(world: MountWorld): Read {
  const { sequence } = world.discovery.current();
  let read = LAST_READ.get(world.discovery);
  if (read?.sequence !== sequence) {
    read = { sequence, own: readTable("self", world), inside: new Map() };
    LAST_READ.set(world.discovery, read);
  }
  return read;
}

function devicesInside(container: Container, world: MountWorld): ReadonlyMap<string, string> {
  const table = readTable(String(container.pid), world);
  if (table === null) return new Map();
  return new Map(container.mounts.map(({ destination }) => [destination, table.of(destination)]));
}

function readTable(process: string, { files, hostRoot }: MountWorld): MountDevices | null {
  const text = files.readText(below(hostRoot, `/proc/${process}/mountinfo`), MOUNTINFO_BYTES_MAX);
  return text === null ? null : new MountDevices(text);
}
