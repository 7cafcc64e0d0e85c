import type { SavedLane } from "../core/checkpoint.ts";
import type { FileInfo } from "../core/host.ts";
import type { FollowSpec } from "../core/tailing.ts";
import type { Begin, Beginnings } from "./beginnings.ts";
import type { Generation } from "./generations.ts";
import { fileKey, HEAD_BYTES_MAX, HEAD_BYTES_TELLING, isPrefixOf, isSameFile } from "./identity.ts";
import { openSibling, type SiblingToOpen } from "./packed_file.ts";
import { findSiblings, markOf, seenKey, type Sibling, splitPath, unpackedName } from "./siblings.ts";
import type { SourceOwner } from "./source_owner.ts";
import type { TailShared } from "./tail_shared.ts";

/** A sibling that is an older generation, and where its lanes begin. */
export interface OlderFile {
  readonly sibling: Sibling;
  readonly begin: Begin;
  /** It goes on for another file, of which it is the copy: that one's saved lanes. */
  readonly copyOf: readonly SavedLane[] | null;
}

/** Most paths have no siblings. */
const NONE: ReadonlySet<string> = new Set();

/**
 * What the rotated files beside one path are: generations that were read, copies of others, missed ones, or none of our
 * business.
 *
 * - Bytes prove: the file is one that this path led to, or holds what was read of such a file.
 * - A name alone is believed only when the path itself was rotated just then, only for marks that rotators write, and
 *   for no file that is left out, followed or saved as a source of its own. Where a rotation was seen to rename the
 *   path's own file, or one lies there that was read as its generation, all names in that style are its generations.
 */
export class SiblingJudge {
  readonly #spec: FollowSpec;
  readonly #path: string;
  readonly #shared: TailShared;
  readonly #owner: SourceOwner;
  readonly #begin: Beginnings;
  /** Saved lanes of the file that the path leads to, as found by {@linkcode older}. */
  current: readonly SavedLane[] = [];
  /** Saved lanes whose files are nowhere, as found by {@linkcode older}. */
  gone: readonly SavedLane[] = [];
  /** Siblings that were there at the last look at the folder: only others are news. */
  seen: ReadonlySet<string> = NONE;
  /** Styles of marks that this path's own files were found under. */
  #proven: Set<string> | null = null;
  /** Missed generations that could not be opened (too many open files); tried again. */
  #owed: Set<string> | null = null;

  constructor(
    spec: FollowSpec,
    path: string,
    shared: TailShared,
    owner: SourceOwner,
    begin: Beginnings,
  ) {
    this.#spec = spec;
    this.#path = path;
    this.#shared = shared;
    this.#owner = owner;
    this.#begin = begin;
  }

  /** Rotated files beside the path, oldest first; `info`: the file at the path itself, which is none of them. */
  siblings(info: FileInfo | null = null): Sibling[] {
    const siblings = findSiblings(this.#shared.files, this.#spec.view, this.#path);
    return info === null ? siblings : siblings.filter((sibling) => !isSameFile(sibling.info, info));
  }

  /** Only others than these are news from now on. */
  remember(siblings: readonly Sibling[]): void {
    this.seen = siblings.length === 0 ? NONE : new Set(siblings.map(seenKey));
  }

  /** Whether the file was there at the last look at the folder, as it is now. */
  saw(sibling: Sibling): boolean {
    return this.seen.has(seenKey(sibling));
  }

  /** The sibling is a file that the path led to, or its copy: names in its style are those of our generations. */
  prove({ path }: Pick<Sibling, "path">): void {
    const mark = this.#markOf(path);
    if (mark !== null) (this.#proven ??= new Set()).add(mark.style);
  }

  /**
   * Whether a file that holds `knownBytes` of what was read here counts as its copy. Where the name says little, equal
   * first lines do not do.
   */
  mayBeCopy({ path }: Pick<Sibling, "path">, knownBytes: number): boolean {
    return knownBytes >= (this.#isTrusted(path) ? HEAD_BYTES_TELLING : HEAD_BYTES_MAX);
  }

  /**
   * Older generations at first sight: those that were read before, copies of such that are gone, and those that were
   * made meanwhile. One after the other: what is opened takes part in judging the next. `info`: the file at the path.
   * `isMissedPacked`: whether a packed file was made meanwhile, going by its name and its times.
   */
  *older(
    info: FileInfo | null,
    siblings: readonly Sibling[],
    isTaken: (sibling: Sibling) => boolean,
    isMissedPacked: (sibling: Sibling) => boolean = () => false,
  ): Generator<OlderFile> {
    const begin = this.#begin;
    const rows = [...begin.rows()];
    const others = siblings.filter((sibling) => info === null || !isSameFile(sibling.info, info));
    const known = new Map(others.map((sibling) => [sibling, this.#identical(sibling)]));
    // What a file still holds under its own identity is not looked for elsewhere.
    const claimed = new Map<SavedLane, string>();
    for (const [{ path }, rows] of known) for (const row of rows) claimed.set(row, path);
    const current = info === null ? [] : begin.identical({ path: this.#path, info });
    this.current = current;
    for (const row of current) claimed.set(row, this.#path);
    const ownOf = (sibling: Sibling) => known.get(sibling)!.filter((row) => begin.isOwn(row));
    const there = info === null ? others : [...others, { path: this.#path, info }];
    for (const sibling of others) if (ownOf(sibling).length > 0) this.prove(sibling);
    const isMissedPlain = this.#missedAtFirstSight(current);
    const isMissed = (sibling: Sibling) =>
      sibling.packed === undefined ? isMissedPlain(sibling) : isMissedPacked(sibling);
    for (const sibling of others) {
      // A pattern may have found it before it found this path.
      if (isTaken(sibling)) continue;
      const own = ownOf(sibling);
      if (own.length > 0) {
        const truncated = this.#truncatedSince(sibling, own, there).filter((row) => !claimed.has(row));
        for (const row of truncated) claimed.set(row, sibling.path);
        yield truncated.length > 0
          ? { sibling, begin: begin.from(truncated, sibling), copyOf: truncated }
          // What was read of it under a name of its own is done, too.
          : { sibling, begin: begin.from(known.get(sibling)!, sibling), copyOf: null };
        continue;
      }
      // It was read under a name of its own.
      if (known.get(sibling)!.some((row) => begin.isBeside(row))) continue;
      const copied = begin.copied(sibling).filter(({ head }) => this.mayBeCopy(sibling, head.length));
      const isCopyOf = (path: string | undefined) =>
        path !== undefined && this.mayBeCopy(sibling, sibling.info.sizeBytes) &&
        this.#isCopyOf(sibling, others.find((other) => other.path === path) ?? this.#own(path, info));
      if (copied.some((row) => isCopyOf(claimed.get(row)))) continue;
      const lost = copied.filter((row) => !claimed.has(row));
      if (lost.length > 0) {
        this.prove(sibling);
        for (const row of lost) claimed.set(row, sibling.path);
        yield { sibling, begin: begin.from(lost, sibling), copyOf: lost };
      } else if (isMissed(sibling) && !isCopyOf(this.#path)) {
        yield { sibling, begin: begin.ofFile(sibling.info), copyOf: null };
      }
    }
    this.gone = rows.filter((row) => !claimed.has(row));
  }

  /**
   * Generations that came and were rotated away between two looks at the path, which leads to another file now.
   * `sinceMs`: the time of modification that the file before had while the path led to it; the missed ones are younger.
   */
  missed(siblings: readonly Sibling[], sinceMs: number, generations: readonly Generation[]): Sibling[] {
    for (const sibling of siblings) {
      if (generations.some(({ reader }) => isSameFile(reader, sibling.info))) this.prove(sibling);
    }
    return siblings.filter((sibling) => {
      const isNew = !this.saw(sibling) && (sibling.info.createdMs ?? sibling.info.modifiedMs) >= sinceMs;
      return (isNew || this.#owed?.has(fileKey(sibling.info))) && this.#mayBeOurs(sibling);
    });
  }

  /** Whether there are missed generations that could not be opened. */
  get owes(): boolean {
    return this.#owed !== null && this.#owed.size > 0;
  }

  /** No file that is owed is there any more. */
  forgetOwed(): void {
    this.#owed = null;
  }

  /** A missed generation was opened, or could not be opened now. */
  owe({ info }: Sibling, isOwed: boolean): void {
    if (isOwed) (this.#owed ??= new Set()).add(fileKey(info));
    else this.#owed?.delete(fileKey(info));
  }

  /** Whether the file holds the first bytes of a generation that is open: then it is a copy, and not read again. */
  isCopyOfOpen(sibling: Sibling, generations: readonly Generation[]): boolean {
    if (generations.length === 0 || !this.mayBeCopy(sibling, sibling.info.sizeBytes)) return false;
    const opened = openSibling(this.#shared, this.#spec.view, sibling);
    if ("refused" in opened) return false;
    const { withFile } = this.#shared;
    try {
      return generations.some(({ reader }) =>
        withFile(reader, (file) => isPrefixOf(opened.file, sibling.info.sizeBytes, file)) === true
      );
    } finally {
      opened.file.close();
    }
  }

  /**
   * Rows of files that were truncated and whose bytes this file holds, though rows of its own (`own`) say that it is
   * another one. Where nothing tells when a file was made, its inode number may have gone from one of which little was
   * read to the copy of another. Many files begin with the same few lines: then its own rows are believed, and lines may
   * come twice.
   */
  #truncatedSince(
    sibling: Sibling,
    own: readonly SavedLane[],
    there: readonly Sibling[],
  ): readonly SavedLane[] {
    const { info, packed } = sibling;
    const isProven = own.some(({ head }) => head.length >= HEAD_BYTES_MAX);
    if (isProven || info.createdMs !== undefined || packed !== undefined) return [];
    return this.#begin.copied(sibling).filter(({ head, key }) =>
      head.length >= HEAD_BYTES_MAX && there.some((other) => isSameFile(other.info, key))
    );
  }

  /**
   * Whether a packed file may be one that was made while nobody looked, going by its name; `current`: the saved lanes of
   * the file that the path leads to.
   */
  mayBeMissed(sibling: Sibling, current: readonly SavedLane[]): boolean {
    return !this.#isUnmoved(current) && this.#mayBeOurs(sibling) &&
      (this.#begin.rows().length > 0 || !this.#owner.finds(sibling.path));
  }

  /**
   * Says which files were made while nobody looked. There are none while the path still leads to the only file that was
   * ever read here (`current`: its rows), and a path of which nothing was read yet has none that a pattern would find by
   * itself.
   */
  #missedAtFirstSight(current: readonly SavedLane[]): (sibling: Sibling) => boolean {
    const rows = this.#begin.rows();
    const isUnmoved = this.#isUnmoved(current);
    const newsMs = rows.reduce((oldest, row) => Math.min(oldest, row.savedMs), this.#begin.newsMs);
    return (sibling) =>
      !isUnmoved && sibling.info.modifiedMs >= newsMs && this.#mayBeOurs(sibling) &&
      (rows.length > 0 || !this.#owner.finds(sibling.path));
  }

  #isUnmoved(current: readonly SavedLane[]): boolean {
    // The damaged entry may have been that of a rotated file.
    if (this.#shared.store.birth.hasGaps === true) return false;
    const rows = this.#begin.rows();
    // A row of an empty file, or of one of a few bytes, proves no place.
    const isAt = (row: SavedLane) => row.head.length >= HEAD_BYTES_TELLING && current.includes(row);
    return rows.length > 0 && rows.every(isAt);
  }

  /**
   * Rows of this very file. A short one proves little, its inode number may have gone to any other that begins so; then
   * the name must speak for it.
   */
  #identical(sibling: Sibling): readonly SavedLane[] {
    const isTrusted = this.#isTrusted(sibling.path);
    return this.#begin.identical(sibling).filter((row) =>
      row.head.length >= HEAD_BYTES_TELLING || (isTrusted && this.#begin.isOwn(row))
    );
  }

  /** Whether the name allows to take the file for a generation that nobody read. */
  #mayBeOurs({ path }: Sibling): boolean {
    const mark = this.#markOf(path);
    if (mark === null || this.#isLeftOut(path)) return false;
    if (this.#proven?.has(mark.style)) return true;
    return mark.isUsual && !this.#owner.reads(path) && this.#begin.rowsOf(path).length === 0;
  }

  #isTrusted(path: string): boolean {
    const mark = this.#markOf(path);
    return mark !== null && !this.#isLeftOut(path) &&
      (mark.isUsual || this.#proven?.has(mark.style) === true);
  }

  #isLeftOut(path: string): boolean {
    return this.#spec.select.excluded?.(path, false) === true;
  }

  #markOf(path: string) {
    return markOf(splitPath(this.#path).name, unpackedName(splitPath(path).name));
  }

  /** The file at the path itself, as it was looked at. */
  #own(path: string, info: FileInfo | null): SiblingToOpen {
    return path === this.#path && info !== null ? { path, info } : { path };
  }

  #isCopyOf(sibling: Sibling, other: SiblingToOpen): boolean {
    const { view } = this.#spec;
    const [copy, own] = [openSibling(this.#shared, view, sibling), openSibling(this.#shared, view, other)];
    try {
      return "file" in copy && "file" in own && isPrefixOf(copy.file, sibling.info.sizeBytes, own.file);
    } finally {
      for (const opened of [copy, own]) if ("file" in opened) opened.file.close();
    }
  }
}
