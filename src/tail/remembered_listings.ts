import type {
  Clock,
  FileIdentity,
  FileInfo,
  Files,
  FolderEntry,
  HostPlace,
  Opened,
  PathView,
} from "../core/host.ts";
import type { Inflater } from "../core/inflater.ts";

/** Smaller folders are listed as quickly as looked up. */
const ENTRIES_MIN = 64;
/** Folders kept. */
const FOLDERS_MAX = 4;
/**
 * A folder that changed in the last moments may change once more without a new time of modification: kernels count
 * in ticks of up to 10 ms, old file systems in seconds.
 */
const SETTLED_MS = 100;
const SETTLED_SECONDS_MS = 2_000;

interface Listing {
  readonly folder: FileInfo;
  readonly entriesMax: number;
  readonly entries: FolderEntry[];
}

/**
 * Files whose large folders are listed once and not for each file in them: with a thousand logs in one folder the
 * search for rotated siblings would list a million names at start. A listing counts as long as the folder has the
 * same time of modification, which each name that comes or goes renews.
 */
export class RememberedListings implements Files {
  readonly #files: Files;
  readonly touch: Files["touch"];
  readonly #clock: Clock;
  readonly #listings: Map<string, Listing> = new Map();

  constructor(files: Files, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
    this.touch = files.touch?.bind(files);
  }

  /** Callers do not change what they get. */
  list(hostPath: string, entriesMax = Infinity): FolderEntry[] | null {
    const known = this.#listings.get(hostPath);
    if (known !== undefined) {
      const now = this.#files.lstat(hostPath);
      if (now !== null && known.entriesMax === entriesMax && isUnchanged(known.folder, now)) {
        return known.entries;
      }
      this.#listings.delete(hostPath);
    }
    // Before the listing: a name that comes meanwhile makes the folder look changed, and not the other way round.
    const nowMs = this.#clock.wallMs();
    const folder = this.#files.lstat(hostPath);
    const entries = this.#files.list(hostPath, entriesMax);
    if (entries === null || folder === null || entries.length < ENTRIES_MIN) return entries;
    const settledMs = folder.modifiedMs % 1_000 === 0 ? SETTLED_SECONDS_MS : SETTLED_MS;
    if (folder.kind !== "folder" || folder.modifiedMs + settledMs > nowMs) return entries;
    // Servers and their clients remember attributes for a while, too.
    if (this.#files.isRemote(hostPath)) return entries;
    if (this.#listings.size >= FOLDERS_MAX) this.#listings.delete(this.#listings.keys().next().value!);
    this.#listings.set(hostPath, { folder, entriesMax, entries });
    return entries;
  }

  open(view: PathView, path: string, known?: FileIdentity): Opened {
    return this.#files.open(view, path, known);
  }

  resolve(view: PathView, path: string): HostPlace | null {
    return this.#files.resolve(view, path);
  }

  lstat(hostPath: string): FileInfo | null {
    return this.#files.lstat(hostPath);
  }

  stat(hostPath: string): FileInfo | null {
    return this.#files.stat(hostPath);
  }

  readLink(hostPath: string): string | null {
    return this.#files.readLink(hostPath);
  }

  inflater(): Inflater {
    return this.#files.inflater();
  }

  readText(hostPath: string, bytesMax?: number): string | null {
    return this.#files.readText(hostPath, bytesMax);
  }

  isRemote(hostPath: string): boolean {
    return this.#files.isRemote(hostPath);
  }

  watchFolder(hostPath: string, changed: () => void): { close(): void } | null {
    return this.#files.watchFolder(hostPath, changed);
  }
}

function isUnchanged(before: FileInfo, now: FileInfo): boolean {
  return before.modifiedMs === now.modifiedMs && before.inode === now.inode && before.device === now.device &&
    before.links === now.links && before.sizeBytes === now.sizeBytes;
}
