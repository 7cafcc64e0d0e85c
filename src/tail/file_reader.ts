import type { OpenFile } from "../core/host.ts";
import { lineKind } from "./assembler.ts";
import { feedLanes, flushLane } from "./feed_lanes.ts";
import { ANCHOR_BYTES } from "./identity.ts";
import type { Lane } from "./lane.ts";
import { longestRecord, planRead, type ReadPlan, readPlanned } from "./read_plan.ts";
import type { ReadTools } from "./read_tools.ts";
import { SeenFile } from "./seen_file.ts";

/** What a turn found. */
export type TurnResult =
  /** There is more to read at once. */
  | "more"
  /** There is more to read, but the buffer for it is taken: at the next poll. */
  | "later"
  /** Read to the end. */
  | "end"
  /** There may be more, but no lane has room. */
  | "blocked"
  /** No lane may read: all wait for an older generation, or are closed. */
  | "waiting"
  /** The bytes before the cursor are not what they were: truncated, or another file. */
  | "changed"
  /** A file that may not stay open is not found any more. */
  | "gone"
  /** The read failed; `reader.failure` tells. */
  | "failed";

/**
 * One file generation, read once for all lanes on it. Lanes at the same cursor with room share the read, the split
 * and the header decode. A lane without room drops out; when it has room again it reads alone, up to where the next
 * lane is, and so meets it.
 */
export class FileReader extends SeenFile {
  failure: unknown = null;
  /** After a failed read: not before this monotonic time, and how long to wait the next time. */
  retryAtMs = 0;
  retryMs = 0;
  /** Its bytes were overwritten: nothing of it can be read again. */
  lost = false;
  /** When the cursor of any lane moved last, monotonic. */
  progressMs: number;
  /** A slow read waits; until it is back nothing else happens to this reader. */
  reading = false;
  #wantLong = false;
  /** Nothing was done since it was found to rest: a thousand files are asked each second, and their parts lie far apart. */
  #rested = false;

  constructor(file: OpenFile, device: number, inode: number, nowMs: number) {
    super(file, device, inode, nowMs);
    this.progressMs = nowMs;
  }

  /**
   * Whether nothing is to be done as long as the file stays as it is: every lane was at its end, holds nothing that
   * ends by time, and no other generation is before or behind it. A slow file is never sure of its size.
   */
  get rests(): boolean {
    if (this.slow || this.final || this.lost || this.retryMs > 0) return false;
    if (this.#rested && this.lanes.length === 1 && this.lanes[0].atEnd) return true;
    for (const lane of this.lanes) {
      if (lane.closed) continue;
      if (!lane.reachedEnd || lane.older !== null || lane.younger !== null || lane.pushed) return false;
      if (lane.cursor < this.sizeBytes && !lane.endTried) return false;
      if (lane.assembler.nextTimeoutMs() !== Infinity) return false;
    }
    return this.#rested = true;
  }

  /** Whether a lane that may read has room. */
  get hasRoom(): boolean {
    for (const lane of this.lanes) if (lane.eligible && lane.info.output.room() > 0) return true;
    return false;
  }

  /** Reads one chunk for the lanes that are furthest behind. */
  turn(tools: ReadTools): TurnResult {
    this.#rested = false;
    return this.#guarded(() => {
      if (!this.borrow()) return "gone";
      try {
        const plan = this.#plan(tools);
        if (plan === null) return this.#idleReason();
        if (!plan.long) return this.#take(tools, tools.arenas.chunk, plan);
        const arena = tools.arenas.takeLong(plan.want);
        if (arena === null) return "later";
        try {
          return this.#take(tools, arena, plan);
        } finally {
          tools.arenas.giveLong(tools.clock.monotonicMs());
        }
      } finally {
        this.giveBack();
      }
    });
  }

  /** The same for a slow file: the read waits outside the event loop. `goesOn` says whether its result is wanted. */
  async turnSlowly(tools: ReadTools, goesOn: () => boolean): Promise<TurnResult> {
    const { arenas, clock } = tools;
    let plan: ReadPlan | null = null;
    let arena: Uint8Array | null = null;
    this.reading = true;
    this.#rested = false;
    try {
      if (!this.borrow()) return "gone";
      plan = this.#plan(tools);
      if (plan === null) return this.#idleReason();
      if (this.packed?.ready() === false) return "later";
      arena = plan.long ? arenas.takeLong(plan.want) : arenas.takeChunk();
      if (arena === null) return "later";
      const { anchor, want, cursor } = plan;
      const file = this.opened!;
      const got = await file.readSlowly(arena, ANCHOR_BYTES - anchor, anchor + want, cursor - anchor);
      if (!goesOn()) return "waiting";
      // Meanwhile lanes may have been closed or lost their room; who is left takes it.
      const group = plan.group.filter((lane) => lane.eligible && lane.cursor === cursor);
      if (group.length === 0) return "more";
      const { length } = group;
      const still = length === plan.group.length ? plan : { ...plan, group };
      const taken = arena;
      return this.#guarded(() => this.consume(tools, taken, still, got));
    } catch (error) {
      this.failure = error;
      return "failed";
    } finally {
      if (plan !== null && arena !== null) {
        if (plan.long) arenas.giveLong(clock.monotonicMs());
        else arenas.giveChunk(arena, clock.monotonicMs());
      }
      this.giveBack();
      this.reading = false;
      // Nobody reads back from here; another packed file may be unpacked.
      if (this.packed !== null && this.unreadBytes === 0) this.packed.leave();
    }
  }

  /** Lets lanes take what was read. `got` counts the bytes before the cursor, too. */
  consume(tools: ReadTools, arena: Uint8Array, plan: ReadPlan, got: number): TurnResult {
    const nowMs = tools.clock.monotonicMs();
    const { group, cursor, anchor, want } = plan;
    this.retryMs = 0;
    this.#wantLong = false;
    if (got < anchor) return "changed";
    for (const lane of group) {
      if (!lane.anchorHolds(arena, ANCHOR_BYTES - anchor, anchor)) return "changed";
    }
    if (cursor === 0 && !this.headHolds(arena, got, plan)) return "changed";
    const atEnd = got - anchor < want && !plan.limited;
    this.noteEnd(cursor + got - anchor, atEnd, nowMs);
    const dataEnd = ANCHOR_BYTES + got - anchor;
    if (cursor === 0 && !this.checkHead(arena, dataEnd, plan.limited)) return "changed";
    let begin = ANCHOR_BYTES;
    if (begin < dataEnd && group[0].swallowNewline) begin = skipNewline(plan, arena, begin, dataEnd);
    if (begin === dataEnd) return this.#settleTurn(tools, plan, nowMs, atEnd, true, false);
    const kind = lineKind(group[0].info.framing);
    const ending = atEnd && this.#endsNow(group[0], nowMs);
    tools.table.pieceBytes = longestRecord(group);
    let end = tools.table.fill(arena, begin, dataEnd, kind, ending);
    if (end === begin && !atEnd) {
      if (!plan.long) return this.#readLong();
      end = tools.table.pieceEnd(arena, begin, kind);
      tools.table.fillPiece(arena, begin, end, kind);
    }
    let complete = true;
    if (end > begin) {
      const base = cursor - ANCHOR_BYTES;
      complete = feedLanes(this, tools, group, base, end, ending, nowMs);
      // A record that fills the whole chunk and goes on.
      const stuck = complete && !atEnd && !plan.long && begin === ANCHOR_BYTES &&
        group.every((lane) => lane.cursor === cursor);
      if (stuck) return this.#readLong();
    }
    return this.#settleTurn(tools, plan, nowMs, atEnd, complete, ending && end === dataEnd);
  }

  /** Ends held multi-line records of quiet streams; called at each poll. */
  flushTimedOut(tools: ReadTools, nowMs: number): void {
    for (const lane of this.lanes) {
      if (lane.closed || lane.assembler.nextTimeoutMs() > nowMs || lane.info.output.room() <= 0) continue;
      this.#rested = false;
      flushLane(tools, lane, nowMs, false);
    }
  }

  /** Sends everything a lane still holds; the file is over. Returns whether there was anything. */
  flushFinal(tools: ReadTools, lane: Lane, nowMs: number): boolean {
    this.#rested = false;
    return flushLane(tools, lane, nowMs, true);
  }

  #guarded(turn: () => TurnResult): TurnResult {
    try {
      return turn();
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("BUG")) throw error;
      this.failure = error;
      return "failed";
    }
  }

  #take(tools: ReadTools, arena: Uint8Array, plan: ReadPlan): TurnResult {
    return this.consume(tools, arena, plan, readPlanned(this.opened!, arena, plan));
  }

  #plan(tools: ReadTools): ReadPlan | null {
    const nowMs = tools.clock.monotonicMs();
    for (const lane of this.lanes) {
      if (lane.older === null || lane.closed) continue;
      if (this.sizeBytes === 0) this.noteDisk(this.withFile((file) => file.info().sizeBytes) ?? 0, nowMs);
      lane.tryFollowOlder();
    }
    return planRead(this.lanes, (lane) => this.#wants(lane, nowMs), this.#wantLong, tools.arenas.chunkBytes);
  }

  /** Whether there is something to read for a lane, as far as is known without reading. */
  #wants(lane: Lane, nowMs: number): boolean {
    if (!lane.reachedEnd) return true;
    return lane.cursor < this.sizeBytes && !lane.endTried && this.#endsNow(lane, nowMs);
  }

  #readLong(): TurnResult {
    this.#wantLong = true;
    return "more";
  }

  #idleReason(): TurnResult {
    return this.lanes.some((lane) => lane.eligible) ? "blocked" : "waiting";
  }

  /** Whether a line without newline at the end of the file ends now. */
  #endsNow(lane: Lane, nowMs: number): boolean {
    return this.final || nowMs - this.grownMs >= lane.info.framing.flushTimeoutMs;
  }

  #settleTurn(
    tools: ReadTools,
    plan: ReadPlan,
    nowMs: number,
    atEnd: boolean,
    complete: boolean,
    endedOpenLine: boolean,
  ): TurnResult {
    let moved = 0;
    for (const lane of plan.group) {
      moved = Math.max(moved, lane.cursor - plan.cursor);
      // What is left is an unfinished line or record: the lane is at the end all the same.
      lane.atEnd = atEnd && complete;
      lane.endSeen = this.sizeBytes;
      lane.endTried = lane.atEnd && this.#endsNow(lane, nowMs);
      if (endedOpenLine && lane.cursor === this.sizeBytes) lane.swallowNewline = true;
      if (lane.atEnd && lane.pushed) {
        lane.pushed = false;
        lane.info.output.caughtUp();
      }
    }
    tools.bytesRead.value += moved;
    this.noteHead();
    this.flushTimedOut(tools, nowMs);
    if (!atEnd) return moved > 0 ? "more" : "blocked";
    let result: TurnResult = "end";
    for (const lane of this.lanes) {
      if (!lane.eligible || !this.#wants(lane, nowMs)) continue;
      if (lane.info.output.room() > 0) return "more";
      result = "blocked";
    }
    return result;
  }
}

/** Steps over the newline that ends a line which was sent by time already. */
function skipNewline(plan: ReadPlan, arena: Uint8Array, begin: number, end: number): number {
  let at = begin;
  if (arena[at] === 13 && at + 1 < end && arena[at + 1] === 10) at += 2;
  else if (arena[at] === 10) at += 1;
  for (const lane of plan.group) {
    lane.swallowNewline = false;
    if (at > begin) lane.advance(arena, at, plan.cursor - ANCHOR_BYTES);
  }
  return at;
}
