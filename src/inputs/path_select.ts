import picomatch from "picomatch";
import { asPicomatch } from "../base/fnmatch.ts";
import type { Report } from "../core/plugin.ts";
import type { PathSelect } from "../core/tailing.ts";
import { hasWildcard, nameTest } from "../tail/path_glob.ts";
import { checkPath, cleanPath, type FilePlace } from "./file_paths.ts";

/** Exclude lists of an input; absolute folders and files with `*`, `?`, `**`, and plain file names. */
export interface Excludes {
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly names: readonly string[];
}

/** Names of the options, for the places of problems. */
export interface ExcludeOptions {
  readonly folders: string;
  readonly files: string;
  readonly names: string;
}

/** Tells whether a path of the view is left out. */
export type Excluded = (path: string, isFolder: boolean) => boolean;

const PATH_MATCH = { dot: true, nobrace: true, noextglob: true, nonegate: true } as const;

/** One test for all lists. A folder that is excluded takes everything below with it. */
export function compileExcludes(excludes: Excludes, options: ExcludeOptions, report: Report): Excluded {
  const absolute = (key: "folders" | "files") =>
    excludes[key].filter((path, i) => checkPath(path, [options[key], i], report))
      .map((path) => match(cleanPath(path)));
  const folders = absolute("folders");
  const files = absolute("files");
  const names = excludes.names.map((name, i) => {
    if (name.includes("/")) {
      report.error(
        [options.names, i],
        "FILE_PATTERN_SLASH",
        `'${name}' is a path`,
        "a file name; paths belong into ExcludeFilePaths",
      );
    }
    return match(name);
  });
  return (path, isFolder) => {
    if (isFolder) {
      return folders.length > 0 && withParents(path).some((at) => folders.some((test) => test(at)));
    }
    const name = path.slice(path.lastIndexOf("/") + 1);
    return files.some((test) => test(path)) || names.some((test) => test(name));
  };
}

/**
 * What the tail follows for each place: one exact path where nothing is variable, else a pattern. A file that two
 * places name is followed once, by the first.
 */
export function selectsOf(places: readonly FilePlace[], excluded: Excluded): PathSelect[] {
  const selects: PathSelect[] = [];
  const earlier: ((path: string) => boolean)[] = [];
  for (const place of places) {
    const taken = [...earlier];
    const leftOut: Excluded = taken.length === 0
      ? excluded
      : (path, isFolder) => excluded(path, isFolder) || (!isFolder && taken.some((covers) => covers(path)));
    if (isExact(place)) {
      const path = place.folder === "/" ? `/${place.name}` : `${place.folder}/${place.name}`;
      if (!excluded(place.folder, true) && !leftOut(path, false)) {
        selects.push({ kind: "exact", path, excluded: leftOut });
      }
    } else {
      selects.push({ kind: "glob", ...place, excluded: leftOut });
    }
    earlier.push(placeTest(place));
  }
  return selects;
}

function isExact(place: FilePlace): boolean {
  return place.depthMax === 0 && !hasWildcard(place.folder) && !hasWildcard(place.name);
}

/** Whether a path belongs to a place. */
export function placeTest(place: FilePlace): (path: string) => boolean {
  const base = place.folder.split("/").filter((part) => part !== "");
  if (base.at(-1) === "**") base.pop();
  const folders = base.map(nameTest);
  const name = nameTest(place.name);
  return (path) => {
    const parts = path.slice(1).split("/");
    const below = parts.length - 1 - folders.length;
    return below >= 0 && below <= place.depthMax && name(parts[parts.length - 1]) &&
      folders.every((test, i) => test(parts[i]));
  };
}

/** `/a/b` -> `/`, `/a`, `/a/b`. */
function withParents(path: string): string[] {
  const all = ["/"];
  for (let at = path.indexOf("/", 1); at > 0; at = path.indexOf("/", at + 1)) all.push(path.slice(0, at));
  if (path !== "/") all.push(path);
  return all;
}

function match(pattern: string): (path: string) => boolean {
  return picomatch(asPicomatch(pattern), PATH_MATCH) as (path: string) => boolean;
}
