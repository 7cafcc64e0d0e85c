import { closeSync, constants, openSync, readSync } from "node:fs";
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
import { refusalOf } from "./file_errors.ts";
import { FolderWatch } from "./folder_watch.ts";
import { Gunzip } from "./gunzip.ts";
import { isRemoteType, MountTable } from "./mount_table.ts";
import { openConfined, type OpenWorld } from "./open_confined.ts";
import { isBelow, resolveInView } from "./resolve_in_view.ts";

/** Mounts come and go with pods; reading the table costs about a millisecond on a full node. */
const MOUNTS_AGE_MAX_MS = 1_000;
const TEXT_BYTES_MAX = 1024 * 1024;

/** The machine's files, read-only. Everything needs read permission for the path, nothing else. */
export class HostFiles implements Files, OpenWorld {
  readonly hostRoot: string;
  readonly realHostRoot: string;
  readonly hasRealDescriptors: boolean;
  readonly #clock: Clock;
  readonly #watch: FolderWatch;
  #mounts: MountTable | null = null;
  #mountsReadMs = -Infinity;

  /** `hostRoot`: where the host's file system is seen, `/logtail_host` in a container, else `/`. */
  constructor(hostRoot: string, clock: Clock) {
    this.hostRoot = hostRoot === "/" ? "/" : hostRoot.replace(/\/+$/, "");
    this.realHostRoot = realPath(this.hostRoot);
    this.hasRealDescriptors = isVersionAtLeast(Deno.version.deno, 2, 9);
    this.#clock = clock;
    this.#watch = new FolderWatch(clock);
  }

  open(view: PathView, path: string, known?: FileIdentity): Opened {
    return openConfined(this, view, path, known);
  }

  resolve(view: PathView, path: string): HostPlace | null {
    const resolved = resolveInView(this, view, path);
    return "refused" in resolved ? null : resolved.place;
  }

  lstat(hostPath: string): FileInfo | null {
    try {
      return infoOf(Deno.lstatSync(hostPath));
    } catch {
      return null;
    }
  }

  stat(hostPath: string): FileInfo | null {
    try {
      return infoOf(Deno.statSync(hostPath));
    } catch {
      return null;
    }
  }

  list(hostPath: string, entriesMax = Infinity): FolderEntry[] | null {
    const entries: FolderEntry[] = [];
    try {
      for (const entry of Deno.readDirSync(hostPath)) {
        if (entries.length >= entriesMax) break;
        entries.push({ name: entry.name, kind: kindOf(entry) });
      }
    } catch {
      return null;
    }
    return entries;
  }

  readLink(hostPath: string): string | null {
    try {
      return Deno.readLinkSync(hostPath);
    } catch {
      return null;
    }
  }

  inflater(): Inflater {
    return new Gunzip();
  }

  readText(hostPath: string, bytesMax = TEXT_BYTES_MAX): string | null {
    try {
      // Deno 2.4 ignores O_NONBLOCK: a FIFO must not be opened at all.
      if (!Deno.statSync(hostPath).isFile) return null;
      return readTextOf(openSync(hostPath, constants.O_RDONLY | constants.O_NONBLOCK), bytesMax);
    } catch {
      return null;
    }
  }

  isRemote(hostPath: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#mountsReadMs >= MOUNTS_AGE_MAX_MS) {
      this.#mountsReadMs = nowMs;
      const root = this.hostRoot === "/" ? "" : this.hostRoot;
      const text = this.readText(`${root}/proc/self/mountinfo`, 16 * TEXT_BYTES_MAX);
      this.#mounts = text === null ? null : new MountTable(text);
    }
    return this.#mounts !== null && isRemoteType(this.#mounts.typeOf(this.#asKernelSees(hostPath)));
  }

  touch(hostPath: string): Promise<void> {
    return Deno.lstat(hostPath).then(() => {}, () => {});
  }

  watchFolder(hostPath: string, changed: () => void): { close(): void } | null {
    return this.stat(hostPath)?.kind === "folder" ? this.#watch.add(hostPath, changed) : null;
  }

  /** Ends all watches. */
  close(): void {
    this.#watch.close();
  }

  isWhiteout(path: string): boolean {
    try {
      const info = Deno.lstatSync(path);
      return info.isCharDevice === true && info.rdev === 0;
    } catch {
      return false;
    }
  }

  whyMissing(path: string): "missing" | "denied" | "ungranted" {
    try {
      Deno.lstatSync(path);
      return "missing";
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) return "ungranted";
      return refusalOf(error) === "denied" ? "denied" : "missing";
    }
  }

  #asKernelSees(hostPath: string): string {
    const root = this.hostRoot;
    return root === "/" || !isBelow(hostPath, root)
      ? hostPath
      : this.realHostRoot + hostPath.slice(root.length);
  }
}

function readTextOf(descriptor: number, bytesMax: number): string | null {
  try {
    // The size of a proc file is 0, so it is read until nothing comes.
    let bytes = new Uint8Array(4096);
    let length = 0;
    for (;;) {
      const count = readSync(descriptor, bytes, length, bytes.length - length, null);
      if (count === 0) return new TextDecoder().decode(bytes.subarray(0, length));
      length += count;
      if (length > bytesMax) return null;
      if (length === bytes.length) {
        const grown = new Uint8Array(length * 4);
        grown.set(bytes);
        bytes = grown;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

function infoOf(info: Deno.FileInfo): FileInfo {
  return {
    kind: kindOf(info),
    sizeBytes: info.size,
    modifiedMs: info.mtime?.getTime() ?? 0,
    createdMs: info.birthtime?.getTime(),
    device: info.dev,
    inode: info.ino ?? 0,
    links: info.nlink ?? 1,
  };
}

function kindOf(entry: { isFile: boolean; isDirectory: boolean; isSymlink: boolean }): FileInfo["kind"] {
  return entry.isFile ? "file" : entry.isSymlink ? "link" : entry.isDirectory ? "folder" : "other";
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

function isVersionAtLeast(version: string, major: number, minor: number): boolean {
  const [hasMajor, hasMinor] = version.split(".").map(Number);
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}
