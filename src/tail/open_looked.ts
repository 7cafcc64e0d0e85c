import type { FileIdentity, FileInfo, Files, Opened, OpenFile, PathView } from "../core/host.ts";
import { isSameFile } from "./identity.ts";
import { basesOf, findSiblings, joinPath, splitPath } from "./siblings.ts";

/** A file and the name it was found under. */
export interface OpenedAgain {
  readonly file: OpenFile;
  readonly mayStayOpen: boolean;
  readonly path: string;
}

/**
 * Opens a file that was open before, under the name it has now: its own, or that of a rotated sibling. That it was open
 * is proof enough for one look (`known` of `Files.open`).
 */
export function openAgain(
  files: Files,
  view: PathView,
  path: string,
  identity: FileIdentity,
): OpenedAgain | null {
  const isIt = (file: OpenFile) => isFile(file, identity);
  return openAsNamedNow(files, view, path, identity, (place) => openIf(isIt, files, view, place, identity));
}

/**
 * Opens the file that was looked at, and not the one that the path leads to since: it may be rotated away in between, and
 * what it holds would be read late, or never. `missing`: it is gone.
 */
export function openLooked(files: Files, view: PathView, path: string, info: FileInfo): Opened {
  const opened = files.open(view, path);
  if ("refused" in opened && opened.refused !== "missing") return opened;
  if ("file" in opened) {
    if (isFile(opened.file, info)) return opened;
    opened.file.close();
  }
  // Its inode number may have gone to the next file at once; rotated names do not become shorter.
  const isIt = (file: OpenFile) => isFile(file, info, info.sizeBytes);
  const younger = basesOf(splitPath(path).name);
  const open = (place: string) =>
    younger.includes(splitPath(place).name) ? null : openIf(isIt, files, view, place);
  return openAsNamedNow(files, view, path, info, open) ??
    { refused: "missing", detail: "Gone since it was looked at" };
}

/** Opens a file where it may be by now, its own name first. */
function openAsNamedNow(
  files: Files,
  view: PathView,
  path: string,
  identity: FileIdentity,
  open: (path: string) => OpenedAgain | null,
): OpenedAgain | null {
  const own = open(path);
  if (own !== null) return own;
  // A rotated name may be rotated once more: its siblings are those of the name it began with.
  const { folder, name } = splitPath(path);
  for (const base of [name, ...basesOf(name)]) {
    for (const sibling of findSiblings(files, view, joinPath(folder, base))) {
      if (!isSameFile(sibling.info, identity)) continue;
      const again = open(sibling.path);
      if (again !== null) return again;
    }
  }
  return null;
}

function openIf(
  isIt: (file: OpenFile) => boolean,
  files: Files,
  view: PathView,
  path: string,
  known?: FileIdentity,
): OpenedAgain | null {
  const opened = files.open(view, path, known);
  if ("refused" in opened) return null;
  if (isIt(opened.file)) return { ...opened, path };
  opened.file.close();
  return null;
}

/** Whether an open file is the one of this identity, and not shorter; a server may not be able to say. */
function isFile(file: OpenFile, identity: FileIdentity, sizeBytesMin = 0): boolean {
  try {
    const now = file.info();
    return isSameFile(now, identity) && now.sizeBytes >= sizeBytesMin;
  } catch {
    return false;
  }
}
