import type { OpenFile } from "../core/host.ts";
import { CHUNK_BYTES } from "./arena_pool.ts";
import { lineKind, recordLimit } from "./assembler.ts";
import { ANCHOR_BYTES } from "./identity.ts";
import type { Lane } from "./lane.ts";

/** A physical line longer than this comes in pieces. */
export const LINE_BYTES_MAX_FLOOR = 1024 * 1024;

/** One read: who takes part, from where, how much. */
export interface ReadPlan {
  readonly group: readonly Lane[];
  readonly cursor: number;
  /** Bytes before the cursor that are read again. */
  readonly anchor: number;
  readonly want: number;
  /** The read ends at the cursor of the next lane, not at the end of the file. */
  readonly limited: boolean;
  /** A chunk held no end of a line: this read is large enough for the longest record. */
  readonly long: boolean;
}

/**
 * The lanes that read next: those with room at the smallest cursor, among those that have something to read. A lane
 * that was seen at the end and waits for more of its line must not keep the others from reading on. If nobody has,
 * the read at the end of the furthest lane is the poll. Who reads with others, or what others have read already, gets
 * the room of a joining one, so that lanes stay together and those behind catch up.
 */
export function planRead(
  lanes: readonly Lane[],
  wants: (lane: Lane) => boolean,
  long: boolean,
  chunkBytes: number = CHUNK_BYTES,
): ReadPlan | null {
  let lead: Lane | null = null;
  let furthest: Lane | null = null;
  let front = 0;
  for (const lane of lanes) if (lane.eligible) front = Math.max(front, lane.cursor);
  for (const lane of lanes) {
    if (!lane.eligible || lane.info.output.room(lane.cursor < front) <= 0) continue;
    if (furthest === null || lane.cursor > furthest.cursor) furthest = lane;
    if ((lead === null || lane.cursor < lead.cursor) && wants(lane)) lead = lane;
  }
  lead ??= furthest;
  if (lead === null) return null;
  const { cursor } = lead;
  const { framing } = lead.info;
  const kind = lineKind(framing);
  const group: Lane[] = [];
  let next = Infinity;
  for (const lane of lanes) {
    if (!lane.eligible) continue;
    const other = lane.info.framing;
    if (lane.cursor > cursor) next = Math.min(next, lane.cursor);
    else if (
      lane.cursor === cursor && lineKind(other) === kind && other.flushTimeoutMs === framing.flushTimeoutMs &&
      lane.swallowNewline === lead.swallowNewline && (lane === lead || lane.info.output.room(true) > 0)
    ) group.push(lane);
  }
  const limited = !long && next - cursor < chunkBytes;
  const full = long ? Math.max(LINE_BYTES_MAX_FLOOR, longestRecord(group) + chunkBytes) : chunkBytes;
  return {
    group,
    cursor,
    anchor: Math.min(ANCHOR_BYTES, cursor),
    want: limited ? next - cursor : full,
    limited,
    long,
  };
}

/** Reads so that the byte at the cursor lands at `arena[ANCHOR_BYTES]`. */
export function readPlanned(file: OpenFile, arena: Uint8Array, plan: ReadPlan): number {
  return file.read(arena, ANCHOR_BYTES - plan.anchor, plan.anchor + plan.want, plan.cursor - plan.anchor);
}

/** The longest record that one of the lanes takes in one piece. */
export function longestRecord(group: readonly Lane[]): number {
  let bytes = 0;
  for (const lane of group) bytes = Math.max(bytes, recordLimit(lane.info.framing));
  return bytes;
}
