/**
 * What the agent needs of the world, as interfaces. `src/host/` implements them with the real machine, tests with
 * a virtual one, so that a run can be replayed.
 */

import type { Inflater } from "./inflater.ts";

/** A timer that was set; cancelling twice or after it ran does nothing. */
export interface Timer {
  cancel(): void;
}

/** Time. Only `wallMs` may jump. */
export interface Clock {
  /** Unix time in milliseconds; may jump when the machine's clock is set. */
  wallMs(): number;
  /** Milliseconds since some start; never goes back. */
  monotonicMs(): number;
  /**
   * Runs `job` once after at least `delayMs`. A delay of 0 is a real timer turn: sockets are served in between
   * (`setImmediate` and message channels starve them on Deno 2.9).
   */
  after(delayMs: number, job: () => void): Timer;
}

/** Which file it is, whatever its name: as long as it exists no other one has both. */
export interface FileIdentity {
  readonly device: number;
  readonly inode: number;
}

/** What `lstat`, `stat` and `fstat` tell. */
export interface FileInfo extends FileIdentity {
  readonly kind: "file" | "folder" | "link" | "other";
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** When the inode was made; absent where the file system does not say. */
  readonly createdMs?: number;
  readonly links: number;
}

/** One name in a folder. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

/**
 * An open regular file. Positions are absolute; there is no hidden cursor. Reading and `info` throw a `RetriableError`
 * (`FILE_READ_FAILED`) when the disk or the server behind it fails.
 */
export interface OpenFile {
  /** The host path it was opened by, links resolved. */
  readonly hostPath: string;
  /** Reads up to `length` bytes at file offset `at` into `into[begin…]`; returns how many, 0 at the end. */
  read(into: Uint8Array, begin: number, length: number, at: number): number;
  /** The same without stopping the event loop; for remote and slow file systems. */
  readSlowly(into: Uint8Array, begin: number, length: number, at: number): Promise<number>;
  /** The state of the descriptor, also after rename and unlink (`links` 0). */
  info(): FileInfo;
  close(): void;
}

/** Where a path inside a container (or on the host) lies on this machine. */
export interface PathView {
  /** Names the view in messages and checkpoint keys: a container id, or `host`. */
  readonly id: string;
  /**
   * Host paths, already below the host root, at which this absolute path of the view may be found; the first that
   * exists counts. Several for an overlay without a merged mount: upper folder first, then the lower ones.
   * Empty when the path cannot be reached.
   */
  candidates(path: string): readonly HostPlace[];
  /** Names directly below a folder that no listing of its candidates shows: mount points, and folders on the way to them. */
  extraNames?(folder: string): readonly string[];
}

/** One candidate of a {@linkcode PathView}. */
export interface HostPlace {
  readonly path: string;
  /** False for a containerd rootfs: an open file there blocks StopContainer, so it is closed after each read. */
  readonly mayStayOpen: boolean;
}

/** Why a file was not opened. `links`: confinement refused it; each is counted and said once per file. */
export type OpenRefusal =
  | "missing"
  | "not_regular"
  | "outside"
  | "hard_link"
  | "denied"
  | "loop"
  | "pseudo"
  | "too_many_open"
  | "failed";

/** Result of {@linkcode Files.open}. */
export type Opened =
  | { readonly file: OpenFile; readonly mayStayOpen: boolean }
  | { readonly refused: OpenRefusal; readonly detail: string };

/** Read-only access to files, confined. Nothing here throws for what the world may do; absent is `null`. */
export interface Files {
  /**
   * Opens a regular file of a view, each link resolved inside the view (contract "Opening" of the design). `known`: the
   * file that was opened there before; meeting the same one again is proof enough where proof is dear.
   */
  open(view: PathView, path: string, known?: FileIdentity): Opened;
  /** Resolves links inside the view; `null` when missing or refused. */
  resolve(view: PathView, path: string): HostPlace | null;
  /** State of a host path, links followed never. */
  lstat(hostPath: string): FileInfo | null;
  /** State of a host path, a last link followed. */
  stat(hostPath: string): FileInfo | null;
  /** Names in a folder, `null` when it is missing or not readable. At most `entriesMax`. */
  list(hostPath: string, entriesMax?: number): FolderEntry[] | null;
  readLink(hostPath: string): string | null;
  /** Something that unpacks one gzip stream. */
  inflater(): Inflater;
  /** A small text file, for instance below the host's proc; `null` when missing, larger or not readable. */
  readText(hostPath: string, bytesMax?: number): string | null;
  /** Whether the file system of this path is remote (NFS, CIFS, FUSE…): such files are read asynchronously. */
  isRemote(hostPath: string): boolean;
  /** Asks for the state of a path on another thread, however long that takes, and says nothing about it. */
  touch?(hostPath: string): Promise<void>;
  /** Calls back when names appear or vanish directly in the folder; `null` when it cannot be watched. */
  watchFolder(hostPath: string, changed: () => void): { close(): void } | null;
}

/** Randomness, for jitter and partition choice. In [0, 1). */
export type Random = () => number;
