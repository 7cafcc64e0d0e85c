import type { HeadHash } from "../core/checkpoint.ts";
import type { Batch } from "../core/batch.ts";
import type { Clock, OpenFile } from "../core/host.ts";
import type { Cell } from "../core/telemetry.ts";
import { lineKind, recordLimit } from "./assembler.ts";
import { ANCHOR_BYTES, HEAD_BYTES_MAX, readHead } from "./identity.ts";
import type { Lane } from "./lane.ts";
import type { LineTable } from "./line_table.ts";

/** Bytes read at a time. 64 KiB to 1 MiB cost the same CPU; small chunks keep the memory small. */
export const CHUNK_BYTES = 256 * 1024;
/** Estimated output of one batch at most. */
export const BATCH_BYTES_MAX = 512 * 1024;
/** A physical line longer than this comes in pieces. */
export const LINE_BYTES_MAX_FLOOR = 1024 * 1024;

/** What all readers of an agent share: a turn uses one of each, and turns never overlap. */
export interface ReadTools {
  readonly arena: Uint8Array;
  readonly table: LineTable;
  readonly batch: Batch;
  readonly clock: Clock;
  readonly bytesRead: Cell;
  readonly recordsRead: Cell;
}

/** What a turn found. */
export type TurnResult =
  /** There is more to read at once. */
  | "more"
  /** Read to the end. */
  | "end"
  /** There may be more, but no lane has room. */
  | "blocked"
  /** No lane may read: all wait for an older generation, or are closed. */
  | "waiting"
  /** The bytes before the cursor are not what they were: truncated, or another file. */
  | "changed"
  /** The read failed; `reader.failure` tells. */
  | "failed";

/** Arena with room for the bytes before the cursor and, at its end, for reads and writes past the end. */
export function makeArena(bytes: number): Uint8Array {
  return new Uint8Array(ANCHOR_BYTES + bytes + 64);
}

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
  /** For files that may not stay open (a containerd rootfs): opens it again for one turn. */
  reopen: (() => OpenFile | null) | null = null;
  lanes: Lane[] = [];
  /** Host path it was opened by. */
  readonly hostPath: string;
  /** End of the file as last seen. */
  sizeBytes = 0;
  /** Monotonic time of the last growth seen, and of the last move of any cursor. */
  grownMs: number;
  progressMs: number;
  /** Size when the path was looked at last; what lies behind `sizeBytes` was never read. */
  diskBytes = 0;
  /** When it last went from nothing to read to something. */
  waitingSinceMs: number;
  failure: unknown = null;
  /** No more bytes are expected (container gone, or rotated and quiet): what is unfinished ends now. */
  final = false;
  /** Hash of the first bytes, renewed while the file is shorter than what the hash covers at most. */
  head: HeadHash = { length: 0, hash: 0 };
  /** The file is on a remote file system: it is read asynchronously. */
  slow = false;

  constructor(file: OpenFile, device: number, inode: number, nowMs: number) {
    this.file = file;
    this.hostPath = file.hostPath;
    this.device = device;
    this.inode = inode;
    this.grownMs = nowMs;
    this.progressMs = nowMs;
    this.waitingSinceMs = nowMs;
  }

  /** The file has this size now, as its path tells. */
  noteDisk(sizeBytes: number, nowMs: number): void {
    if (sizeBytes > this.sizeBytes && this.diskBytes <= this.sizeBytes) this.waitingSinceMs = nowMs;
    this.diskBytes = sizeBytes;
  }

  /** Reads one chunk for the lanes that are furthest behind. */
  turn(tools: ReadTools): TurnResult {
    try {
      this.#followOlder();
      const plan = this.#plan();
      if (plan === null) return this.#idleReason();
      const got = this.#withFile((file) => readAt(file, tools.arena, plan, CHUNK_BYTES));
      if (got === null) return "failed";
      return this.consume(tools, tools.arena, plan, got);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("BUG")) throw error;
      this.failure = error;
      return "failed";
    }
  }

  /** The same for a slow file: the read waits outside the event loop, in a buffer of its own. */
  async turnSlowly(tools: ReadTools, arena: Uint8Array): Promise<TurnResult> {
    try {
      this.#followOlder();
      const plan = this.#plan();
      if (plan === null) return this.#idleReason();
      const file = this.file ?? this.reopen?.() ?? null;
      if (file === null) return "failed";
      const from = plan.cursor - plan.anchor;
      const got = await file.readSlowly(arena, ANCHOR_BYTES - plan.anchor, plan.anchor + plan.want, from);
      return this.consume(tools, arena, plan, got);
    } catch (error) {
      this.failure = error;
      return "failed";
    }
  }

  /** Lets lanes take what was read. `got` counts the bytes before the cursor, too. */
  consume(tools: ReadTools, arena: Uint8Array, plan: ReadPlan, got: number): TurnResult {
    const nowMs = tools.clock.monotonicMs();
    const { group, cursor, anchor, want } = plan;
    const dataEnd = ANCHOR_BYTES + got - anchor;
    if (got < anchor) return "changed";
    for (const lane of group) {
      if (!lane.anchorHolds(arena, ANCHOR_BYTES - anchor, anchor)) return "changed";
    }
    const seenEnd = cursor + got - anchor;
    if (seenEnd > this.sizeBytes) {
      this.sizeBytes = seenEnd;
      this.grownMs = nowMs;
    }
    const atEnd = got - anchor < want && !plan.limited;
    let begin = ANCHOR_BYTES;
    if (begin < dataEnd && group.some((lane) => lane.swallowNewline)) {
      begin = skipNewline(plan, arena, begin, dataEnd);
    }
    if (begin === dataEnd) return this.#settleTurn(tools, plan, nowMs, atEnd, false);
    const kind = lineKind(group[0].info.framing);
    const ending = atEnd && this.#endsNow(group[0], nowMs);
    tools.table.pieceBytes = longestRecord(group);
    const end = tools.table.fill(arena, begin, dataEnd, kind, ending);
    if (end === begin && !atEnd) return this.#longLine(tools, plan);
    if (end > begin) {
      const base = cursor - ANCHOR_BYTES;
      for (const lane of group) this.#feed(tools, lane, base, end, ending, nowMs);
      // A record that fills the whole chunk and goes on.
      if (!atEnd && group.every((lane) => lane.cursor === cursor && lane.info.output.room() > 0)) {
        return this.#longLine(tools, plan);
      }
    }
    return this.#settleTurn(tools, plan, nowMs, atEnd, ending && end === dataEnd);
  }

  /** Ends held multi-line records of quiet streams; called at each poll. */
  flushTimedOut(tools: ReadTools, nowMs: number): void {
    for (const lane of this.lanes) {
      if (lane.closed || lane.assembler.nextTimeoutMs() > nowMs || lane.info.output.room() <= 0) continue;
      this.#flush(tools, lane, nowMs, false);
    }
  }

  /** Sends everything a lane still holds; the file is over. */
  flushFinal(tools: ReadTools, lane: Lane, nowMs: number): void {
    this.#flush(tools, lane, nowMs, true);
  }

  #flush(tools: ReadTools, lane: Lane, nowMs: number, final: boolean): void {
    const { batch } = tools;
    batch.begin(lane.info.tags, tools.arena, 0, tools.clock.wallMs());
    const added = lane.assembler.flush(batch, nowMs, final);
    if (added > 0) this.#push(tools, lane);
  }

  /** Hash of the first bytes as far as the file had them; cheap once they are 1 KiB. */
  noteHead(): void {
    if (this.head.length >= HEAD_BYTES_MAX || this.sizeBytes <= this.head.length) return;
    const head = this.#withFile((file) => readHead(file, HEAD_BYTES_MAX));
    if (head !== null) this.head = head;
  }

  #followOlder(): void {
    for (const lane of this.lanes) {
      if (lane.older === null || lane.closed) continue;
      lane.tryFollowOlder(this.sizeBytes > 0 || (this.#withFile((file) => file.info().sizeBytes) ?? 0) > 0);
    }
  }

  /** The lanes that read next: those with room at the smallest cursor. */
  #plan(): ReadPlan | null {
    let cursor = Infinity;
    let kind = "";
    for (const lane of this.lanes) {
      if (!lane.eligible || lane.cursor >= cursor || lane.info.output.room() <= 0) continue;
      cursor = lane.cursor;
      kind = lineKind(lane.info.framing);
    }
    if (cursor === Infinity) return null;
    const group: Lane[] = [];
    let next = Infinity;
    for (const lane of this.lanes) {
      if (lane.closed) continue;
      if (lane.cursor === cursor && lineKind(lane.info.framing) === kind) {
        if (lane.eligible && lane.info.output.room() > 0) group.push(lane);
      } else if (lane.cursor > cursor && lane.cursor < next) next = lane.cursor;
    }
    const limited = next - cursor < CHUNK_BYTES;
    return {
      group,
      cursor,
      anchor: Math.min(ANCHOR_BYTES, cursor),
      want: limited ? next - cursor : CHUNK_BYTES,
      limited,
    };
  }

  #idleReason(): TurnResult {
    return this.lanes.some((lane) => lane.eligible) ? "blocked" : "waiting";
  }

  /** Whether a line without newline at the end of the file ends now. */
  #endsNow(lane: Lane, nowMs: number): boolean {
    return this.final || nowMs - this.grownMs >= lane.info.framing.flushTimeoutMs;
  }

  /** Gives rows to one lane until they, or its room, are used up. */
  #feed(tools: ReadTools, lane: Lane, base: number, rowsEnd: number, ending: boolean, nowMs: number): void {
    const { table, batch } = tools;
    let row = 0;
    while (row < table.count) {
      const room = lane.info.output.room();
      if (room <= 0) return;
      batch.begin(lane.info.tags, table.arena, table.utf8, tools.clock.wallMs());
      const bytes = Math.min(room, BATCH_BYTES_MAX);
      const next = lane.assembler.take(table, row, base, batch, bytes, nowMs, ending);
      if (next === row && batch.count === 0) return;
      lane.advance(table.arena, next < table.count ? table.lineBegin(next) : rowsEnd, base);
      this.progressMs = nowMs;
      this.#push(tools, lane);
      row = next;
    }
  }

  #push(tools: ReadTools, lane: Lane): void {
    const { batch } = tools;
    const entry = lane.ledger.open(lane.assembler.resume(lane.cursor));
    if (lane.adopted !== null && lane.assembler.joinedAdopted()) {
      entry.also = lane.adopted;
      lane.adopted = null;
    }
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
    endedOpenLine: boolean,
  ): TurnResult {
    let moved = 0;
    for (const lane of plan.group) {
      moved = Math.max(moved, lane.cursor - plan.cursor);
      // What is left is an unfinished line or record: the lane is at the end all the same.
      lane.atEnd = atEnd && lane.info.output.room() > 0;
      if (endedOpenLine && lane.cursor === this.sizeBytes) lane.swallowNewline = true;
      if (lane.atEnd && lane.pushed) {
        lane.pushed = false;
        lane.info.output.caughtUp();
      }
    }
    tools.bytesRead.value += moved;
    this.flushTimedOut(tools, nowMs);
    if (!atEnd) return moved > 0 ? "more" : "blocked";
    let result: TurnResult = "end";
    for (const lane of this.lanes) {
      if (!lane.eligible || lane.atEnd) continue;
      if (lane.info.output.room() > 0) return "more";
      result = "blocked";
    }
    return result;
  }

  /**
   * A chunk without a single line's end. The line is read into a larger buffer of its own, one at a time agent-wide;
   * beyond the record limit it comes in pieces.
   */
  #longLine(tools: ReadTools, plan: ReadPlan): TurnResult {
    const nowMs = tools.clock.monotonicMs();
    const { group, cursor, anchor } = plan;
    const kind = lineKind(group[0].info.framing);
    const limit = Math.max(LINE_BYTES_MAX_FLOOR, longestRecord(group) + CHUNK_BYTES);
    const arena = makeArena(limit);
    const got = this.#withFile((file) => readAt(file, arena, { ...plan, want: limit }, limit));
    if (got === null || got < anchor) return "changed";
    const dataEnd = ANCHOR_BYTES + got - anchor;
    const atEnd = got - anchor < limit;
    const ending = atEnd && this.#endsNow(group[0], nowMs);
    let end = tools.table.fill(arena, ANCHOR_BYTES, dataEnd, kind, ending);
    if (end === ANCHOR_BYTES) {
      if (atEnd) {
        this.#noteEnd(cursor + got - anchor, nowMs);
        return this.#settleTurn(tools, plan, nowMs, true, false);
      }
      end = tools.table.pieceEnd(arena, ANCHOR_BYTES, kind);
      tools.table.fillPiece(arena, ANCHOR_BYTES, end, kind);
    }
    for (const lane of group) this.#feed(tools, lane, cursor - ANCHOR_BYTES, end, ending, nowMs);
    return this.#settleTurn(tools, plan, nowMs, false, false);
  }

  #noteEnd(size: number, nowMs: number): void {
    if (size <= this.sizeBytes) return;
    this.sizeBytes = size;
    this.grownMs = nowMs;
  }

  /** Runs with the open file; one that may not stay open is opened for this call only. */
  #withFile<T>(use: (file: OpenFile) => T): T | null {
    if (this.file !== null) return use(this.file);
    const file = this.reopen?.() ?? null;
    if (file === null) return null;
    try {
      return use(file);
    } finally {
      file.close();
    }
  }
}

/** One read: who takes part, from where, how much. */
export interface ReadPlan {
  readonly group: readonly Lane[];
  readonly cursor: number;
  /** Bytes before the cursor that are read again. */
  readonly anchor: number;
  readonly want: number;
  /** The read ends at the cursor of the next lane, not at the end of the file. */
  readonly limited: boolean;
}

/** Reads so that the byte at the cursor lands at `arena[ANCHOR_BYTES]`. */
function readAt(file: OpenFile, arena: Uint8Array, plan: ReadPlan, bytesMax: number): number {
  const want = plan.anchor + Math.min(plan.want, bytesMax);
  return file.read(arena, ANCHOR_BYTES - plan.anchor, want, plan.cursor - plan.anchor);
}

/** The longest record that one of the lanes takes in one piece. */
function longestRecord(group: readonly Lane[]): number {
  let bytes = 0;
  for (const lane of group) bytes = Math.max(bytes, recordLimit(lane.info.framing));
  return bytes;
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
