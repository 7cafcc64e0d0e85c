import type { FileInfo, Files, FolderEntry, PathView } from "../core/host.ts";

/** Names a rotated generation never has: compressed ones cannot be read as they are. */
const COMPRESSED = /\.(gz|zst|bz2|xz|lz4|zip|tmp|swp)$/i;
/** Names looked at in one folder. */
export const SIBLING_ENTRIES_MAX = 10_000;

/** A file beside a followed one that may be an older generation, or a copy, of it. */
export interface Sibling {
  readonly path: string;
  readonly info: FileInfo;
}

/** Folder and name of a path. */
export function splitPath(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf("/");
  return { folder: slash <= 0 ? "/" : path.slice(0, slash), name: path.slice(slash + 1) };
}

/** Whether a name looks like a rotated generation of `base`: `base.1`, `base-20261122`, `base.20261122-101500`. */
export function isRotatedName(base: string, name: string): boolean {
  if (name.length <= base.length || COMPRESSED.test(name)) return false;
  if (name.startsWith(base)) return name[base.length] === "." || name[base.length] === "-";
  // `app-20261122.log` beside `app.log`: the part before the last dot begins the name, and the ending is the same.
  const dot = base.lastIndexOf(".");
  if (dot <= 0 || !name.endsWith(base.slice(dot))) return false;
  const stem = base.slice(0, dot);
  return name.startsWith(stem) && /^[-._]\d/.test(name.slice(stem.length));
}

/** Rotated siblings of a file, oldest first. */
export function findSiblings(files: Files, view: PathView, path: string): Sibling[] {
  const { folder, name } = splitPath(path);
  const place = files.resolve(view, folder);
  if (place === null) return [];
  const entries: FolderEntry[] = files.list(place.path, SIBLING_ENTRIES_MAX) ?? [];
  const found: Sibling[] = [];
  for (const entry of entries) {
    if (entry.kind !== "file" || !isRotatedName(name, entry.name)) continue;
    const info = files.lstat(`${place.path}/${entry.name}`);
    if (info !== null && info.kind === "file") {
      found.push({ path: folder === "/" ? `/${entry.name}` : `${folder}/${entry.name}`, info });
    }
  }
  return found.sort((a, b) => a.info.modifiedMs - b.info.modifiedMs || (a.path < b.path ? 1 : -1));
}
