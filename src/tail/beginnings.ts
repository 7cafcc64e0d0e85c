import type { SavedLane } from "../core/checkpoint.ts";
import { streamCount } from "../core/framing.ts";
import type { FileInfo, OpenFile } from "../core/host.ts";
import { type Resume, resumeAt } from "../core/ledger.ts";
import type { FollowSpec } from "../core/tailing.ts";
import { alignToLine, firstOffset } from "./first_contact.ts";
import { HEAD_BYTES_MAX, HEAD_BYTES_TELLING, holdsSaved, isSameFile } from "./identity.ts";
import { Lane } from "./lane.ts";
import { openSibling } from "./packed_file.ts";
import { type Sibling, splitPath } from "./siblings.ts";
import type { TailShared } from "./tail_shared.ts";
import { bytesBefore } from "./time_search.ts";

/** Says where each lane of a generation begins, once its file is open. */
export type Begin = (file: OpenFile, flusher: string) => Resume;

/**
 * Whether the file holds what was saved. Short ones may begin alike, and get each other's inode number: then it counts
 * when they were made.
 */
function isSame(row: SavedLane, info: FileInfo, file: OpenFile): boolean {
  const isYounger = isSameFile(row.key, info) && row.head.length < HEAD_BYTES_MAX &&
    info.createdMs !== undefined && info.createdMs > row.savedMs;
  return !isYounger && holdsSaved(file, row);
}

/** Whether a row is further than another on the stream that is behind, or else on the one that is ahead. */
function isFurther({ done }: SavedLane, { done: other }: SavedLane): boolean {
  const behind = Math.min(...done) - Math.min(...other);
  return behind > 0 || (behind === 0 && Math.max(...done) > Math.max(...other));
}

/** Where the lanes of one path begin: where they were left, by the rule of first contact, or at 0. */
export class Beginnings {
  readonly #spec: FollowSpec;
  readonly #path: string;
  readonly #shared: TailShared;

  constructor(spec: FollowSpec, path: string, shared: TailShared) {
    this.#spec = spec;
    this.#path = path;
    this.#shared = shared;
  }

  /** Saved lanes of this path, all generations. */
  rows(): readonly SavedLane[] {
    return this.rowsOf(this.#path);
  }

  /** Saved lanes of another path of the same input and origin. */
  rowsOf(path: string): readonly SavedLane[] {
    const { pipeline, input, origin } = this.#spec;
    return this.#shared.saved.ofSource({ pipeline, input, source: `${origin}:${path}` });
  }

  /** Whether the lane was on a file of this path, and not on one that was followed by another name. */
  isOwn({ key }: SavedLane): boolean {
    return key.source === `${this.#spec.origin}:${this.#path}`;
  }

  /** Whether the lane was on a file in the same folder: another file may begin alike and have got the inode number. */
  isBeside({ key }: SavedLane): boolean {
    return splitPath(key.source).folder === splitPath(`${this.#spec.origin}:${this.#path}`).folder;
  }

  zeros(): Resume {
    return { done: new Array<number>(streamCount(this.#spec.framing)).fill(0) };
  }

  /**
   * Rotated files written since this moment (wall clock) are read though nobody knows them: they were made after the
   * birth of the store and of the pipeline, or they are of a container that is younger than the store.
   */
  get newsMs(): number {
    const { originCreatedMs, pipeline } = this.#spec;
    const { store } = this.#shared;
    if (originCreatedMs !== null && originCreatedMs > store.birth.bornMs) return -Infinity;
    return Math.max(store.birth.bornMs, store.firstSeenMs(pipeline));
  }

  /**
   * From these saved lanes, which the sibling was found to hold; a flusher that has none begins at 0. What was opened may
   * be another file by now, with the same inode number. A packed one stays what it is.
   */
  from(rows: readonly SavedLane[], { info, packed }: Sibling): Begin {
    const holds = (row: SavedLane, file: OpenFile) => packed !== undefined || isSame(row, info, file);
    return (file, flusher) =>
      this.#furthest(rows.filter((row) => row.key.flusher === flusher && holds(row, file)));
  }

  /**
   * The same for a file that came while others of the path were followed: it is a new one, unless more than its inode number
   * and a few bytes say that it was read before.
   */
  ofNews(info: FileInfo): Begin {
    return this.ofFile(info, info.createdMs === undefined ? HEAD_BYTES_TELLING : 0);
  }

  /** Where this very file was left, when it was read before and still holds the same bytes; else its begin. */
  ofFile(info: FileInfo, headBytesMin = 0): Begin {
    const rows = this.#shared.saved.ofFile(this.#spec, info).filter(({ head }) =>
      head.length >= headBytesMin
    );
    return (file, flusher) =>
      this.#furthest(rows.filter((row) => row.key.flusher === flusher && isSame(row, info, file)));
  }

  /** The same for the file that the path leads to at first sight: one that nobody knows makes first contact. */
  ofPath(info: FileInfo, firstLook: boolean): Begin {
    const known = this.rows().length > 0;
    const saved = this.ofFile(info);
    return (file, flusher) => {
      const begin = saved(file, flusher);
      return known || resumeAt(begin) > 0 ? begin : this.#firstContact(file, info, firstLook);
    };
  }

  /** The saved lanes that were on this very file, by device, inode and bytes. */
  identical(sibling: Sibling): readonly SavedLane[] {
    const rows = this.#shared.saved.ofFile(this.#spec, sibling.info);
    return rows.length === 0 ? rows : this.#holding(sibling, rows);
  }

  /** The saved lanes whose bytes this file holds, though it is another one: a copy. */
  copied(sibling: Sibling): readonly SavedLane[] {
    const rows = this.rows().filter((row) =>
      row.head.length >= HEAD_BYTES_TELLING && sibling.info.sizeBytes >= row.anchor.at &&
      !isSameFile(row.key, sibling.info)
    );
    return rows.length === 0 ? rows : this.#holding(sibling, rows);
  }

  /**
   * Of several rows whose bytes are in the file the furthest one counts: others were saved under an earlier name, or of
   * an empty file with this inode number, which proves nothing. Where a stream never had a line, all are as far on it.
   */
  #furthest(rows: readonly SavedLane[]): Resume {
    let furthest: SavedLane | null = null;
    for (const row of rows) {
      if (furthest === null || isFurther(row, furthest)) furthest = row;
    }
    return furthest === null ? this.zeros() : Lane.startOf(furthest, this.zeros().done.length);
  }

  #holding(sibling: Sibling, rows: readonly SavedLane[]): readonly SavedLane[] {
    const opened = openSibling(this.#shared, this.#spec.view, sibling);
    if ("refused" in opened) return [];
    try {
      return rows.filter((row) => isSame(row, sibling.info, opened.file));
    } finally {
      opened.file.close();
    }
  }

  #firstContact(file: OpenFile, info: FileInfo, firstLook: boolean): Resume {
    const { store, arena, firstRun, fromStart } = this.#shared;
    const { pipeline, firstContact, framing, originCreatedMs, label } = this.#spec;
    const pipelineSeenMs = store.firstSeenMs(pipeline);
    const offset = firstOffset({
      birth: store.birth,
      firstRun,
      firstLook,
      createdMs: Math.max(originCreatedMs ?? -Infinity, info.createdMs ?? -Infinity),
      pipelineSeenMs,
      pipelineNew: pipelineSeenMs >= this.#shared.startedMs,
      modifiedMs: info.modifiedMs,
      sizeBytes: info.sizeBytes,
      bytesBefore: (momentMs) =>
        framing.format === "runtime" ? bytesBefore(file, momentMs, info.sizeBytes) : info.sizeBytes,
      tailBytesMax: firstContact.tailBytesMax,
      written: firstContact.written,
      fromStart,
    });
    const at = alignToLine(file, offset, arena, framing.encoding === "utf16");
    if (at > 0) this.#shared.losses.book("first_contact", label, this.#path, at);
    return { done: this.zeros().done.map(() => at) };
  }
}
