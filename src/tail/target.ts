import type { Follow, FollowSpec } from "../core/tailing.ts";
import type { FileInfo } from "../core/host.ts";
import { ConsumedFiles } from "./consumed_files.ts";
import type { Generation } from "./generations.ts";
import { fileKey } from "./identity.ts";
import { PathGlob } from "./path_glob.ts";
import { Reach } from "./remote_looks.ts";
import { basesOf, joinPath, type Sibling, splitPath } from "./siblings.ts";
import type { SourceOwner } from "./source_owner.ts";
import { SourcePath } from "./source_path.ts";
import type { TailShared } from "./tail_shared.ts";

/** Folders of patterns are listed this often, or more seldom when a listing is dear. */
export const SCAN_EVERY_MS = 1_000;
/** A scan may cost at most one part in this of the time, as far as the longest pause allows. */
const SCAN_SHARE = 100;
/** Longest pause between two scans: a file that is found later may be gone by then. */
const SCAN_PAUSE_MAX_MS = 10_000;
/** A name that turned out to be nothing new is looked at again after so many scans, if its file changed. */
const VERDICT_SCANS = 5;

/** What a name found by a pattern is: a source, nothing new, or not to be decided yet. */
type Verdict = "new" | "known" | "later";

/** One {@linkcode FollowSpec} being followed: the paths found so far, and the search for more. */
export class Target implements Follow, SourceOwner {
  readonly spec: FollowSpec;
  readonly sources: Map<string, SourcePath> = new Map();
  readonly #shared: TailShared;
  readonly #glob: PathGlob | null;
  /** Files that were read to their end (rotated ones mostly): not new ones. */
  readonly #consumed: ConsumedFiles;
  /** Names that are no sources, with the scan that looks at them again. */
  #verdicts: Map<string, number> | null = null;
  #nextScanMs = -Infinity;
  #scans = 0;
  /** Looked for files after `finish`: one may have come since the scan before. */
  #lastScanDone = false;
  #finishing = false;
  /** A name could not be judged yet in the last scan. */
  #isPutOff = false;
  closed = false;
  readonly reach = new Reach();

  /** Targets take turns at being looked at: this says when it is this one's. */
  readonly phase: number;

  constructor(spec: FollowSpec, shared: TailShared, phase = 0) {
    this.spec = spec;
    this.phase = phase;
    this.#shared = shared;
    this.#consumed = new ConsumedFiles(shared.files, spec.view);
    this.#glob = spec.select.kind === "glob" ? new PathGlob(spec.select) : null;
    if (spec.select.kind === "exact") this.#add(spec.select.path);
  }

  /** Whether this is the first look at the target: what is there now was there before. */
  get firstLook(): boolean {
    return this.#scans <= 1;
  }

  /** Whether it is looked at at every poll: it is new, or its container is gone. */
  get urgent(): boolean {
    return this.#finishing || this.#scans <= 1;
  }

  /** Looks for new files when it is time. */
  scan(nowMs: number): void {
    if (this.closed || nowMs < this.#nextScanMs) return;
    this.#scans++;
    this.#lastScanDone = this.#finishing;
    this.#isPutOff = false;
    if (this.#glob === null) {
      this.#nextScanMs = this.#finishing ? Infinity : nowMs + SCAN_EVERY_MS;
      return;
    }
    const found = this.#glob.scan(this.#shared.files, this.spec.view);
    if (found.limited) {
      this.#shared.refused("too_many", this.spec.label, this.#pattern(), "limit of files or entries");
    }
    for (const folder of found.unreadable) {
      if (isMangled(folder)) {
        this.#shared.refused("bad_name", this.spec.label, folder, "The name is not valid UTF-8");
      } else this.#shared.refused("denied", this.spec.label, folder, "The folder cannot be listed");
    }
    if (this.#scans === 1) this.#addSaved(this.#glob, found.paths);
    this.#sift(found.paths);
    this.#dropGone(nowMs);
    // The first one makes a source of each file, which says nothing about what the next ones cost.
    const costMs = this.#scans === 1 ? 0 : this.#shared.clock.monotonicMs() - nowMs;
    if (this.#isPutOff) this.#lastScanDone = false;
    const isLast = this.#finishing && !this.#isPutOff;
    const pauseMs = Math.min(SCAN_PAUSE_MAX_MS, Math.max(SCAN_EVERY_MS, costMs * SCAN_SHARE));
    this.#nextScanMs = isLast ? Infinity : nowMs + pauseMs;
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
  ended({ reader, lanes }: Generation): void {
    this.#consumed.add(reader, lanes);
  }

  /** Whether the file, or a copy of it, was read to its end before. */
  consumed(path: string, info: FileInfo): boolean {
    return this.#consumed.has(path, info);
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

  /** Paths of an earlier run whose file is gone by now: rotated generations may still lie beside it. */
  #addSaved(glob: PathGlob, found: readonly string[]): void {
    const there = new Set(found);
    for (const path of this.#shared.saved.paths(this.spec)) {
      if (glob.matches(path) && !there.has(path) && !this.sources.has(path)) this.#add(path);
    }
  }

  /** Adds what is new among the names that the pattern found. */
  #sift(paths: readonly string[]): void {
    const verdicts = this.#verdicts ??= new Map();
    let names: Set<string> | null = null;
    for (const path of paths) {
      if (this.sources.has(path) || (verdicts.get(path) ?? 0) > this.#scans) continue;
      names ??= new Set(paths);
      const verdict = this.#judge(path, names);
      if (verdict === "new") this.#add(path);
      else if (verdict === "later") this.#isPutOff = true;
      else verdicts.set(path, this.#scans + VERDICT_SCANS);
    }
    if (verdicts.size <= paths.length) return;
    const there = names ?? new Set(paths);
    for (const path of verdicts.keys()) if (!there.has(path)) verdicts.delete(path);
  }

  /** Sources whose files are gone are given up; the pattern finds the name again if it comes back. */
  #dropGone(nowMs: number): void {
    for (const [path, source] of this.sources) {
      if (!source.isGone(nowMs)) continue;
      source.close();
      this.sources.delete(path);
    }
  }

  /**
   * Whether a path found by a pattern is a source of its own, not another name of, a rotated generation of, or a
   * copy of a file that is followed already.
   */
  #judge(path: string, names: ReadonlySet<string>): Verdict {
    const place = this.#shared.files.resolve(this.spec.view, path);
    const info = place === null ? null : this.#shared.files.lstat(place.path);
    if (info === null) {
      this.#sayWhyNot(path);
      return "known";
    }
    if (info.kind !== "file") {
      this.#shared.refused("not_regular", this.spec.label, path, "Not a regular file");
      return "known";
    }
    if (this.follows(info)) return "known";
    const before = this.#judgeSaved(path, info);
    if (before !== null) return before;
    for (const basePath of basePathsOf(path)) {
      const source = this.sources.get(basePath);
      // The base comes first: on restart it claims its older generations among its siblings.
      const isAwaited = source === undefined ? names.has(basePath) && this.#scans <= 1 : !source.checked;
      if (isAwaited) return "later";
    }
    return this.claimed({ path, info }) || this.consumed(path, info) ? "known" : "new";
  }

  /** Whether another source, of which the file may be a rotated one by its name, reads it or knows it for a copy. */
  claimed(sibling: Sibling): boolean {
    for (const basePath of basePathsOf(sibling.path)) {
      const source = this.sources.get(basePath);
      if (source === undefined || !source.looked) continue;
      // It may have been rotated since it was looked at last.
      source.check(this.#shared.clock.monotonicMs());
      if (source.claims(sibling)) return true;
    }
    return false;
  }

  finds(path: string): boolean {
    return this.#glob?.matches(path) === true;
  }

  reads(path: string): boolean {
    return this.sources.has(path);
  }

  /** A file that was read under another name in an earlier run belongs to that name's source. */
  #judgeSaved(path: string, info: FileInfo): Verdict | null {
    const prefix = `${this.spec.origin}:`;
    for (const { key } of this.#shared.saved.ofFile(this.spec, info)) {
      const other = key.source.slice(prefix.length);
      if (other === path || !basesOf(splitPath(path).name).includes(splitPath(other).name)) continue;
      if (splitPath(other).folder !== splitPath(path).folder) continue;
      const source = this.sources.get(other);
      if (source === undefined) this.#add(other);
      if (source === undefined || !source.checked) return "later";
    }
    return null;
  }

  /** Whether one of its sources has the file open. */
  follows(info: FileInfo): boolean {
    const reader = this.#shared.readers.get(fileKey(info));
    if (reader === undefined) return false;
    for (const source of this.sources.values()) {
      if (source.generations.reads(reader)) return true;
    }
    return false;
  }

  /** A name that leads nowhere: gone since it was listed, or a link out of the view, which is named. */
  #sayWhyNot(path: string): void {
    const opened = this.#shared.files.open(this.spec.view, path);
    if (!("refused" in opened)) opened.file.close();
    else if (opened.refused !== "missing") {
      this.#shared.refused(opened.refused, this.spec.label, path, opened.detail);
    } else if (isMangled(path)) {
      this.#shared.refused("bad_name", this.spec.label, path, "The name is not valid UTF-8");
    }
  }
}

/** A listing has this character in place of bytes that are not UTF-8; nothing can be opened by such a name. */
function isMangled(path: string): boolean {
  return path.includes("\ufffd");
}

/** Paths of which this one may be a rotated one by its name. */
function basePathsOf(path: string): string[] {
  const { folder, name } = splitPath(path);
  return basesOf(name).map((base) => joinPath(folder, base));
}
