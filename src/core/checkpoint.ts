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
  readonly savedMs: number;
}

/** What is known of the store's past. */
export interface Birth {
  /** Unix milliseconds of the first start with this folder. */
  readonly bornMs: number;
  /** `first`: an empty folder. `lost`: the marker stood there without a usable store. `known`: all as it should be. */
  readonly kind: "first" | "lost" | "known";
}

/** Durable resume points. All calls are synchronous and short. */
export interface CheckpointStore {
  readonly birth: Birth;
  /** Every saved lane; read once at start. */
  load(): SavedLane[];
  /** All changes in one transaction. Throws a `RetriableError` when the disk refuses; the old state then stays. */
  save(changed: readonly SavedLane[], removed: readonly LaneKey[]): void;
  /** Unix milliseconds when this pipeline was first seen; stored on first call. */
  firstSeenMs(pipeline: string): number;
  close(): void;
}
