import type { Clock, Timer } from "../core/host.ts";

/** Folders are collected for this long before the one watcher is made anew. */
const REBUILD_DELAY_MS = 200;
/** How long a closed watcher may take to let go of its folders. */
const CLOSE_MS = 20;
/** A folder that vanished is looked for again this often. */
const RETRY_MS = 2_000;

/**
 * All folder watches of the process behind one `Deno.watchFs`: an inotify instance is a rare thing
 * (`fs.inotify.max_user_instances` is 128 per user), a watch is not. Only names that come or go are told, writes are
 * not; still, never watch the folder of a growing file, the kernel reports each write.
 *
 * A watch is a hint. The kernel says nothing about a watched folder that is removed and made again, so such a folder
 * is watched anew when it is back, and told as changed.
 */
export class FolderWatch {
  readonly #clock: Clock;
  readonly #callbacks: Map<string, Set<() => void>> = new Map();
  #watcher: Deno.FsWatcher | null = null;
  #watched: Set<string> = new Set();
  #rebuild: Timer | null = null;
  #broken = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `null` when the machine gives no watcher: then only polling finds new names. */
  add(folder: string, changed: () => void): { close(): void } | null {
    if (this.#broken) return null;
    const callbacks = this.#callbacks.get(folder) ?? new Set();
    callbacks.add(changed);
    this.#callbacks.set(folder, callbacks);
    this.#rebuildSoon(this.#watcher === null ? 0 : REBUILD_DELAY_MS);
    return { close: () => this.#remove(folder, changed) };
  }

  /** Stops everything. */
  close(): void {
    this.#callbacks.clear();
    this.#rebuild?.cancel();
    this.#rebuild = null;
    this.#stopWatcher();
  }

  #remove(folder: string, changed: () => void): void {
    const callbacks = this.#callbacks.get(folder);
    if (callbacks === undefined || !callbacks.delete(changed) || callbacks.size > 0) return;
    this.#callbacks.delete(folder);
    if (this.#callbacks.size === 0) this.close();
    else this.#rebuildSoon(RETRY_MS);
  }

  #rebuildSoon(delayMs: number): void {
    this.#rebuild ??= this.#clock.after(delayMs, () => {
      this.#rebuild = null;
      const folders = [...this.#callbacks.keys()].filter(isFolder);
      const same = folders.length === this.#watched.size &&
        folders.every((folder) => this.#watched.has(folder));
      if (same && folders.length < this.#callbacks.size) this.#rebuildSoon(RETRY_MS);
      if (same) return;
      // On Deno 2.9 all watchers share one inotify, and a folder that was removed and made again is registered anew
      // only when no watcher holds the old one; a closed watcher holds it until its pending read has ended.
      const pauseMs = this.#watcher === null ? 0 : CLOSE_MS;
      this.#stopWatcher();
      this.#rebuild = this.#clock.after(pauseMs, () => {
        this.#rebuild = null;
        this.#makeWatcher();
      });
    });
  }

  #makeWatcher(): void {
    const folders = [...this.#callbacks.keys()].filter(isFolder);
    try {
      this.#watcher = folders.length === 0 ? null : Deno.watchFs(folders, { recursive: false });
    } catch {
      // No inotify instance or no watch left; or a folder went just now.
      this.#broken = folders.every(isFolder);
      this.#watcher = null;
    }
    this.#watched = this.#watcher === null ? new Set() : new Set(folders);
    if (this.#watcher !== null) void this.#listen(this.#watcher);
    // What happened before the watch began, and between two watchers, is not reported.
    for (const folder of this.#watched) this.#tell(folder);
    if (!this.#broken && this.#watched.size < this.#callbacks.size) this.#rebuildSoon(RETRY_MS);
  }

  async #listen(watcher: Deno.FsWatcher): Promise<void> {
    try {
      for await (const event of watcher) {
        if (watcher !== this.#watcher) return;
        if (event.kind !== "modify" && event.kind !== "access") this.#event(event);
      }
    } catch {
      if (watcher === this.#watcher) this.#stopWatcher();
    }
  }

  #event(event: Deno.FsEvent): void {
    for (const path of event.paths) {
      if (this.#watched.has(path) && event.kind === "remove") {
        this.#watched.delete(path);
        this.#rebuildSoon(RETRY_MS);
        this.#tell(path);
      }
      this.#tell(path.slice(0, path.lastIndexOf("/")) || "/");
    }
  }

  #tell(folder: string): void {
    for (const changed of [...this.#callbacks.get(folder) ?? []]) changed();
  }

  #stopWatcher(): void {
    const watcher = this.#watcher;
    this.#watcher = null;
    this.#watched = new Set();
    if (watcher !== null) closeQuietly(watcher);
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function closeQuietly(watcher: Deno.FsWatcher): void {
  try {
    watcher.close();
  } catch {
    // It ended by itself.
  }
}
