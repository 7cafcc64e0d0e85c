import type { FileInfo, Files, FolderEntry, OpenFile, PathView } from "../core/host.ts";
import { isSameFile } from "./identity.ts";

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

/** Path of a name in a folder. */
export function joinPath(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
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

/** The names of which this one may be a rotated generation, shortest first; see {@linkcode isRotatedName}. */
export function basesOf(name: string): string[] {
  const ending = name.slice(name.lastIndexOf(".") + 1);
  const bases: string[] = [];
  for (let i = 1; i < name.length - 1; i++) {
    if (!".-_".includes(name[i])) continue;
    bases.push(name.slice(0, i));
    if (/\d/.test(name[i + 1])) bases.push(`${name.slice(0, i)}.${ending}`);
  }
  return bases.filter((base) => isRotatedName(base, name));
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
    const info = files.lstat(joinPath(place.path, entry.name));
    if (info !== null && info.kind === "file") found.push({ path: joinPath(folder, entry.name), info });
  }
  return found.sort((a, b) => compareAge(name, a, b));
}

/**
 * Older ones first. Names say it where they can (numbers count backwards, dates forwards): clocks are set back, and two
 * files may be written in the same millisecond.
 */
function compareAge(base: string, a: Sibling, b: Sibling): number {
  const one = ageOf(base, a.path);
  const other = ageOf(base, b.path);
  if (one !== null && other !== null && one.style === other.style && one.value !== other.value) {
    return (one.value < other.value ? -1 : 1) * (one.style === "number" ? -1 : 1);
  }
  return a.info.modifiedMs - b.info.modifiedMs || (a.path < b.path ? 1 : -1);
}

/** Whether the name of a rotated generation carries a number or a date, as rotators write them. */
export function looksNumbered(base: string, name: string): boolean {
  return isRotatedName(base, name) && (!name.startsWith(base) || ageOf(base, name) !== null);
}

/** Whether the name is that of the nth rotated generation: `app.log.1`. */
export function isNumbered(base: string, name: string): boolean {
  return ageOf(base, name)?.style === "number";
}

/** `app.log.12` -> number 12; `app.log-20261122` -> date 20261122. */
function ageOf(base: string, path: string): { style: "number" | "date"; value: number | string } | null {
  const { name } = splitPath(path);
  if (!name.startsWith(base)) return null;
  const rest = name.slice(base.length + 1);
  if (/^\d{1,5}$/.test(rest)) return { style: "number", value: Number(rest) };
  return /^\d{6}/.test(rest) ? { style: "date", value: rest } : null;
}

/** Opens the file of this identity under the name it has now: its own, or that of a rotated sibling. */
export function openAgain(
  files: Files,
  view: PathView,
  path: string,
  identity: { readonly device: number; readonly inode: number },
): { readonly file: OpenFile; readonly path: string } | null {
  const own = openIfSame(files, view, path, identity);
  if (own !== null) return { file: own, path };
  // A rotated name may be rotated once more: its siblings are those of the name it began with.
  const { folder, name } = splitPath(path);
  for (const base of [name, ...basesOf(name)]) {
    for (const sibling of findSiblings(files, view, joinPath(folder, base))) {
      if (!isSameFile(sibling.info, identity)) continue;
      const file = openIfSame(files, view, sibling.path, identity);
      if (file !== null) return { file, path: sibling.path };
    }
  }
  return null;
}

function openIfSame(
  files: Files,
  view: PathView,
  path: string,
  identity: { readonly device: number; readonly inode: number },
): OpenFile | null {
  const opened = files.open(view, path);
  if ("refused" in opened) return null;
  if (isSameFile(opened.file.info(), identity)) return opened.file;
  opened.file.close();
  return null;
}
