import type { Batch } from "../core/batch.ts";
import type { HeadHash } from "../core/checkpoint.ts";
import type { Clock, OpenFile } from "../core/host.ts";
import type { Cell } from "../core/telemetry.ts";
import type { ArenaPool } from "./arena_pool.ts";
import { lineKind } from "./assembler.ts";
import type { FramingCounts } from "./framing_counts.ts";
import {
  ANCHOR_BYTES,
  fileKey,
  hashBytes,
  HEAD_BYTES_MAX,
  headOf,
  holdsSaved,
  longerHead,
  NO_HEAD,
} from "./identity.ts";
import type { Lane } from "./lane.ts";
import type { LineTable } from "./line_table.ts";
import type { PackedFile } from "./packed_file.ts";
import { longestRecord, planRead, type ReadPlan, readPlanned } from "./read_plan.ts";

/** Estimated output of one batch at most. */
export const BATCH_BYTES_MAX = 512 * 1024;

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
export class FileReader {
  readonly device: number;
  inode: number;
  /** Null while a file that may not stay open is closed. */
  file: OpenFile | null;
  /** For files that may not stay open (a containerd rootfs): opens the same bytes again, `null` when they are gone. */
  reopen: (() => OpenFile | null) | null = null;
  lanes: Lane[] = [];
  /** Host path it was opened by. */
  readonly hostPath: string;
  /** End of the file as last seen. */
  sizeBytes = 0;
  /** When it was written last, monotonic: as its time of modification told at first, by growth from then on. */
  writtenMs: number;
  /** Device and inode as one text. */
  key: string;
  /** Monotonic time of the last growth seen, and of the last move of any cursor. */
  grownMs: number;
  progressMs: number;
  /** Largest size that its path has told; what lies behind `sizeBytes` was never read. */
  diskBytes = 0;
  /** When it last went from nothing to read to something. */
  waitingSinceMs: number;
  failure: unknown = null;
  /** After a failed read: not before this monotonic time, and how long to wait the next time. */
  retryAtMs = 0;
  retryMs = 0;
  /** No more bytes are expected (container gone, or rotated and quiet): what is unfinished ends now. */
  final = false;
  /** Its bytes were overwritten: nothing of it can be read again. */
  lost = false;
  /** Hash of the first bytes, renewed while the file is shorter than what the hash covers at most. */
  head: HeadHash = NO_HEAD;
  /** The file is on a remote file system: it is read asynchronously. */
  slow = false;
  /** A slow read waits; until it is back nothing else happens to this reader. */
  reading = false;
  #packed: PackedFile | null = null;
  /** Smallest size since a truncation that was not looked into yet. */
  #cutToBytes = Infinity;
  #cutBytes = 0;
  #wantLong = false;
  /** Nothing was done since it was found to rest: a thousand files are asked each second, and their parts lie far apart. */
  #rested = false;
  #borrowed: OpenFile | null = null;

  constructor(file: OpenFile, device: number, inode: number, nowMs: number) {
    this.file = file;
    this.hostPath = file.hostPath;
    this.device = device;
    this.inode = inode;
    this.key = fileKey(this);
    this.writtenMs = nowMs;
    this.grownMs = nowMs;
    this.progressMs = nowMs;
    this.waitingSinceMs = nowMs;
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

  /**
   * Whether the file is as it was read, as far as one read at its end can tell: the bytes before the end are there, and
   * nothing follows. False when that cannot be said.
   */
  isStill(): boolean {
    for (const lane of this.lanes) {
      if (lane.closed || lane.cursor !== this.sizeBytes) continue;
      return this.file !== null && endsAt(this.file, lane);
    }
    return false;
  }

  /** It is a packed file: read like a slow one, and its bytes never change. */
  unpacks(file: PackedFile): void {
    this.#packed = file;
    this.slow = true;
  }

  /** See {@linkcode unpacks}. */
  get isPacked(): boolean {
    return this.#packed !== null;
  }

  /** Whether a lane that may read has room. */
  get hasRoom(): boolean {
    for (const lane of this.lanes) if (lane.eligible && lane.info.output.room() > 0) return true;
    return false;
  }

  /** The file has this size now, as its path tells. */
  noteDisk(sizeBytes: number, nowMs: number): void {
    // Truncated. What was seen before is what will be booked, when it is looked into.
    if (sizeBytes < this.diskBytes) {
      this.#cutToBytes = Math.min(this.#cutToBytes, sizeBytes);
      return;
    }
    if (sizeBytes > this.sizeBytes && this.diskBytes <= this.sizeBytes) this.waitingSinceMs = nowMs;
    this.diskBytes = sizeBytes;
  }

  /** A copy takes the place of the truncated file; what was seen and is not in it is cut off. */
  goesOnIn(copyBytes: number, nowMs: number): void {
    this.#cutToBytes = Infinity;
    this.noteDisk(copyBytes, nowMs);
  }

  /** Bytes that were seen behind the cursor and cut off, while those before it stayed; told once. */
  takeCutBytes(): number {
    const bytes = this.#cutBytes;
    this.#cutBytes = 0;
    return bytes;
  }

  /** Reads one chunk for the lanes that are furthest behind. */
  turn(tools: ReadTools): TurnResult {
    this.#rested = false;
    return this.#guarded(() => {
      if (!this.#open()) return "gone";
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
        this.#giveBack();
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
      if (!this.#open()) return "gone";
      plan = this.#plan(tools);
      if (plan === null) return this.#idleReason();
      if (this.#packed?.ready() === false) return "later";
      arena = plan.long ? arenas.takeLong(plan.want) : arenas.takeChunk();
      if (arena === null) return "later";
      const { anchor, want, cursor } = plan;
      const file = this.file ?? this.#borrowed!;
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
      this.#giveBack();
      this.reading = false;
      // Nobody reads back from here; another packed file may be unpacked.
      if (this.#packed !== null && this.unreadBytes === 0) this.#packed.leave();
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
    if (cursor === 0 && !this.#headHolds(arena, got, plan)) return "changed";
    const atEnd = got - anchor < want && !plan.limited;
    this.#noteEnd(cursor + got - anchor, atEnd, nowMs);
    const dataEnd = ANCHOR_BYTES + got - anchor;
    if (cursor === 0 && !this.#checkHead(arena, dataEnd, plan.limited)) return "changed";
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
      complete = this.#feed(tools, group, base, end, ending, nowMs);
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
      this.#flush(tools, lane, nowMs, false);
    }
  }

  /** Sends everything a lane still holds; the file is over. Returns whether there was anything. */
  flushFinal(tools: ReadTools, lane: Lane, nowMs: number): boolean {
    return this.#flush(tools, lane, nowMs, true);
  }

  /** Hash of the first bytes as far as the file had them; cheap once they are 1 KiB. Throws what reading throws. */
  noteHead(): void {
    if (this.head.length >= HEAD_BYTES_MAX || this.sizeBytes <= this.head.length) return;
    this.head = this.withFile((file) => longerHead(file, this.head)) ?? this.head;
  }

  /** Whether the file still holds what was seen of it. Throws what reading throws. */
  isUnchanged(): boolean {
    if (this.#packed !== null) return true;
    let furthest: Lane | null = null;
    for (const lane of this.lanes) {
      if (!lane.closed && lane.cursor >= (furthest?.cursor ?? 0)) furthest = lane;
    }
    if (furthest === null) return true;
    const seen = { head: this.head, anchor: furthest.savedAnchor() };
    return this.withFile((file) => holdsSaved(file, seen)) === true;
  }

  /** Runs with the open file; one that may not stay open is opened for this call only. `null` when it is gone. */
  withFile<T>(use: (file: OpenFile) => T): T | null {
    const open = this.file ?? this.#borrowed;
    if (open !== null) return use(open);
    const file = this.reopen?.() ?? null;
    if (file === null) return null;
    try {
      return use(file);
    } finally {
      file.close();
    }
  }

  /** Bytes of the file that the lane furthest behind has not taken. */
  get unreadBytes(): number {
    let cursor = Infinity;
    for (const lane of this.lanes) if (!lane.closed && lane.cursor < cursor) cursor = lane.cursor;
    return cursor === Infinity ? 0 : Math.max(0, Math.max(this.sizeBytes, this.diskBytes) - cursor);
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

  #open(): boolean {
    if (this.file !== null) return true;
    this.#borrowed = this.reopen?.() ?? null;
    return this.#borrowed !== null;
  }

  #giveBack(): void {
    this.#borrowed?.close();
    this.#borrowed = null;
  }

  #take(tools: ReadTools, arena: Uint8Array, plan: ReadPlan): TurnResult {
    return this.consume(tools, arena, plan, readPlanned(this.file ?? this.#borrowed!, arena, plan));
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

  /** Nothing lies before the cursor, so what was seen at the begin proves that the file is still the same. */
  #headHolds(arena: Uint8Array, got: number, plan: ReadPlan): boolean {
    const { length, hash } = this.head;
    // The read ends where the next lane is, before all of what is known: then that lane's place must hold, too.
    if (got < length) return plan.limited && got === plan.want && this.isUnchanged();
    return length === 0 || hashBytes(arena, ANCHOR_BYTES, ANCHOR_BYTES + length) === hash;
  }

  #readLong(): TurnResult {
    this.#wantLong = true;
    return "more";
  }

  /**
   * A read from 0 has nothing before it that proves which bytes these are. Other lanes that read on know the head; if
   * there are none, this is the head from now on.
   */
  #checkHead(arena: Uint8Array, dataEnd: number, limited: boolean): boolean {
    const known = this.head;
    if (known.length > 0 && this.lanes.some((lane) => !lane.closed && lane.cursor > 0)) {
      // A read up to the next lane may be too short to tell.
      if (limited && dataEnd - ANCHOR_BYTES < known.length) return true;
      const now = headOf(arena, ANCHOR_BYTES, Math.min(dataEnd, ANCHOR_BYTES + known.length));
      return now.length === known.length && now.hash === known.hash;
    }
    this.head = headOf(arena, ANCHOR_BYTES, dataEnd);
    return true;
  }

  #noteEnd(seenEnd: number, atEnd: boolean, nowMs: number): void {
    if (seenEnd > this.sizeBytes) {
      this.grownMs = this.writtenMs = nowMs;
      this.sizeBytes = seenEnd;
      // Somebody goes on writing: what is unfinished may still get its end.
      this.final = false;
    } else if (atEnd) this.sizeBytes = seenEnd;
    if (!atEnd || this.#cutToBytes === Infinity) return;
    // What was read is still there, so it was cut behind that.
    this.#cutBytes += Math.max(0, Math.min(this.unreadBytes, this.diskBytes - this.#cutToBytes));
    this.#cutToBytes = Infinity;
    this.diskBytes = seenEnd;
  }

  #flush(tools: ReadTools, lane: Lane, nowMs: number, final: boolean): boolean {
    this.#rested = false;
    const { batch } = tools;
    batch.begin(lane.info.tags, tools.arenas.chunk, 0, tools.clock.wallMs());
    const added = lane.assembler.flush(batch, nowMs, final);
    if (added > 0 || lane.adopted !== null) this.#push(tools, lane);
    return added > 0;
  }

  #idleReason(): TurnResult {
    return this.lanes.some((lane) => lane.eligible) ? "blocked" : "waiting";
  }

  /** Whether a line without newline at the end of the file ends now. */
  #endsNow(lane: Lane, nowMs: number): boolean {
    return this.final || nowMs - this.grownMs >= lane.info.framing.flushTimeoutMs;
  }

  /**
   * Gives the rows to all lanes, a batch each in turn, until rows or the room of one are used up: who ran on alone would
   * leave rows behind that have to be read again. The next turn is without those that have no room. Lanes whose flushers
   * share a client share its room, too: each takes no more than its part, so that they stop at the same row. Returns
   * whether there was room for all.
   */
  #feed(
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
        const next = this.#feedBatch(tools, group[i], rows[i], parts[i], base, rowsEnd, ending, nowMs);
        rows[i] = next < 0 ? count : next;
        moves ||= next >= 0;
      }
    }
    return true;
  }

  /** Gives rows from `row` on to one lane, a batch at most. Returns the first that it did not take, -1: it takes none. */
  #feedBatch(
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
    this.progressMs = nowMs;
    this.#push(tools, lane);
    return next;
  }

  #push(tools: ReadTools, lane: Lane): void {
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

const probe = new Uint8Array(ANCHOR_BYTES + 1);

/** Whether the file ends at the lane's cursor, with the bytes that were there before. */
function endsAt(file: OpenFile, { cursor, anchorLength: length, anchor }: Lane): boolean {
  try {
    if (file.read(probe, 0, length + 1, cursor - length) !== length) return false;
  } catch {
    // A turn meets the same error and deals with it.
    return false;
  }
  for (let i = 0; i < length; i++) if (probe[i] !== anchor[i]) return false;
  return true;
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
