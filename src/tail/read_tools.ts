import type { Batch } from "../core/batch.ts";
import type { Clock } from "../core/host.ts";
import type { Cell } from "../core/telemetry.ts";
import type { ArenaPool } from "./arena_pool.ts";
import type { FramingCounts } from "./framing_counts.ts";
import type { LineTable } from "./line_table.ts";

/** What all readers of an agent share: a turn uses one of each, and turns never overlap. */
export interface ReadTools {
  readonly arenas: ArenaPool;
  readonly table: LineTable;
  readonly batch: Batch;
  readonly clock: Clock;
  readonly bytesRead: Cell;
  readonly recordsRead: Cell;
  readonly counts: FramingCounts;
}
