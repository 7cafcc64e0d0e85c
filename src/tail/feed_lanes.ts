import type { Lane } from "./lane.ts";
import type { ReadTools } from "./read_tools.ts";

/** Estimated output of one batch at most. */
export const BATCH_BYTES_MAX = 512 * 1024;

/** Whoever reads for the lanes: told when one of them took something. */
interface Progress {
  progressMs: number;
}

/**
 * Gives the rows to all lanes, a batch each in turn, until rows or the room of one are used up: who ran on alone would
 * leave rows behind that have to be read again. The next turn is without those that have no room. Lanes whose flushers
 * share a client share its room, too: each takes no more than its part, so that they stop at the same row. Returns
 * whether there was room for all.
 */
export function feedLanes(
  reader: Progress,
  tools: ReadTools,
  group: readonly Lane[],
  base: number,
  rowsEnd: number,
  ending: boolean,
  nowMs: number,
): boolean {
  const { count } = tools.table;
  const rows = group.map(() => 0);
  for (let moves = true; moves;) {
    moves = false;
    // As it is before anyone takes: equal lanes get equal parts.
    const parts = group.map((lane) => Math.ceil(lane.info.output.room(true) / group.length));
    if (parts.some((part, i) => part <= 0 && rows[i] < count)) return false;
    for (let i = 0; i < group.length; i++) {
      if (rows[i] === count || group[i].info.output.room(true) <= 0) continue;
      const next = feedBatch(reader, tools, group[i], rows[i], parts[i], base, rowsEnd, ending, nowMs);
      rows[i] = next < 0 ? count : next;
      moves ||= next >= 0;
    }
  }
  return true;
}

/** Gives rows from `row` on to one lane, a batch at most. Returns the first that it did not take, -1: it takes none. */
function feedBatch(
  reader: Progress,
  tools: ReadTools,
  lane: Lane,
  row: number,
  room: number,
  base: number,
  rowsEnd: number,
  ending: boolean,
  nowMs: number,
): number {
  const { table, batch } = tools;
  batch.begin(lane.info.tags, table.arena, table.utf8, tools.clock.wallMs());
  const next = lane.assembler.take(table, row, base, batch, Math.min(room, BATCH_BYTES_MAX), nowMs, ending);
  if (next === row && batch.count === 0) return -1;
  lane.advance(table.arena, next < table.count ? table.lineBegin(next) : rowsEnd, base);
  reader.progressMs = nowMs;
  pushBatch(tools, lane);
  return next;
}

function pushBatch(tools: ReadTools, lane: Lane): void {
  const { batch } = tools;
  const entry = lane.ledger.open(lane.assembler.resume(lane.cursor));
  lane.settleAdopted(entry);
  tools.counts.note(lane);
  if (batch.count > 0) {
    tools.recordsRead.value += batch.count;
    lane.info.output.push(batch, entry);
    lane.pushed = true;
  }
  entry.settle();
}

/** Sends what a lane holds and what is due: all of it when `final`. Returns whether there was anything. */
export function flushLane(tools: ReadTools, lane: Lane, nowMs: number, final: boolean): boolean {
  const { batch } = tools;
  batch.begin(lane.info.tags, tools.arenas.chunk, 0, tools.clock.wallMs());
  const added = lane.assembler.flush(batch, nowMs, final);
  if (added > 0 || lane.adopted !== null) pushBatch(tools, lane);
  return added > 0;
}
