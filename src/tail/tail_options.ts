import type { CheckpointStore, LaneKey } from "../core/checkpoint.ts";
import type { Clock, Files } from "../core/host.ts";
import type { KeyTable } from "../core/keys.ts";
import type { Log, Metrics } from "../core/telemetry.ts";

/** How long a turn may take and how long to wait before it; where CPU and memory limits act. */
export interface Pace {
  turnMs(): number;
  /** Milliseconds before the next turn may begin; asked again after that wait. */
  waitMs(): number;
  readingAllowed(): boolean;
}

/** What the tail needs to run. */
export interface TailOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly keys: KeyTable;
  readonly store: CheckpointStore;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly pace: Pace;
  readonly fromStart: boolean;
  /** Bytes of unfinished records cached agent-wide. */
  readonly heldBytesMax: number;
  /** Unread bytes of deleted files kept by open descriptors; above, the oldest is given up. */
  readonly deletedBytesMax: number;
  /** Polls as with many files, however few there are; for tests. */
  readonly pollsAsMany?: boolean;
  /** Bytes read at a time when not the usual ones; for tests, which want their boundaries hit. */
  readonly chunkBytes?: number;
  /** Told of lanes whose resume points are of no use any more. */
  readonly forgotten?: (key: LaneKey) => void;
  /** Whether the flusher of a lane keeps its resume points itself, beside the store. */
  readonly keptElsewhere?: (key: LaneKey) => boolean;
}
