import type { CheckpointStore, LaneKey } from "../core/checkpoint.ts";
import type { Clock, FileInfo, Files, OpenFile, PathView } from "../core/host.ts";
import type { KeyTable } from "../core/keys.ts";
import type { EarlyFiles } from "./early_files.ts";
import type { FileReader } from "./file_reader.ts";
import type { HeldBudget } from "./held_budget.ts";
import type { Lane } from "./lane.ts";
import type { LossLedger } from "./loss_ledger.ts";
import type { PackedDesk } from "./packed_desk.ts";
import type { PackedFacts } from "./packed_survey.ts";
import type { ReadLimits } from "./read_limit.ts";
import type { SavedIndex } from "./saved_index.ts";
import type { SourcePath } from "./source_path.ts";

/** What the parts of the tail know of each other; `Tail` puts it together. */
export interface TailShared {
  readonly files: Files;
  readonly clock: Clock;
  readonly keys: KeyTable;
  readonly held: HeldBudget;
  readonly store: CheckpointStore;
  readonly losses: LossLedger;
  /** Where packed files are looked through. */
  readonly desk: PackedDesk;
  readonly limits: ReadLimits;
  /** Scratch for short reads outside a turn. */
  readonly arena: Uint8Array;
  /** Where lanes were left, in earlier runs and in this one. */
  readonly saved: SavedIndex;
  /** Open files by `device:inode`, shared by all targets. */
  readonly readers: ReadonlyMap<string, FileReader>;
  /** Files that were opened before anybody asked for them. */
  readonly early: EarlyFiles;
  /** Wall clock of this start. */
  readonly startedMs: number;
  /** Whether this start made the checkpoint store. */
  readonly firstRun: boolean;
  /** Whether tail limits are off. */
  readonly fromStart: boolean;
  /**
   * The reader of this file, made when there is none; `null` when the file was refused. `packed`: of what the packed file
   * unpacks to.
   */
  acquire(
    view: PathView,
    path: string,
    info: FileInfo,
    refused: (refusal: string, detail: string) => void,
    packed?: PackedFacts,
  ): FileReader | null;
  /** Acts at once on a file that holds other bytes by now, or is gone. */
  settle(reader: FileReader): void;
  /** Adds lanes to a reader and lets it run. */
  attach(reader: FileReader, source: SourcePath, lanes: readonly Lane[]): void;
  /** Takes the closed lanes of a source off a reader; the last one closes the file. */
  release(reader: FileReader, source: SourcePath): void;
  /** Runs with the reader's open file; `null` when it cannot be opened now. */
  withFile<T>(reader: FileReader, use: (file: OpenFile) => T): T | null;
  /** Sends what the lane still holds; true once it has nothing to read, to send or to settle any more. */
  endLane(reader: FileReader, lane: Lane, nowMs: number): boolean;
  /** The lane's safe resume point moved. */
  readonly moved: (lane: Lane) => void;
  /** The saved lane is of no use any more. */
  readonly forget: (key: LaneKey) => void;
  /** The lane was closed: where it was is remembered, also while the disk refuses to save. */
  readonly closed: (lane: Lane) => void;
  /** A file is not read, and why; counted, and said once per path. */
  refused(refusal: string, label: string, path: string, detail: string): void;
}
