import type { SavedLane } from "../core/checkpoint.ts";
import type { FileInfo } from "../core/host.ts";
import type { FollowSpec } from "../core/tailing.ts";
import type { Begin, Beginnings } from "./beginnings.ts";
import type { Generation } from "./generations.ts";
import { fileKey, isPrefixOf, isSameFile } from "./identity.ts";
import { findSiblings, type Sibling } from "./siblings.ts";
import type { TailShared } from "./tail_shared.ts";

/** A sibling that is an older generation, and where its lanes begin. */
export interface OlderFile {
  readonly sibling: Sibling;
  readonly begin: Begin;
  /** It goes on for another file, of which it is the copy. */
  readonly isCopy: boolean;
}

/** What the rotated files beside one path are: generations that were read, copies of others, or news. */
export class SiblingJudge {
  readonly #spec: FollowSpec;
  readonly #path: string;
  readonly #shared: TailShared;
  readonly #begin: Beginnings;
  /** Siblings that were there at the last look at the folder: only others are news. */
  #seen: Set<string> = new Set();

  constructor(spec: FollowSpec, path: string, shared: TailShared, begin: Beginnings) {
    this.#spec = spec;
    this.#path = path;
    this.#shared = shared;
    this.#begin = begin;
  }

  /** Rotated files beside the path, oldest first; `info`: the file at the path itself, which is none of them. */
  siblings(info: FileInfo | null = null): Sibling[] {
    const siblings = findSiblings(this.#shared.files, this.#spec.view, this.#path);
    return info === null ? siblings : siblings.filter((sibling) => !isSameFile(sibling.info, info));
  }

  /** Only others than these are news from now on. */
  remember(siblings: readonly Sibling[]): void {
    this.#seen = new Set(siblings.map(seenKey));
  }

  /** Whether the file was there at the last look at the folder, as it is now. */
  saw(sibling: Sibling): boolean {
    return this.#seen.has(seenKey(sibling));
  }

  /**
   * Older generations at first sight: those that were read before, copies of such that are gone, and those made
   * meanwhile. One after the other: what is opened takes part in judging the next. `info`: the file at the path.
   */
  *older(
    info: FileInfo | null,
    siblings: readonly Sibling[],
    isTaken: (sibling: Sibling) => boolean,
    isNews: (sibling: Sibling) => boolean,
  ): Generator<OlderFile> {
    const begin = this.#begin;
    const others = siblings.filter((sibling) => info === null || !isSameFile(sibling.info, info));
    const known = new Map(others.map((sibling) => [sibling, begin.identical(sibling)]));
    // What a file still holds under its own identity is not looked for elsewhere.
    const claimed = new Map<SavedLane, string>();
    for (const [{ path }, rows] of known) for (const row of rows) claimed.set(row, path);
    if (info !== null) {
      for (const row of begin.identical({ path: this.#path, info })) claimed.set(row, this.#path);
    }
    for (const sibling of others) {
      // A pattern may have found it before it found this path.
      if (isTaken(sibling)) continue;
      const own = known.get(sibling)!;
      if (own.length > 0) {
        yield { sibling, begin: begin.from(own), isCopy: false };
        continue;
      }
      const copied = begin.copied(sibling);
      const isCopyOf = (path: string | undefined) => path !== undefined && this.#isCopyOf(sibling, path);
      if (copied.some((row) => isCopyOf(claimed.get(row)))) continue;
      const lost = copied.filter((row) => !claimed.has(row));
      if (lost.length > 0) yield { sibling, begin: begin.from(lost), isCopy: true };
      else if (isNews(sibling) && !isCopyOf(this.#path)) {
        yield { sibling, begin: begin.ofFile(sibling.info), isCopy: false };
      }
    }
  }

  /** Whether the file holds the first bytes of a generation that is open: then it is a copy, and not read again. */
  isCopyOfOpen(sibling: Sibling, generations: readonly Generation[]): boolean {
    if (generations.length === 0) return false;
    const opened = this.#shared.files.open(this.#spec.view, sibling.path);
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

  #isCopyOf(sibling: Sibling, path: string): boolean {
    const { files } = this.#shared;
    const { view } = this.#spec;
    const [copy, own] = [files.open(view, sibling.path), files.open(view, path)];
    try {
      return "file" in copy && "file" in own && isPrefixOf(copy.file, sibling.info.sizeBytes, own.file);
    } finally {
      for (const opened of [copy, own]) if ("file" in opened) opened.file.close();
    }
  }
}

/** A sibling as it was seen; one that is written again is news. */
function seenKey({ info }: Sibling): string {
  return `${fileKey(info)}:${info.modifiedMs}`;
}
