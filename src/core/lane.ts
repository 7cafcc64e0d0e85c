import type { Batch } from "./batch.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { TagSet } from "./tags.ts";

/**
 * What a flusher gives to one lane. Everything is synchronous: a batch lives for one turn, and who wants its bytes
 * later copies them.
 */
export interface Sink {
  /** What the lane shares its room with others by, when it does: a connection to a cluster. */
  readonly client?: object;
  /**
   * Bytes of output this lane may write now. 0: no room, so the lane must not read; that is the whole back-pressure.
   * The agent is woken through `FlusherContext.wake` when room appears.
   *
   * `joining`: the lines are read anyway, for other lanes, or because this one has taken the first of them. To read them
   * again later would cost the read and the split once more, so a sink may stretch limits that only keep queues short.
   */
  room(joining?: boolean): number;
  /**
   * Encodes the records of the batch that are alive. Calls `entry.hold()` once for each wire batch that got some, and
   * settles each when it is acknowledged or dropped on purpose. Throws nothing for what a record contains.
   */
  write(batch: Batch, entry: LedgerEntry): void;
  /** The turn read this lane's file to its end: nothing more comes soon, so open wire batches may go at once. */
  caughtUp(): void;
  /** No more batches come. What was written still settles. */
  close(): void;
}

/** What a flusher is told about the source when a lane opens. */
export interface SourceInfo {
  /** The logical stream (container, stream, path); outlives rotations. Decides the partition. */
  readonly key: string;
  readonly tags: TagSet;
}

/**
 * What the tail knows of everything behind it: the processors and the flusher of one lane, composed by the agent.
 * `push` runs the processors over the batch and hands it to the sink; the batch is free again when it returns.
 */
export interface LaneOutput {
  /** Lanes with the same one get room at the same time, see {@linkcode Sink.client}. */
  readonly client?: object;
  room(joining?: boolean): number;
  push(batch: Batch, entry: LedgerEntry): void;
  caughtUp(): void;
  close(): void;
}
