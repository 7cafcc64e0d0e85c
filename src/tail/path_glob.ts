import picomatch from "picomatch";
import { asPicomatch, starMatch } from "../base/fnmatch.ts";
import type { Files, FolderEntry, PathView } from "../core/host.ts";
import type { PathSelect } from "../core/tailing.ts";

/** Files one target follows at most; more are named once and left out. */
export const FILES_PER_TARGET_MAX = 50_000;
/** Folder entries one scan looks at. */
export const SCAN_ENTRIES_MAX = 200_000;

/** fnmatch as iLogtail uses it: `*`, `?`, `[…]`; braces and `+(…)` mean themselves, a leading dot is nothing special. */
const FNMATCH = { dot: true, nobrace: true, noextglob: true, nonegate: true, noglobstar: true } as const;

/** Stars that a regular expression may try out: each more takes it the length of the name as often as long. */
const STARS_BY_REGEXP = 2;

type Glob = Extract<PathSelect, { kind: "glob" }>;
type NameTest = (name: string) => boolean;

/** What a scan found. */
export interface ScanResult {
  readonly paths: readonly string[];
  /** A limit was reached: something was left out. */
  readonly limited: boolean;
  /** Folders that are there and cannot be listed. */
  readonly unreadable: readonly string[];
}

/** Finds the files of a pattern inside a view, links resolved inside the view. One instance per target. */
export class PathGlob {
  readonly #glob: Glob;
  readonly #folders: readonly (string | NameTest)[];
  readonly #name: NameTest;
  #entries = 0;
  #unreadable: string[] = [];

  constructor(glob: Glob) {
    this.#glob = glob;
    const parts = glob.folder.split("/").filter((part) => part !== "");
    if (parts.at(-1) === "**") parts.pop();
    this.#folders = parts.map((part) => hasWildcard(part) ? nameTest(part) : part);
    this.#name = nameTest(glob.name);
  }

  /** Paths in the view, sorted. */
  scan(files: Files, view: PathView): ScanResult {
    this.#entries = 0;
    this.#unreadable = [];
    const found: string[] = [];
    for (const folder of this.#baseFolders(files, view)) {
      this.#walk(files, view, folder, 0, found, new Set());
    }
    const limited = this.#entries > SCAN_ENTRIES_MAX || found.length > FILES_PER_TARGET_MAX;
    const paths = [...new Set(found)].sort().slice(0, FILES_PER_TARGET_MAX);
    return { paths, limited, unreadable: this.#unreadable };
  }

  /** Whether a path could be one of them, going by its name and where it begins. */
  matches(path: string): boolean {
    const slash = path.lastIndexOf("/");
    if (!this.#name(path.slice(slash + 1)) || this.#glob.excluded(path, false)) return false;
    const parts = path.slice(0, slash).split("/").filter((part) => part !== "");
    const { length } = this.#folders;
    if (parts.length < length || parts.length > length + this.#glob.depthMax) return false;
    return this.#folders.every((folder, i) =>
      typeof folder === "string" ? folder === parts[i] : folder(parts[i])
    );
  }

  #baseFolders(files: Files, view: PathView): string[] {
    let folders = [""];
    for (const part of this.#folders) {
      if (typeof part === "string") folders = folders.map((folder) => `${folder}/${part}`);
      else {
        folders = folders.flatMap((folder) =>
          this.#entriesOf(files, view, folder === "" ? "/" : folder)
            .filter((entry) => part(entry.name) && isFolder(files, view, `${folder}/${entry.name}`, entry))
            .map((entry) => `${folder}/${entry.name}`)
        );
      }
    }
    return folders.map((folder) => folder === "" ? "/" : folder);
  }

  #walk(
    files: Files,
    view: PathView,
    folder: string,
    depth: number,
    found: string[],
    seen: Set<string>,
  ): void {
    if (this.#glob.excluded(folder, true)) return;
    // A folder on the way to a mount need not be there itself.
    const at = files.resolve(view, folder)?.path ??
      (view.extraNames?.(folder).length ? `view:${folder}` : null);
    if (at === null) {
      // Not there, or not to be looked at: only the latter is worth a word.
      const opened = files.open(view, folder);
      const isThere = "refused" in opened && (opened.refused === "denied" || folder.includes("\ufffd"));
      if (isThere) this.#unreadable.push(folder);
      return;
    }
    if (seen.has(at)) return;
    seen.add(at);
    for (const entry of this.#entriesOf(files, view, folder)) {
      if (this.#entries > SCAN_ENTRIES_MAX || found.length > FILES_PER_TARGET_MAX) return;
      const path = folder === "/" ? `/${entry.name}` : `${folder}/${entry.name}`;
      const below = depth < this.#glob.depthMax && isFolder(files, view, path, entry);
      if (below) this.#walk(files, view, path, depth + 1, found, seen);
      else if (entry.kind !== "folder" && this.#name(entry.name) && !this.#glob.excluded(path, false)) {
        found.push(path);
      }
    }
  }

  /** Names in a folder of the view: of every candidate, and of mount points below it. */
  #entriesOf(files: Files, view: PathView, folder: string): FolderEntry[] {
    const byName = new Map<string, FolderEntry>();
    const places = new Set<string>();
    const resolved = files.resolve(view, folder);
    if (resolved !== null) places.add(resolved.path);
    for (const candidate of view.candidates(folder)) places.add(candidate.path);
    for (const place of places) {
      const entries = files.list(place);
      if (entries === null && files.lstat(place)?.kind === "folder") this.#unreadable.push(folder);
      for (const entry of entries ?? []) {
        this.#entries++;
        if (!byName.has(entry.name)) byName.set(entry.name, entry);
      }
    }
    for (const name of view.extraNames?.(folder) ?? []) {
      if (!byName.has(name)) byName.set(name, { name, kind: "folder" });
    }
    return [...byName.values()];
  }
}

/** Whether an entry is a folder, a link to one included. */
function isFolder(files: Files, view: PathView, path: string, entry: FolderEntry): boolean {
  if (entry.kind === "folder") return true;
  if (entry.kind !== "link") return false;
  const place = files.resolve(view, path);
  return place !== null && files.lstat(place.path)?.kind === "folder";
}

/** Whether a path component holds a wildcard. */
export function hasWildcard(part: string): boolean {
  return /[*?[]/.test(part);
}

/** A compiled fnmatch pattern for one name. */
export function nameTest(pattern: string): NameTest {
  if (!hasWildcard(pattern)) return (name) => name === pattern;
  const compile = (part: string) => picomatch(asPicomatch(part), FNMATCH) as NameTest;
  return pattern.split("*").length > STARS_BY_REGEXP + 1 ? starMatch(pattern, compile) : compile(pattern);
}
