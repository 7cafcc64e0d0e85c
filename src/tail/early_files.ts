import type { Clock, FileInfo, Files, PathView, Timer } from "../core/host.ts";
import { hostView } from "../core/host_view.ts";
import type { FileReader } from "./file_reader.ts";
import { fileKey } from "./identity.ts";
import type { ReaderTable } from "./reader_table.ts";
import { joinPath } from "./siblings.ts";

/** Files that nobody claimed are closed after this long. */
export const UNCLAIMED_MS = 30_000;
/** Files held for nobody at most; later ones are found by discovery, if they live long enough. */
export const HELD_MAX = 256;
/** Folders watched at most, one kernel watch each. */
export const WATCHES_MAX = 1_000;
/** A folder is mostly made a moment before its file: it is listed again at this pace, so many times. */
const LOOK_AGAIN_MS = 50;
const LOOKS_MAX = 40;

/** A folder below which runtimes make log files. */
export interface EarlyRoot {
  /** Host path. */
  readonly path: string;
  /** Levels of folders between the root and the files: 2 for `pods/<pod>/<container>/0.log`. */
  readonly levels: number;
  /** Whether a name is that of a log file. */
  readonly isLog: (name: string) => boolean;
}

interface Held {
  readonly reader: FileReader;
  readonly info: FileInfo;
  readonly sinceMs: number;
}

/**
 * Opens log files in the moment in which they appear, before discovery can tell whose they are. A container that lives
 * for less than a second and is removed at once is not lost: its file stays open, without a name, until its owner is
 * known. Only folders in which folders appear are watched, never those of growing files.
 */
export class EarlyFiles {
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #readers: ReaderTable;
  readonly #view: PathView = hostView("/");
  readonly #held: Map<string, Held[]> = new Map();
  /** Claimed, and perhaps refused in the end. */
  #taken: Held[] = [];
  readonly #watches: Map<string, { close(): void }> = new Map();
  readonly #timers: Set<Timer> = new Set();
  #count = 0;
  #stopped = false;
  #appeared: () => void = () => {};

  constructor(files: Files, clock: Clock, readers: ReaderTable) {
    this.#files = files;
    this.#clock = clock;
    this.#readers = readers;
  }

  /** Files held for nobody yet. */
  get size(): number {
    return this.#count;
  }

  /** Begins to watch; what is there already is left to discovery. `appeared` is called for each file that is held. */
  watch(roots: readonly EarlyRoot[], appeared: () => void): void {
    this.#appeared = appeared;
    for (const root of roots) this.#watch(root, root.path, root.levels, this.#folders(root.path), true);
  }

  /** The files that were seen at this host path and are not claimed yet, oldest first; they are the caller's now. */
  take(hostPath: string): FileInfo[] {
    const held = this.#held.get(hostPath);
    if (held === undefined) return [];
    this.#held.delete(hostPath);
    this.#count -= held.length;
    this.#taken.push(...held);
    return held.map(({ info }) => info);
  }

  /** Closes what nobody claimed; called once a second. */
  tidy(nowMs: number): void {
    const old = this.#taken.filter(({ sinceMs }) => nowMs - sinceMs >= UNCLAIMED_MS);
    for (const { reader } of old) this.#readers.dropUnused(reader);
    if (old.length > 0) this.#taken = this.#taken.filter((each) => !old.includes(each));
    for (const [path, held] of this.#held) {
      const kept = held.filter(({ sinceMs }) => nowMs - sinceMs < UNCLAIMED_MS);
      if (kept.length === held.length) continue;
      for (const each of held) if (!kept.includes(each)) this.#readers.dropUnused(each.reader);
      this.#count -= held.length - kept.length;
      if (kept.length === 0) this.#held.delete(path);
      else this.#held.set(path, kept);
    }
  }

  stop(): void {
    this.#stopped = true;
    for (const watch of this.#watches.values()) watch.close();
    this.#watches.clear();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    for (const { reader } of [...this.#held.values()].flat()) this.#readers.dropUnused(reader);
    for (const { reader } of this.#taken) this.#readers.dropUnused(reader);
    this.#taken = [];
    this.#held.clear();
    this.#count = 0;
  }

  /** Watches a folder of folders. `known`: folders that need no look. */
  #watch(root: EarlyRoot, folder: string, levels: number, known: Set<string>, isOld: boolean): void {
    if (this.#watches.has(folder) || this.#watches.size >= WATCHES_MAX) return;
    const watch = this.#files.watchFolder(folder, () => this.#look(root, folder, levels, known));
    if (watch === null) return;
    this.#watches.set(folder, watch);
    if (levels > 1) {
      for (const name of known) {
        this.#enter(root, joinPath(folder, name), levels - 1, isOld);
      }
    }
  }

  /** Something changed in a watched folder. */
  #look(root: EarlyRoot, folder: string, levels: number, known: Set<string>): void {
    if (this.#stopped) return;
    const now = this.#folders(folder);
    for (const name of known) {
      if (now.has(name)) continue;
      known.delete(name);
      this.#forget(joinPath(folder, name));
    }
    for (const name of now) {
      if (known.has(name)) continue;
      known.add(name);
      this.#enter(root, joinPath(folder, name), levels - 1, false);
    }
  }

  /** A folder below: watched when it holds folders, looked into for a while when it holds files. */
  #enter(root: EarlyRoot, folder: string, levels: number, isOld: boolean): void {
    if (levels === 0) {
      if (!isOld) this.#findLogs(root, folder, 0);
      return;
    }
    const inside = isOld ? this.#folders(folder) : new Set<string>();
    this.#watch(root, folder, levels, inside, isOld);
    // Its folders may have been made before the watch began.
    if (!isOld) this.#look(root, folder, levels, inside);
  }

  #forget(folder: string): void {
    this.#watches.get(folder)?.close();
    this.#watches.delete(folder);
  }

  #findLogs(root: EarlyRoot, folder: string, looks: number): void {
    if (this.#stopped) return;
    let found = false;
    for (const { name, kind } of this.#files.list(folder) ?? []) {
      if (kind !== "file" || !root.isLog(name)) continue;
      found = true;
      this.#hold(joinPath(folder, name));
    }
    if (found || looks >= LOOKS_MAX) return;
    const timer = this.#clock.after(LOOK_AGAIN_MS, () => {
      this.#timers.delete(timer);
      this.#findLogs(root, folder, looks + 1);
    });
    this.#timers.add(timer);
  }

  #hold(hostPath: string): void {
    const info = this.#files.lstat(hostPath);
    if (info === null || info.kind !== "file" || this.#count >= HELD_MAX) return;
    if (this.#readers.byKey.has(fileKey(info))) return;
    const reader = this.#readers.acquire(this.#view, hostPath, info, () => {}, {
      gone() {},
      changed() {},
      broke() {},
      crowded() {},
    });
    if (reader === null) return;
    const held = this.#held.get(hostPath) ?? [];
    this.#held.set(hostPath, held);
    held.push({ reader, info, sinceMs: this.#clock.monotonicMs() });
    this.#count++;
    this.#appeared();
  }

  #folders(folder: string): Set<string> {
    const names = new Set<string>();
    for (const { name, kind } of this.#files.list(folder) ?? []) if (kind === "folder") names.add(name);
    return names;
  }
}

/** Where Kubernetes and Docker put the logs of containers, below a host root. */
export function earlyRoots(hostRoot: string): EarlyRoot[] {
  const root = hostRoot === "/" ? "" : hostRoot.replace(/\/+$/, "");
  return [
    { path: `${root}/var/log/pods`, levels: 2, isLog: (name) => name.endsWith(".log") },
    { path: `${root}/var/lib/docker/containers`, levels: 1, isLog: (name) => name.endsWith("-json.log") },
  ];
}
