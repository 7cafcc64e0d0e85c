import type { Anchor, LaneKey, SavedLane } from "../core/checkpoint.ts";
import type { Framing } from "../core/framing.ts";
import type { LaneOutput } from "../core/lane.ts";
import { Ledger, type LedgerEntry, type Resume, resumeAt, type ResumeOwner } from "../core/ledger.ts";
import type { TagSet } from "../core/tags.ts";
import type { Assembler, AssemblerCounts } from "./assembler.ts";
import type { FileReader } from "./file_reader.ts";
import { ANCHOR_BYTES, hashBytes } from "./identity.ts";
import type { ReadLimit } from "./read_limit.ts";

/** A saved lane that is brought up to date in its place: a hundred are saved ten times a second. */
export type SavedRow = { -readonly [part in keyof SavedLane]: SavedLane[part] };

/** What of a lane does not change. */
export interface LaneInfo {
  readonly pipeline: string;
  readonly input: string;
  readonly flusher: string;
  /** `<origin>:<path in the view>`. */
  readonly source: string;
  readonly label: string;
  readonly path: string;
  readonly framing: Framing;
  readonly tags: TagSet;
  readonly output: LaneOutput;
  /** How fast may be read; the output has no room while it is reached. */
  readonly limit?: ReadLimit;
}

/**
 * One input of one pipeline, one file generation, one flusher: a cursor and a ledger. Lanes never wait for each
 * other, save that a younger generation of a source waits until the older one was read to its end.
 */
export class Lane implements ResumeOwner {
  readonly info: LaneInfo;
  readonly assembler: Assembler;
  readonly ledger: Ledger;
  /** The reader it is attached to. */
  reader: FileReader | null = null;
  /** File offset of the next byte to take. */
  cursor: number;
  /** The bytes before the cursor, to prove at the next read that the file is still the same. */
  readonly anchor: Uint8Array = new Uint8Array(ANCHOR_BYTES);
  anchorLength = 0;
  /** The last read ended at the end of the file. */
  atEnd = false;
  /** Size of the file when this lane last read, and whether an unterminated last line was to end then. */
  endSeen = -1;
  endTried = false;
  /** Something was pushed since the last `caughtUp`. */
  pushed = false;
  /** An unterminated line was sent by time: a newline that follows alone is its end, not a line. */
  swallowNewline = false;
  /** The lane of the older generation; this one waits for its end. */
  older: Lane | null = null;
  /** The lane of the next generation, which waits for this one. */
  younger: Lane | null = null;
  /** Older generation's entry that settles with the records which were joined over the rotation. */
  adopted: LedgerEntry | null = null;
  /** Wants to be saved. */
  dirty = false;
  /** Counts up as lanes get their files: of two with the same identity the later one knows where to begin again. */
  attachedAs = 0;
  closed = false;
  /** Its file was truncated and is gone: its resume points are worth nothing and are not saved. */
  abandoned = false;
  /** What of the assembler's counts is in the metrics already. */
  readonly counted: AssemblerCounts = { unparsable: 0, discarded: 0, bytesTruncated: 0, bytesLost: 0 };
  /** What was saved last, for the next time; see `savedRow`. */
  row: SavedRow | null = null;
  #key: LaneKey | null = null;
  #olderAsked = false;

  constructor(info: LaneInfo, assembler: Assembler, start: Resume, moved: (lane: Lane) => void) {
    this.info = info;
    this.assembler = assembler;
    this.cursor = resumeAt(start);
    this.ledger = new Ledger(start, () => moved(this), this);
    assembler.skipBefore(start);
  }

  /** Takes over where a saved lane may begin again. */
  static startOf(saved: SavedLane, streams: number): Resume {
    const at = Math.min(...saved.done);
    return { done: saved.done.length === streams ? [...saved.done] : new Array<number>(streams).fill(at) };
  }

  /**
   * Whether it was at the end of the file as large as it is known to be now: while it had no room, other lanes may
   * have read on.
   */
  get reachedEnd(): boolean {
    return this.atEnd && this.reader !== null && this.endSeen === this.reader.sizeBytes;
  }

  /** Whether it may read now, apart from room. */
  get eligible(): boolean {
    return !this.closed && this.older === null;
  }

  /** This lane, or the youngest older one that is not closed. */
  get lastOpen(): Lane | null {
    // deno-lint-ignore no-this-alias
    let lane: Lane | null = this;
    while (lane?.closed) lane = lane.older;
    return lane;
  }

  /** What waited for an older lane that was closed waits for the one before that. */
  skipClosed(): void {
    while (this.older?.closed) {
      this.older = this.older.older;
      if (this.older !== null) this.older.younger = this;
    }
  }

  /** Whether its file has bytes, or it is over without any: then what is held belongs to a younger one. */
  get hasNews(): boolean {
    const { reader } = this;
    if (reader !== null && Math.max(reader.sizeBytes, reader.diskBytes) > 0) return true;
    return this.younger !== null && this.younger.hasNews;
  }

  /** A younger one with bytes is about to take over what is held: it would be cut if it were sent before. */
  get isFollowed(): boolean {
    const { younger } = this;
    return !this.closed && younger !== null && younger.older === this && !younger.closed && younger.hasNews;
  }

  /** The lane at the begin of the chain of waiting ones; itself when it waits for none. */
  get oldest(): Lane {
    // deno-lint-ignore no-this-alias
    let lane: Lane = this;
    while (lane.older !== null) lane = lane.older;
    return lane;
  }

  /**
   * Ends the wait for the older generation when it is over: this file has bytes and the older one was seen at its end
   * after that. What the older lane holds (pieces without an end, an open multi-line record) moves over; the record
   * joined over the rotation then settles an entry in both ledgers.
   */
  tryFollowOlder(): void {
    this.skipClosed();
    const older = this.older;
    if (older === null || !this.hasNews) return;
    if (!this.#olderAsked) {
      this.#olderAsked = true;
      older.atEnd = false;
      return;
    }
    if (!older.reachedEnd) return;
    const held = older.assembler.handOver();
    if (held !== null) {
      this.assembler.adopt(held);
      this.adopted = older.ledger.open(older.assembler.resume(older.cursor));
      // It may have come from a still older generation.
      this.adopted.also = older.adopted;
      older.adopted = null;
      // Nothing of it is left when it was joined before a restart.
      if (!this.assembler.holdsAdopted()) {
        this.adopted.settle();
        this.adopted = null;
      }
    }
    older.younger = null;
    this.older = null;
  }

  /**
   * Ties records that were joined over a rotation to the older generation's entry: it settles when all that was
   * adopted has been delivered, on both streams.
   */
  settleAdopted(entry: LedgerEntry): void {
    if (this.adopted === null) return;
    if (this.assembler.joinedAdopted()) {
      this.adopted.hold();
      entry.also = this.adopted;
    }
    if (this.assembler.holdsAdopted()) return;
    this.adopted.settle();
    this.adopted = null;
  }

  /** Moves the cursor to `arena[at]`, keeping the bytes before it; `base` is the file offset of `arena[0]`. */
  advance(arena: Uint8Array, at: number, base: number): void {
    const cursor = base + at;
    this.info.limit?.spend(cursor - this.cursor);
    const length = Math.min(ANCHOR_BYTES, cursor, at);
    for (let i = 0; i < length; i++) this.anchor[i] = arena[at - length + i];
    this.anchorLength = length;
    this.cursor = cursor;
  }

  /** Whether `arena[begin, begin + length)`, read from just before the cursor, is what was there before. */
  anchorHolds(arena: Uint8Array, begin: number, length: number): boolean {
    if (length < this.anchorLength) return false;
    const offset = begin + length - this.anchorLength;
    for (let i = 0; i < this.anchorLength; i++) if (arena[offset + i] !== this.anchor[i]) return false;
    return true;
  }

  /** Its identity over restarts; only while it has a reader. The same object as long as the file is the same. */
  key(): LaneKey {
    const reader = this.reader;
    if (reader === null) throw new Error("BUG: a lane without a file is saved");
    const known = this.#key;
    if (known !== null && known.inode === reader.inode && known.device === reader.device) return known;
    const { pipeline, input, flusher, source } = this.info;
    return this.#key = { pipeline, input, flusher, source, device: reader.device, inode: reader.inode };
  }

  /** The anchor as saved: hash of the bytes before the cursor. */
  savedAnchor(): Anchor {
    return { at: this.cursor, length: this.anchorLength, hash: hashBytes(this.anchor, 0, this.anchorLength) };
  }

  /** A row for who stores resume points elsewhere, see `savedRow`; always a new one. */
  savedAt({ done }: Resume, savedMs: number): SavedLane | null {
    const { reader } = this;
    if (reader === null || this.abandoned) return null;
    const { head, hostPath } = reader;
    const seenBytes = Math.max(reader.sizeBytes, reader.diskBytes);
    const { label } = this.info;
    return { key: this.key(), done, head, anchor: this.savedAnchor(), hostPath, seenBytes, label, savedMs };
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.assembler.close();
    this.info.output.close();
  }
}
