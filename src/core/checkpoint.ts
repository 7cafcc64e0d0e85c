/** Where each lane may begin again, as stored. */

/** Identity of one lane over restarts: pipeline, input, flusher, source, and the generation of bytes on disk. */
export interface LaneKey {
  readonly pipeline: string;
  readonly input: string;
  readonly flusher: string;
  /** Origin and path in the view: `<container id>:<path>`. */
  readonly source: string;
  readonly device: number;
  readonly inode: number;
}

/** A hash of the first bytes, with how many they were; never compared at different lengths. */
export interface HeadHash {
  readonly length: number;
  readonly hash: number;
}

/** Proof that bytes before a position are those that were read: `hash` over `length` bytes that end at `at`. */
export interface Anchor {
  readonly at: number;
  readonly length: number;
  readonly hash: number;
}

/** One saved lane. */
export interface SavedLane {
  readonly key: LaneKey;
  /** Resume point per stream, see `Resume`. */
  readonly done: readonly number[];
  readonly head: HeadHash;
  readonly anchor: Anchor;
  /** Host path at the time, to find renamed siblings beside it. */
  readonly hostPath: string;
  /** End of the file as last seen: what lies behind `done` is lost if the file vanishes. */
  readonly seenBytes?: number;
  /** Name of its container, for who books what is lost of it long after. */
  readonly label?: string;
  readonly savedMs: number;
}

/** What is known of the store's past. */
export interface Birth {
  /** Unix milliseconds of the first start with this folder. */
  readonly bornMs: number;
  /** `first`: an empty folder. `lost`: the marker stood there without a usable store. `known`: all as it should be. */
  readonly kind: "first" | "lost" | "known";
  /** Entries were damaged: there may have been lanes that nothing is known of. */
  readonly hasGaps?: boolean;
}

/** Durable resume points. All calls are synchronous and short. */
export interface CheckpointStore {
  readonly birth: Birth;
  /** Every saved lane; read once at start. */
  load(): SavedLane[];
  /**
   * All changes in one transaction; of two with the same key the later counts. Keeps none of the objects. Throws a
   * `RetriableError` when the disk refuses; the old state then stays.
   */
  save(changed: readonly SavedLane[], removed: readonly LaneKey[]): void;
  /** Unix milliseconds when this pipeline was first seen; stored on first call. */
  firstSeenMs(pipeline: string): number;
  /** A text kept under a name, `null` when there is none. */
  note(name: string): string | null;
  /** Keeps a text under a name. Throws a `RetriableError` when the disk refuses; the old one then stays. */
  setNote(name: string, text: string): void;
  close(): void;
}

/** One entry of the store as it lies on disk: text under a number, with a check sum over both. */
export interface CheckpointRow {
  readonly id: number;
  readonly body: string;
  readonly sum: number;
}

/** An open store. */
export interface CheckpointDatabase {
  readAll(): CheckpointRow[];
  /**
   * One transaction; throws a `RetriableError` when the disk refuses, and then nothing of it is stored. A power cut may
   * take the last ones back, but not those before one that is `lasting`.
   */
  write(changed: readonly CheckpointRow[], removed: readonly number[], lasting?: boolean): void;
  close(): void;
}

/** The checkpoint folder as the host offers it. */
export interface CheckpointFolder {
  readonly path: string;
  /**
   * Opens the store, makes an empty one where none is. `unusable` says in one sentence why a file that is there is
   * not a store (damaged, foreign, written by a newer version). Throws a `PermanentError` when the folder is missing
   * or may not be written.
   */
  open(): { readonly database: CheckpointDatabase } | { readonly unusable: string };
  /** Renames the store's files out of the way; returns the new name. */
  setAside(suffix: string): string;
  /** The small file beside the store that says when it was born; `null` when there is none. */
  readMarker(): string | null;
  writeMarker(text: string): void;
  /** Takes the lock that the kernel frees when the process dies; false while another process has it. */
  tryLock(): boolean;
  unlock(): void;
  /**
   * Whether an agent could use the folder, found out without changing anything that an agent uses. `fault` is half a
   * sentence behind the folder's name, `null` when there is none. `held`: an agent uses it now.
   */
  probe(): { readonly fault: string | null; readonly held: boolean };
  /** Who took the lock last, for people. */
  readHolder(): string | null;
  writeHolder(text: string): void;
}
