import type { FileIdentity, FileInfo } from "../core/host.ts";
import type { FollowSpec } from "../core/tailing.ts";
import type { FileReader } from "./file_reader.ts";
import { FirstSight } from "./first_sight.ts";
import { GenerationOpener } from "./generation_opener.ts";
import { type Generation, Generations } from "./generations.ts";
import { isSameFile } from "./identity.ts";
import { PathLook } from "./path_look.ts";
import { Reach } from "./remote_looks.ts";
import type { Sibling } from "./siblings.ts";
import type { SourceOwner } from "./source_owner.ts";
import type { TailShared } from "./tail_shared.ts";

/** After this long without a file, a pattern gives the path up. */
const GONE_MS = 60_000;

/** A file that grew in this time is read at the next poll without a look whether it did again. */
const GROWS_MS = 250;

/** At every such look a file is read although it seems unchanged. */
const RESTS_MAX = 10;

/**
 * One path of one target, over rotations: looks where the path leads, and opens each generation of it, older ones
 * first.
 */
export class SourcePath {
  readonly spec: FollowSpec;
  readonly path: string;
  readonly generations: Generations;
  readonly #shared: TailShared;
  readonly #owner: SourceOwner;
  readonly #look: PathLook;
  readonly #opener: GenerationOpener;
  readonly #sight: FirstSight;
  #first = true;
  #finishing = false;
  /** Looked after `finish`: what is there then is still read. */
  #lastLookDone = false;
  #closed = false;
  /** Amid a look, or amid what follows a truncation. */
  #opening = false;
  /** The file's time of modification at the last look; whether it and the size were the same at the look before. */
  #modifiedMs = -1;
  #unchanged = false;
  /** The same of the last file that the path led to: generations that were missed are younger. */
  #sinceMs = -1;
  /** Looks since the start after which nothing was read. */
  #restCount = 0;
  #checkedMs = -Infinity;
  /** Whether the path was looked at. */
  checked = false;
  /** Since when the path leads nowhere; -1 while it leads to something. */
  #missingSinceMs = -1;
  /** Looking failed: not before this monotonic time. */
  retryAtMs = 0;
  readonly reach = new Reach();

  constructor(spec: FollowSpec, path: string, shared: TailShared, owner: SourceOwner) {
    this.#owner = owner;
    this.spec = spec;
    this.path = path;
    this.#shared = shared;
    this.generations = new Generations({
      endLane: (reader, lane) => shared.endLane(reader, lane, shared.clock.monotonicMs()),
      dropped: (generation) => this.#dropped(generation),
    });
    this.#look = new PathLook(spec, path, shared);
    this.#opener = new GenerationOpener(this, shared, owner, this.#look, () => this.#first = true);
    this.#sight = new FirstSight(this, shared, owner, this.#look, this.#opener);
  }

  /** The generation the path leads to. */
  get current(): Generation | undefined {
    return this.generations.current;
  }

  /** Nothing left to read, to settle or to wait for. */
  get done(): boolean {
    return this.#finishing && this.#lastLookDone && this.generations.all.length === 0;
  }

  /** Whether the path was looked at and is known. */
  get looked(): boolean {
    return !this.#first;
  }

  /** Whether nothing is left of its files, and there will be no other or has been none for a while. */
  isGone(nowMs: number): boolean {
    if (this.generations.all.length > 0 || this.#finishing) return false;
    return this.#missingSinceMs !== -1 && nowMs - this.#missingSinceMs >= GONE_MS;
  }

  /** Whether it was written in the last `ms`, so that the path is looked at often. */
  busy(nowMs: number, ms: number): boolean {
    for (const { reader } of this.generations.all) if (nowMs - reader.writtenMs < ms) return true;
    return false;
  }

  /**
   * A poll. The path is looked at when that was not done for `lookEveryMs`, or while anything but one file at its place
   * is there. Returns whether its files are to be read.
   */
  poll(nowMs: number, lookEveryMs: number): boolean {
    const only = this.generations.all.length === 1 ? this.generations.all[0] : null;
    // What an empty file will hold may be unfit.
    const isPlain = only !== null && only.current && !this.#first && !this.#finishing &&
      (this.spec.skipBinary !== true || only.reader.sizeBytes > 0);
    if (isPlain && nowMs - this.#checkedMs < lookEveryMs) {
      const { reader } = only;
      // It will have grown: the read of a turn says so, too.
      if (nowMs - reader.grownMs < GROWS_MS) return true;
      return !reader.rests || (reader.file === null ? this.#looksOther(nowMs) : !reader.isStill());
    }
    this.check(nowMs);
    this.tidy(nowMs);
    return !this.#rests();
  }

  /** A file that may not stay open is not opened to look whether it grew. */
  #looksOther(nowMs: number): boolean {
    this.check(nowMs);
    return !this.#rests();
  }

  /**
   * Whether there is nothing to read after a `check`: the file is at rest and its size and time of modification are
   * what they were. Now and then it says no all the same, and the bytes themselves are looked at.
   */
  #rests(): boolean {
    if (!this.#unchanged || this.generations.all.length !== 1 || !this.generations.all[0].reader.rests) {
      return false;
    }
    return ++this.#restCount % RESTS_MAX !== 0;
  }

  /** Looks where the path leads now; opens what is new. */
  check(nowMs: number): void {
    // Another source asks while this one opens what it found: it opens the rest, too.
    if (this.#opening) return;
    this.#opening = true;
    try {
      this.#check(nowMs);
    } finally {
      this.#opening = false;
    }
  }

  #check(nowMs: number): void {
    this.#unchanged = false;
    this.#checkedMs = nowMs;
    const lookedAtEnd = this.#lastLookDone;
    const wasChecked = this.checked;
    this.#lastLookDone = this.#finishing;
    this.checked = true;
    if (this.#closed || nowMs < this.#look.deniedUntilMs) return;
    const info = this.#look.look(nowMs);
    if (info !== null) this.#missingSinceMs = -1;
    else if (this.#missingSinceMs < 0) this.#missingSinceMs = nowMs;
    if (info !== null && this.#opener.isSkipped(info)) return;
    if (this.#first && this.#sight.awaitsPacked(info)) {
      this.#lastLookDone = false;
      this.checked = wasChecked;
      return;
    }
    if (this.#first) {
      const early = this.#sight.takeEarly();
      if (info === null && early.length === 0 && !this.#sight.hasPast(nowMs)) return;
      this.#first = false;
      this.#sight.openEarly(early, info);
      this.#sinceMs = this.#sight.openFirst(info)?.modifiedMs ?? -1;
      return;
    }
    const current = this.current;
    // Once it was looked at after the end of its container, a source gets no new generations.
    if (this.#finishing && current === undefined && lookedAtEnd) return;
    if (info === null) {
      // As long as the container runs, what came and was rotated away since then is found when the path leads somewhere.
      if (current === undefined && !this.#finishing) return;
      if (current !== undefined) current.current = false;
      this.#opener.openUnknown(this.#opener.judge.siblings(), this.#sinceMs);
      return;
    }
    if (current !== undefined && isSameFile(current.reader, info)) {
      current.reader.noteDisk(info.sizeBytes, nowMs);
      this.#unchanged = info.modifiedMs === this.#modifiedMs && info.sizeBytes === current.reader.sizeBytes;
      this.#modifiedMs = this.#sinceMs = info.modifiedMs;
      this.#opener.openOwed(info, nowMs);
      return this.#opener.lookInto(current, info);
    }
    if (current !== undefined) current.current = false;
    this.#turnTo(info);
  }

  /** The path leads to another file than before. */
  #turnTo(info: FileInfo): void {
    const back = this.generations.ofFile(info);
    if (back !== undefined) back.current = true;
    else this.#opener.openOther(info, this.#sinceMs);
    if (this.current !== undefined) this.#sinceMs = info.modifiedMs;
  }

  /**
   * The reader of one generation found other bytes before its cursor in the file `was`: truncated. Opens what the path
   * leads to now. `held`: the truncated file as it is now, when anything still leads to it.
   */
  truncated(
    reader: FileReader,
    was: FileIdentity,
    held: FileInfo | null,
  ): void {
    const generation = this.generations.ofReader(reader);
    if (generation === undefined || this.#closed) return;
    const wasCurrent = generation.current;
    generation.current = false;
    const wasOpening = this.#opening;
    this.#opening = true;
    try {
      this.#openAfter(generation, was, held, wasCurrent);
    } finally {
      this.#opening = wasOpening;
    }
  }

  /** Opens what is there after a truncation. */
  #openAfter(generation: Generation, was: FileIdentity, held: FileInfo | null, wasCurrent: boolean): void {
    this.#look.forget();
    const info = this.#look.look(this.#shared.clock.monotonicMs());
    // The path leads elsewhere by now: what was written after the truncation is read all the same. Generations that were
    // opened since then are younger than that.
    if (held !== null && (info === null || !isSameFile(info, was))) {
      this.#opener.openNext(generation, held);
    }
    // To what another generation was: a younger file that got its inode number, which the next look finds.
    if (info === null || !wasCurrent) return;
    // Names of rotated files move on: what this one leads to now may be open under the name it had before.
    if (!isSameFile(info, was)) return this.#turnTo(info);
    this.#opener.openRotated(info, this.#sinceMs);
    this.#sinceMs = info.modifiedMs;
  }

  /** A file that a pattern found beside this one: whether it is a generation of it, or a copy of what is followed. */
  claims(sibling: Sibling): boolean {
    const { judge } = this.#opener;
    this.#opener.settleGenerations();
    if (this.generations.ofFile(sibling.info) !== undefined) return true;
    if (judge.isCopyOfOpen(sibling, this.generations.all)) return true;
    // While the path leads to a known file, a look at it has found whatever was missed. While it leads nowhere, further
    // generations may come and go.
    if (this.current !== undefined) return false;
    this.#opener.openUnknown(judge.siblings(), this.#sinceMs);
    return this.generations.ofFile(sibling.info) !== undefined;
  }

  /** Whether a sibling that holds so many bytes of what was read here counts as its copy. */
  mayBeCopy(sibling: Sibling, knownBytes: number): boolean {
    return this.#opener.judge.mayBeCopy(sibling, knownBytes);
  }

  /** A sibling turned out to be the copy of a file of this path. */
  prove(sibling: Sibling): void {
    this.#opener.judge.prove(sibling);
  }

  /** Whether the path leads to the file of a generation, now and not only at the last look. */
  leadsTo(reader: FileReader): boolean {
    if (this.current?.reader !== reader) return false;
    const info = this.#look.look(this.#shared.clock.monotonicMs());
    return info !== null && isSameFile(info, reader);
  }

  /** Whether a sibling was there at the last look at the folder, as it is now. */
  saw(sibling: Sibling): boolean {
    return this.#opener.judge.saw(sibling);
  }

  /** The container is gone: what is there is read to its end, then closed. */
  finish(): void {
    this.#finishing = true;
    this.#lastLookDone = false;
  }

  /** The container runs again. What was closed meanwhile continues where it was saved. */
  resume(): void {
    this.#finishing = false;
    for (const generation of this.generations.all) generation.reader.final = false;
    if (this.generations.all.length === 0) this.#first = true;
  }

  /** Closes generations that are over; called at each poll. */
  tidy(nowMs: number): void {
    this.generations.tidy(nowMs, this.#finishing);
  }

  close(): void {
    this.#closed = true;
    this.generations.close();
  }

  #dropped(generation: Generation): void {
    for (const lane of generation.lanes) this.#shared.closed(lane);
    this.#owner.ended(generation);
    this.#shared.release(generation.reader, this);
  }
}
