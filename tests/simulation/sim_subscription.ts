import type { Follow, PathSelect } from "../../src/core/tailing.ts";
import type { Rec } from "./model.ts";
import type { SimLane } from "./sim_lane.ts";
import type { SimSource } from "./sim_source.ts";

/** One input of one pipeline on one source. */
export interface Subscription {
  readonly pipeline: string;
  readonly source: SimSource;
  readonly select: PathSelect;
  readonly lanes: readonly SimLane[];
  follow: Follow | null;
  /** Since when it is followed without a break; Infinity while it is not. */
  sinceMs: number;
}

/** How lanes call a record. */
export function keyOf(rec: Rec): string {
  return `${rec.stream}:${rec.seq}`;
}

/** Whether the lane got the record, in this life of the agent or before. */
export function has(lane: SimLane, rec: Rec): boolean {
  return lane.delivered.has(keyOf(rec)) || lane.taken.has(keyOf(rec));
}
