import { closeSync, constants, openSync } from "node:fs";
import { describeError } from "../core/errors.ts";
import type { FileIdentity, Opened, PathView } from "../core/host.ts";
import { refusalOf } from "./file_errors.ts";
import { DescriptorFile, descriptorInfo } from "./open_file.ts";
import { isBelow, type LinkReader, type Refused, type Resolved, resolveInView } from "./resolve_in_view.ts";

/** What opening needs beside resolving. */
export interface OpenWorld extends LinkReader {
  /** The host root after the kernel resolved it: what `/proc/self/fd` shows paths below. */
  readonly realHostRoot: string;
  /**
   * Whether descriptors of `node:fs` are the kernel's. Deno 2.4 gives resource numbers, with which
   * `/proc/self/fd` names something else.
   */
  readonly hasRealDescriptors: boolean;
}

/**
 * So often the path is resolved again where the kernel does not show what was opened. A folder above the file may become
 * a link between two of our looks at it, and be a folder again at the next: once in ten thousand times that was so in
 * two resolutions, the first one and one more (measured). In all of these it has to be.
 */
const LOOKS_AGAIN = 16;

/** A rename between resolving and the check makes them differ: then everything is done again. */
const ATTEMPTS_MAX = 3;

/**
 * Opens a regular file of a view (contract "Opening"). The kernel decides what was opened, the check comes after:
 *
 *     resolve  ->  open(O_RDONLY | O_NONBLOCK)  ->  fstat: regular file?  ->  readlink(proc/self/fd/N) = resolved?
 *
 * so nobody can win a race by swapping a component for a link. O_NONBLOCK keeps a FIFO from blocking the process.
 * Where the host's proc is not readable, and on Deno 2.4, the path is resolved again and again and device and inode are
 * compared; there a file with a second hard link is refused, since a link made and removed in between would not be seen.
 * That costs a millisecond, so a file that was proved before (`known`), which may be opened for each read, needs one look.
 */
export function openConfined(world: OpenWorld, view: PathView, path: string, known?: FileIdentity): Opened {
  let result: Opened = { refused: "missing", detail: "" };
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const resolved = resolveInView(world, view, path);
    if ("refused" in resolved) return resolved;
    const refused = refuseByLooks(world, resolved);
    if (refused !== null) return refused;
    result = openAndCheck(world, view, path, resolved, known);
    if ("file" in result || result.refused !== "outside") return result;
  }
  return result;
}

/** What can be said without opening. */
function refuseByLooks(world: OpenWorld, resolved: Resolved): Refused | null {
  const { path } = resolved.place;
  if (isPseudo(world.hostRoot, path)) {
    return { refused: "pseudo", detail: `'${path}' is below the host's proc or sys` };
  }
  if (resolved.info.kind !== "file") {
    return { refused: "not_regular", detail: `'${path}' is not a regular file` };
  }
  return null;
}

function openAndCheck(
  world: OpenWorld,
  view: PathView,
  path: string,
  resolved: Resolved,
  known: FileIdentity | undefined,
): Opened {
  const hostPath = resolved.place.path;
  let descriptor: number;
  try {
    descriptor = openToRead(hostPath);
  } catch (error) {
    return { refused: refusalOf(error), detail: `'${hostPath}' was not opened: ${describeError(error)}` };
  }
  let refused: Refused | null;
  try {
    refused = checkOpened(world, view, path, resolved, descriptor, known);
  } catch (error) {
    refused = { refused: "failed", detail: `'${hostPath}' was not checked: ${describeError(error)}` };
  }
  if (refused === null) {
    return { file: new DescriptorFile(descriptor, hostPath), mayStayOpen: resolved.place.mayStayOpen };
  }
  closeSync(descriptor);
  return refused;
}

/**
 * Where the kernel keeps the time of the last read, each read of a file that grew since would change its inode: a tenth
 * of what reading a growing file costs, and a write to the disk. Only a file's owner and root may ask it not to.
 */
function openToRead(hostPath: string): number {
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  // Deno 2.4 does not know it.
  const quiet = constants.O_NOATIME as number | undefined;
  if (quiet !== undefined) {
    try {
      return openSync(hostPath, flags | quiet);
    } catch (error) {
      if ((error as { code?: string }).code !== "EPERM") throw error;
    }
  }
  return openSync(hostPath, flags);
}

function checkOpened(
  world: OpenWorld,
  view: PathView,
  path: string,
  resolved: Resolved,
  descriptor: number,
  known: FileIdentity | undefined,
): Refused | null {
  const hostPath = resolved.place.path;
  const info = descriptorInfo(descriptor);
  if (info.kind !== "file") return { refused: "not_regular", detail: `'${hostPath}' is not a regular file` };
  const shown = world.hasRealDescriptors ? world.readLink(descriptorLink(world.hostRoot, descriptor)) : null;
  if (shown !== null) {
    const expected = world.hostRoot === "/"
      ? hostPath
      : world.realHostRoot + hostPath.slice(world.hostRoot.length);
    // The kernel adds the suffix to the last path of a file that has no name any more.
    if (shown === expected || (info.links === 0 && shown === `${expected} (deleted)`)) return null;
    return { refused: "outside", detail: `'${hostPath}' was opened as '${shown}'` };
  }
  if (info.links > 1) return { refused: "hard_link", detail: `'${hostPath}' has ${info.links} names` };
  const isKnown = info.device === known?.device && info.inode === known.inode;
  for (let look = isKnown ? LOOKS_AGAIN - 1 : 0; look < LOOKS_AGAIN; look++) {
    const again = resolveInView(world, view, path);
    const same = !("refused" in again) && again.place.path === hostPath && again.info.kind === "file" &&
      again.info.device === info.device && again.info.inode === info.inode;
    if (!same) return { refused: "outside", detail: `'${hostPath}' changed while it was opened` };
  }
  return null;
}

function descriptorLink(hostRoot: string, descriptor: number): string {
  return `${hostRoot === "/" ? "" : hostRoot}/proc/self/fd/${descriptor}`;
}

/** Whether a path lies in the host's proc or sys: never a log file, whoever links there. */
export function isPseudo(hostRoot: string, path: string): boolean {
  const root = hostRoot === "/" ? "" : hostRoot;
  return isBelow(path, `${root}/proc`) || isBelow(path, `${root}/sys`);
}
