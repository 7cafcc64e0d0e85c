import type { FileInfo } from "../core/host.ts";
import type { GenerationOpener } from "./generation_opener.ts";
import type { Generation } from "./generations.ts";
import { holdsSaved, isSameFile } from "./identity.ts";
import { PackedSearch } from "./packed_search.ts";
import { bookPacked } from "./packed_siblings.ts";
import { type PathLook, RESOLVE_EVERY_MS } from "./path_look.ts";
import { type Sibling, sortByAge } from "./siblings.ts";
import type { SourceOwner } from "./source_owner.ts";
import type { SourcePath } from "./source_path.ts";
import type { TailShared } from "./tail_shared.ts";

/** First sights until nothing moves in the middle of one. */
const LOOKS_MAX = 5;

/** The first look at a path since it is followed: saved lanes go on, older generations first, or it is a first contact. */
export class FirstSight {
  readonly #source: SourcePath;
  readonly #shared: TailShared;
  readonly #owner: SourceOwner;
  readonly #look: PathLook;
  readonly #opener: GenerationOpener;
  #newsAtMs = -Infinity;
  /** While packed siblings are looked through. */
  #packed: PackedSearch | null = null;

  constructor(
    source: SourcePath,
    shared: TailShared,
    owner: SourceOwner,
    look: PathLook,
    opener: GenerationOpener,
  ) {
    this.#source = source;
    this.#shared = shared;
    this.#owner = owner;
    this.#look = look;
    this.#opener = opener;
  }

  get #all(): readonly Generation[] {
    return this.#source.generations.all;
  }

  /** Files that were opened when they appeared at this path, before anybody knew whose they are. */
  takeEarly(): FileInfo[] {
    const { early } = this.#shared;
    if (early.size === 0) return [];
    return this.#source.spec.view.candidates(this.#source.path).flatMap(({ path }) => early.take(path));
  }

  /** Those that have no name any more; the others are found by their names. */
  openEarly(early: readonly FileInfo[], info: FileInfo | null): void {
    if (early.length === 0) return;
    const siblings = this.#opener.judge.siblings();
    for (const each of early) {
      const named = [...siblings.map((sibling) => sibling.info), ...(info === null ? [] : [info])];
      if (named.some((other) => isSameFile(other, each))) continue;
      this.#opener.openNew(this.#source.path, each, this.#opener.begin.ofFile(each), {});
    }
  }

  /** Whether something was read of the path before, or rotated away before anybody saw it. Looked for now and then. */
  hasPast(nowMs: number): boolean {
    if (this.#opener.begin.rows().length > 0) return true;
    if (nowMs < this.#newsAtMs) return false;
    this.#newsAtMs = nowMs + RESOLVE_EVERY_MS;
    const { newsMs } = this.#opener.begin;
    return this.#opener.judge.siblings().some(({ info }) => info.modifiedMs >= newsMs);
  }

  /** Whether packed siblings are still looked through: nothing of the path is opened before. */
  awaitsPacked(info: FileInfo | null): boolean {
    if (info === null && this.#opener.begin.rows().length === 0) return false;
    const { spec, path } = this.#source;
    // What was packed or renamed meanwhile is looked for anew: nothing is between this and the opening.
    if (this.#packed?.done === true && !this.#packed.isCurrent()) this.#packed = null;
    this.#packed ??= new PackedSearch(spec, path, this.#shared, this.#opener.judge, this.#opener.begin, info);
    return !this.#packed.done;
  }

  /**
   * First sight of this path: continues saved lanes, older generations first, or makes first contact. Returns what the path
   * led to: a rotation or truncation in the middle of it makes it begin anew, as its order or its place would be wrong.
   */
  openFirst(info: FileInfo | null): FileInfo | null {
    const packed = this.#packed;
    this.#packed = null;
    // What was held early, and what was forgotten for the sake of packed files, cannot be taken back.
    const isSimple = this.#all.length === 0 && (packed === null || !packed.hasFound);
    let looked = info;
    for (let looks = 1; isSimple && looks < LOOKS_MAX && this.#opener.begin.rows().length > 0; looks++) {
      this.#openAll(looked, packed);
      if (this.#isAsLooked(looked)) return looked;
      this.#takeBack();
      looked = this.#look.look(this.#shared.clock.monotonicMs());
    }
    this.#openAll(looked, packed);
    return looked;
  }

  /** Whether the path still leads to the file that it led to, which holds what it held. */
  #isAsLooked(looked: FileInfo | null): boolean {
    const now = this.#look.look(this.#shared.clock.monotonicMs());
    if (looked === null || now === null) return looked === now;
    if (!isSameFile(looked, now) || now.sizeBytes < looked.sizeBytes) return false;
    const { current } = this.#opener.judge;
    const reader = this.#source.generations.ofFile(looked)?.reader;
    if (current.length === 0 || reader === undefined) return true;
    return this.#shared.withFile(reader, (file) => current.some((row) => holdsSaved(file, row))) === true;
  }

  /** Nothing of what was opened was read: it is closed, as if it had not been opened. */
  #takeBack(): void {
    for (const { lanes } of this.#all) for (const lane of lanes) lane.abandoned = true;
    this.#source.generations.close();
  }

  #openAll(info: FileInfo | null, packed: PackedSearch | null): void {
    const { begin } = this.#opener;
    const plain = this.#opener.judge.siblings();
    this.#opener.judge.remember(plain);
    const siblings = packed === null ? plain : sortByAge(this.#source.path, [...plain, ...packed.found]);
    const isTaken = (each: Sibling) => this.#opener.isTaken(each);
    const isMissed = (each: Sibling) => packed?.isMissed(each) === true;
    for (const { sibling, begin, copyOf } of this.#opener.judge.older(info, siblings, isTaken, isMissed)) {
      const before = this.#all.length;
      this.#opener.openNew(sibling.path, sibling.info, begin, { packed: sibling.packed });
      if (copyOf === null || this.#all.length === before) continue;
      // What was saved of the file that is packed now is of no use any more.
      if (sibling.packed !== undefined) { for (const { key } of copyOf) this.#shared.forget(key); }
      // It is known by its own identity from now on.
      for (const lane of this.#all.at(-1)!.lanes) this.#shared.moved(lane);
    }
    if (
      info !== null && this.#source.generations.ofFile(info) === undefined &&
      (this.#isResumed(info) || !this.#opener.isPassed(info))
    ) {
      this.#opener.openNew(this.#source.path, info, begin.ofPath(info, this.#owner.firstLook), {
        current: true,
      });
    }
    if (packed === null || packed.unread.length === 0) return;
    const gone = this.#opener.judge.gone.filter((row) => !packed.delivered.has(row));
    bookPacked(this.#shared, this.#source.spec, this.#source.path, gone, packed.unread);
  }

  /**
   * Whether the file was read to its end here before its container ended, and may grow now that it runs again. Only an
   * open one can be seen to be truncated, and its copy be known.
   */
  #isResumed(info: FileInfo): boolean {
    const sibling = { path: this.#source.path, info };
    return !this.#owner.follows(info) && this.#owner.consumed(sibling.path, info) &&
      this.#opener.begin.identical(sibling).some((row) => this.#opener.begin.isOwn(row));
  }
}
