import type { HeadHash } from "../core/checkpoint.ts";
import type { OpenFile } from "../core/host.ts";
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
import type { PackedFile } from "./packed_file.ts";
import type { ReadPlan } from "./read_plan.ts";

/**
 * One file generation and what was seen of it: its size, its first bytes, how much was cut off. Says whether the bytes
 * are still those; {@linkcode FileReader} reads them.
 */
export class SeenFile {
  readonly device: number;
  inode: number;
  /** Device and inode as one text. */
  key: string;
  /** Host path it was opened by. */
  readonly hostPath: string;
  /** Null while a file that may not stay open is closed. */
  file: OpenFile | null;
  /** For files that may not stay open (a containerd rootfs): opens the same bytes again, `null` when they are gone. */
  reopen: (() => OpenFile | null) | null = null;
  /** Who reads it. */
  lanes: Lane[] = [];
  /** End of the file as last seen. */
  sizeBytes = 0;
  /** Largest size that its path has told; what lies behind `sizeBytes` was never read. */
  diskBytes = 0;
  /** When it was written last, monotonic: as its time of modification told at first, by growth from then on. */
  writtenMs: number;
  /** Monotonic time of the last growth seen. */
  grownMs: number;
  /** When it last went from nothing to read to something. */
  waitingSinceMs: number;
  /** No more bytes are expected (container gone, or rotated and quiet): what is unfinished ends now. */
  final = false;
  /** Hash of the first bytes, renewed while the file is shorter than what the hash covers at most. */
  head: HeadHash = NO_HEAD;
  /** The file is on a remote file system: it is read asynchronously. */
  slow = false;
  protected packed: PackedFile | null = null;
  /** Smallest size since a truncation that was not looked into yet. */
  #cutToBytes = Infinity;
  #cutBytes = 0;
  #borrowed: OpenFile | null = null;

  constructor(file: OpenFile, device: number, inode: number, nowMs: number) {
    this.file = file;
    this.hostPath = file.hostPath;
    this.device = device;
    this.inode = inode;
    this.key = fileKey(this);
    this.writtenMs = nowMs;
    this.grownMs = nowMs;
    this.waitingSinceMs = nowMs;
  }

  /** The file while it is open, borrowed or not. */
  protected get opened(): OpenFile | null {
    return this.file ?? this.#borrowed;
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
    this.packed = file;
    this.slow = true;
  }

  /** See {@linkcode unpacks}. */
  get isPacked(): boolean {
    return this.packed !== null;
  }

  /** Hash of the first bytes as far as the file had them; cheap once they are 1 KiB. Throws what reading throws. */
  noteHead(): void {
    if (this.head.length >= HEAD_BYTES_MAX || this.sizeBytes <= this.head.length) return;
    this.head = this.withFile((file) => longerHead(file, this.head)) ?? this.head;
  }

  /** Whether the file still holds what was seen of it. Throws what reading throws. */
  isUnchanged(): boolean {
    if (this.packed !== null) return true;
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

  /** Opens a file that may not stay open, until it is given back. False: it is gone. */
  protected borrow(): boolean {
    if (this.file !== null) return true;
    this.#borrowed = this.reopen?.() ?? null;
    return this.#borrowed !== null;
  }

  protected giveBack(): void {
    this.#borrowed?.close();
    this.#borrowed = null;
  }

  /** Nothing lies before the cursor, so what was seen at the begin proves that the file is still the same. */
  protected headHolds(arena: Uint8Array, got: number, plan: ReadPlan): boolean {
    const { length, hash } = this.head;
    // The read ends where the next lane is, before all of what is known: then that lane's place must hold, too.
    if (got < length) return plan.limited && got === plan.want && this.isUnchanged();
    return length === 0 || hashBytes(arena, ANCHOR_BYTES, ANCHOR_BYTES + length) === hash;
  }

  /**
   * A read from 0 has nothing before it that proves which bytes these are. Other lanes that read on know the head; if
   * there are none, this is the head from now on.
   */
  protected checkHead(arena: Uint8Array, dataEnd: number, limited: boolean): boolean {
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

  /** What a read saw of the end: up to where there were bytes, and whether that is the end. */
  protected noteEnd(seenEnd: number, atEnd: boolean, nowMs: number): void {
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
