import type { Follow, FollowSpec } from "../core/tailing.ts";
import type { FileReader } from "./file_reader.ts";
import { HEAD_BYTES_TELLING, readAnchor, readHead } from "./identity.ts";
import { PathGlob } from "./path_glob.ts";
import { isRotatedName, splitPath } from "./siblings.ts";
import { QUIET_MS, type SourceOwner, SourcePath } from "./source_path.ts";
import type { TailShared } from "./tail_shared.ts";

/** Folders of patterns are listed this often, or more seldom when a listing is dear. */
export const SCAN_EVERY_MS = 1_000;
/** A scan may cost at most one part in this of the time. */
const SCAN_SHARE = 100;

/** One {@linkcode FollowSpec} being followed: the paths found so far, and the search for more. */
export class Target implements Follow, SourceOwner {
  readonly spec: FollowSpec;
  readonly sources: Map<string, SourcePath> = new Map();
  readonly #shared: TailShared;
  readonly #glob: PathGlob | null;
  /** Files that were read to their end under another path (rotated), by identity: not new ones. */
  readonly #consumed: Map<string, number> = new Map();
  #nextScanMs = -Infinity;
  #scans = 0;
  /** Looked for files after `finish`: one may have come since the scan before. */
  #lastScanDone = false;
  #finishing = false;
  closed = false;

  constructor(spec: FollowSpec, shared: TailShared) {
    this.spec = spec;
    this.#shared = shared;
    this.#glob = spec.select.kind === "glob" ? new PathGlob(spec.select) : null;
    if (spec.select.kind === "exact") this.#add(spec.select.path);
  }

  /** Whether this is the first look at the target: what is there now was there before. */
  get firstLook(): boolean {
    return this.#scans <= 1;
  }

  /** Looks for new files when it is time. */
  scan(nowMs: number): void {
    if (this.closed || nowMs < this.#nextScanMs) return;
    this.#scans++;
    this.#lastScanDone = this.#finishing;
    if (this.#glob === null) {
      this.#nextScanMs = this.#finishing ? Infinity : nowMs + SCAN_EVERY_MS;
      return;
    }
    const found = this.#glob.scan(this.#shared.files, this.spec.view);
    if (found.limited) {
      this.#shared.refused("too_many", this.spec.label, this.#pattern(), "limit of files or entries");
    }
    for (const folder of found.unreadable) {
      this.#shared.refused("denied", this.spec.label, folder, "The folder cannot be listed");
    }
    for (const path of found.paths) {
      if (!this.sources.has(path) && this.#isNew(path, found.paths, nowMs)) this.#add(path);
    }
    const costMs = this.#shared.clock.monotonicMs() - nowMs;
    this.#nextScanMs = this.#finishing ? Infinity : nowMs + Math.max(SCAN_EVERY_MS, costMs * SCAN_SHARE);
  }

  finish(): void {
    this.#finishing = true;
    this.#lastScanDone = false;
    this.#nextScanMs = -Infinity;
    for (const source of this.sources.values()) source.finish();
  }

  resume(): void {
    this.#finishing = false;
    this.#nextScanMs = -Infinity;
    for (const source of this.sources.values()) source.resume();
  }

  close(): void {
    this.closed = true;
    for (const source of this.sources.values()) source.close();
    this.sources.clear();
  }

  /** Everything was read, settled and closed after `finish`. */
  get done(): boolean {
    return this.closed ||
      this.#finishing && this.#lastScanDone && [...this.sources.values()].every((source) => source.done);
  }

  /** A generation was read to its end and closed. */
  ended(reader: FileReader): void {
    this.#consumed.set(`${reader.device}:${reader.inode}`, reader.sizeBytes);
    if (this.#consumed.size > CONSUMED_MAX) this.#consumed.delete(this.#consumed.keys().next().value!);
  }

  #pattern(): string {
    const { select } = this.spec;
    return select.kind === "exact" ? select.path : `${select.folder}/${select.name}`;
  }

  #add(path: string): void {
    const source = new SourcePath(this.spec, path, this.#shared, this);
    if (this.#finishing) source.finish();
    this.sources.set(path, source);
  }

  /**
   * Whether a path found by a pattern is a source of its own, not another name of, a rotated generation of, or a
   * copy of a file that is followed already.
   */
  #isNew(path: string, all: readonly string[], nowMs: number): boolean {
    const place = this.#shared.files.resolve(this.spec.view, path);
    const info = place === null ? null : this.#shared.files.lstat(place.path);
    if (info === null) {
      this.#sayWhyNot(path);
      return false;
    }
    if (info.kind !== "file") {
      this.#shared.refused("not_regular", this.spec.label, path, "Not a regular file");
      return false;
    }
    const identity = `${info.device}:${info.inode}`;
    const consumed = this.#consumed.get(identity);
    if (consumed !== undefined && info.sizeBytes <= consumed) return false;
    for (const source of this.sources.values()) {
      if (source.generations.some((g) => g.reader.device === info.device && g.reader.inode === info.inode)) {
        return false;
      }
    }
    const { folder, name } = splitPath(path);
    const base = all.find((other) => {
      const parts = splitPath(other);
      return parts.folder === folder && isRotatedName(parts.name, name);
    });
    if (base === undefined) return true;
    const source = this.sources.get(base);
    // The base comes first: on restart it claims its older generations among its siblings.
    if (source === undefined || source.generations.length === 0) return this.#scans > 1;
    return !this.#isCopy(source, path, nowMs);
  }

  /** A name that leads nowhere: gone since it was listed, or a link out of the view, which is named. */
  #sayWhyNot(path: string): void {
    const opened = this.#shared.files.open(this.spec.view, path);
    if (!("refused" in opened)) opened.file.close();
    else if (opened.refused !== "missing") {
      this.#shared.refused(opened.refused, this.spec.label, path, opened.detail);
    }
  }

  /** Whether the file holds the bytes of a followed one (copytruncate, `cp`): then it is not read again. */
  #isCopy(source: SourcePath, path: string, nowMs: number): boolean {
    const reader = source.current?.reader;
    const lane = source.current?.lanes[0];
    if (reader === undefined || lane === undefined || reader.head.length < HEAD_BYTES_TELLING) return false;
    const opened = this.#shared.files.open(this.spec.view, path);
    if ("refused" in opened) return false;
    try {
      const head = readHead(opened.file, reader.head.length);
      if (head.length < reader.head.length) return nowMs - reader.grownMs < QUIET_MS;
      if (head.hash !== reader.head.hash) return false;
      const info = opened.file.info();
      if (info.sizeBytes < lane.cursor) return this.#shared.clock.wallMs() - info.modifiedMs < QUIET_MS;
      const anchor = readAnchor(opened.file, lane.cursor);
      return anchor.hash === lane.savedAnchor().hash;
    } finally {
      opened.file.close();
    }
  }
}

/** Identities remembered per target. */
const CONSUMED_MAX = 10_000;
