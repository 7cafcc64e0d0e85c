import picomatch from "picomatch";
import type { PathSelect } from "../core/tailing.ts";

/** A folder and a file name pattern, as the pipeline gives them. */
export interface FilePlace {
  readonly folder: string;
  readonly name: string;
}

/** Exclude lists of an input; absolute folders and files with `*`, `?`, `**`, and plain file names. */
export interface Excludes {
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly names: readonly string[];
}

const PATH_MATCH = { dot: true, nobrace: true, noextglob: true, nonegate: true } as const;

/** Takes a 2.x path apart at its last slash: folder (which may end in `**`) and name pattern. */
export function splitFilePath(path: string): FilePlace {
  const clean = cleanPath(path);
  const slash = clean.lastIndexOf("/");
  return { folder: slash <= 0 ? "/" : clean.slice(0, slash), name: clean.slice(slash + 1) };
}

/** Without doubled or trailing slashes. */
export function cleanPath(path: string): string {
  const clean = path.replace(/\/{2,}/g, "/");
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}

/** What the tail follows: one exact path where nothing is variable, else a pattern. */
export function selectOf(place: FilePlace, depthMax: number, excludes: Excludes): PathSelect {
  const variable = /[*?[]/.test(place.folder) || /[*?[]/.test(place.name) || depthMax > 0;
  if (!variable) {
    return { kind: "exact", path: place.folder === "/" ? `/${place.name}` : `${place.folder}/${place.name}` };
  }
  return {
    kind: "glob",
    folder: place.folder,
    name: place.name,
    depthMax,
    excluded: compileExcludes(excludes),
  };
}

/** One test for all lists. A folder that is excluded takes everything below with it. */
export function compileExcludes(excludes: Excludes): (path: string, isFolder: boolean) => boolean {
  const folders = excludes.folders.map((pattern) => match(cleanPath(pattern)));
  const files = excludes.files.map((pattern) => match(cleanPath(pattern)));
  const names = excludes.names.map((pattern) => match(pattern));
  return (path, isFolder) => {
    if (isFolder) return folders.some((test) => test(path));
    const name = path.slice(path.lastIndexOf("/") + 1);
    return files.some((test) => test(path)) || names.some((test) => test(name));
  };
}

function match(pattern: string): (path: string) => boolean {
  return picomatch(pattern, PATH_MATCH) as (path: string) => boolean;
}

/** The part of a folder pattern before its first wildcard: what must be visible. */
export function fixedFolder(folder: string): string {
  const parts = folder.split("/");
  const wild = parts.findIndex((part) => /[*?[]/.test(part));
  const fixed = (wild < 0 ? parts : parts.slice(0, wild)).join("/");
  return fixed === "" ? "/" : fixed;
}
