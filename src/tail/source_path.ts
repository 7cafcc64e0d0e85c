import type { SavedLane } from "../core/checkpoint.ts";
import type { FileInfo, OpenFile } from "../core/host.ts";
import type { FollowSpec } from "../core/tailing.ts";
import { makeAssembler } from "./assembler.ts";
import { type Begin, Beginnings } from "./beginnings.ts";
import { CONTENT_HEAD_BYTES, contentKind } from "./content_kind.ts";
import type { FileReader } from "./file_reader.ts";
import { fileKey, isPrefixOf, isSameFile, readAnchor } from "./identity.ts";
import { Lane } from "./lane.ts";
import { findSiblings, type Sibling } from "./siblings.ts";
import type { TailShared } from "./tail_shared.ts";

/** How long a rotated or deleted file must be quiet before it is closed: the writer goes on in it for a while. */
export const QUIET_MS = 5_000;
/** How often the links on the way to a path are looked at again. */
const RESOLVE_EVERY_MS = 5_000;
/** The same for paths on which there were none: the walk costs ten times as much as a look at the file. */
const RESOLVE_PLAIN_EVERY_MS = 30_000;

/** After this long without a file, a pattern gives the path up. */
const GONE_MS = 60_000;

/** At every such look a file is read although it seems unchanged. */
const RESTS_MAX = 10;

/** What a source asks of the target it belongs to. */
export interface SourceOwner {
  /** Whether the target is looked at for the first time: what is there now was there before. */
  readonly firstLook: boolean;
  /** A generation was read to its end and is closed. */
  ended(reader: FileReader): void;
  /** Whether the target has the file open, under whatever path. */
  follows(info: FileInfo): boolean;
  /** Whether the file, or a copy of it, was read to its end before. */
  consumed(path: string, info: FileInfo): boolean;
}

/** One generation of bytes of a source, as one target reads it. */
export interface Generation {
  /** Another one when its file was truncated and a copy of it is read on. */
  reader: FileReader;
  readonly lanes: readonly Lane[];
  /** Path it was opened by; after a rotation it has another name or none. */
  readonly path: string;
  /** Whether the path still leads to it. */
  current: boolean;
}

/**
 * One path of one target, over rotations: a list of generations, oldest first. A younger one is read when the older
 * one is at its end; an older one is closed when it is at its end, quiet and settled.
 */
export class SourcePath {
  readonly spec: FollowSpec;
  readonly path: string;
  readonly generations: Generation[] = [];
  readonly #shared: TailShared;
  readonly #owner: SourceOwner;
  readonly #begin: Beginnings;
  /** Siblings that were there at the last look at the folder: only others are news. */
  #seen: Set<string> = new Set();
  #hostPath: string | null = null;
  #askedMs = -Infinity;
  #resolvedMs = -Infinity;
  #askedWhyMs = -Infinity;
  #newsAtMs = -Infinity;
  #first = true;
  #finishing = false;
  /** Looked after `finish`: what is there then is still read. */
  #lastLookDone = false;
  #closed = false;
  #refused = "";
  /** The path cannot be opened; until then it is not tried again. */
  #deniedUntilMs = -Infinity;
  /** The file at the path that was passed over. */
  #passed = "";
  #frozen = false;
  /** The file's time of modification at the last look; whether it and the size were the same at the look before. */
  #modifiedMs = -1;
  #unchanged = false;
  /** Looks since the start after which nothing was read. */
  #rests = 0;
  /** Whether the path was looked at. */
  checked = false;
  /** Since when the path leads nowhere; -1 while it leads to something. */
  #missingSinceMs = -1;
  /** Looking failed: not before this monotonic time. */
  retryAtMs = 0;
  /** A file that is left out because of what it holds. */
  #skipped: { device: number; inode: number } | null = null;

  constructor(spec: FollowSpec, path: string, shared: TailShared, owner: SourceOwner) {
    this.#owner = owner;
    this.spec = spec;
    this.path = path;
    this.#shared = shared;
    this.#begin = new Beginnings(spec, path, shared);
  }

  /** The generation the path leads to. */
  get current(): Generation | undefined {
    return this.generations.findLast((generation) => generation.current);
  }

  /** Nothing left to read, to settle or to wait for. */
  get done(): boolean {
    return this.#finishing && this.#lastLookDone && this.generations.length === 0;
  }

  /** Whether the path was looked at and is known. */
  get looked(): boolean {
    return !this.#first;
  }

  /** Whether there has been no file for a while, and nothing is left of the ones before. */
  isGone(nowMs: number): boolean {
    return this.generations.length === 0 && this.#missingSinceMs !== -1 && !this.#finishing &&
      nowMs - this.#missingSinceMs >= GONE_MS;
  }

  /** Whether it was written in the last `ms`, so that the path is looked at often. */
  busy(nowMs: number, ms: number): boolean {
    for (const { reader } of this.generations) if (nowMs - reader.writtenMs < ms) return true;
    return false;
  }

  /**
   * Whether there is nothing to read after a `check`: the file is at rest and its size and time of modification are
   * what they were. Now and then it says no all the same, and the bytes themselves are looked at.
   */
  rests(): boolean {
    if (!this.#unchanged || this.generations.length !== 1 || !this.generations[0].reader.rests) return false;
    return ++this.#rests % RESTS_MAX !== 0;
  }

  /** Looks where the path leads now; opens what is new. */
  check(nowMs: number): void {
    this.#unchanged = false;
    const lookedAtEnd = this.#lastLookDone;
    this.#lastLookDone = this.#finishing;
    this.checked = true;
    if (this.#closed || nowMs < this.#deniedUntilMs) return;
    const info = this.#look(nowMs);
    if (info !== null) this.#missingSinceMs = -1;
    else if (this.#missingSinceMs < 0) this.#missingSinceMs = nowMs;
    if (info !== null && this.#skipped !== null) {
      if (isSameFile(this.#skipped, info)) return;
      this.#skipped = null;
    }
    if (this.#first) {
      const early = this.#takeEarly();
      if (info === null && early.length === 0 && this.#begin.rows().length === 0 && !this.#hasNews(nowMs)) {
        return;
      }
      this.#first = false;
      this.#openEarly(early, info);
      this.#openFirst(info, this.#owner.firstLook);
      return;
    }
    const current = this.current;
    // Once it was looked at after the end of its container, a source gets no new generations.
    if (this.#finishing && current === undefined && lookedAtEnd) return;
    if (info === null) {
      if (current === undefined) return;
      current.current = false;
      if (!this.#frozen) this.#openUnknown(findSiblings(this.#shared.files, this.spec.view, this.path));
      return;
    }
    if (current !== undefined && isSameFile(current.reader, info)) {
      current.reader.noteDisk(info.sizeBytes, nowMs);
      this.#unchanged = info.modifiedMs === this.#modifiedMs && info.sizeBytes === current.reader.sizeBytes;
      this.#modifiedMs = info.modifiedMs;
      return this.#lookInto(current, info);
    }
    if (current !== undefined) current.current = false;
    const back = this.generations.find(({ reader }) => isSameFile(reader, info));
    if (back !== undefined) back.current = true;
    else if (!this.#frozen) this.#openOther(info);
  }

  /** Another file is at the path. One that is passed over may still have pushed others aside. */
  #openOther(info: FileInfo): void {
    const passed = this.#passed;
    if (!this.#isPassed(info)) return this.#openRotated(info);
    if (this.#passed === passed) return;
    const siblings = findSiblings(this.#shared.files, this.spec.view, this.path);
    this.#openUnknown(siblings.filter((sibling) => !isSameFile(sibling.info, info)));
  }

  /**
   * Whether the path leads to a file that the target has open under another path, or that was read to its end: names
   * of rotated files move on from one to the next.
   */
  #isPassed(info: FileInfo): boolean {
    const state = `${fileKey(info)}:${info.sizeBytes}:${info.modifiedMs}`;
    if (state === this.#passed) return true;
    if (!this.#owner.follows(info) && !this.#owner.consumed(this.path, info)) return false;
    this.#passed = state;
    return true;
  }

  /**
   * The reader of one generation found other bytes before its cursor in the file `was`: truncated. Opens what the path
   * leads to now. `held`: the truncated file as it is now, when anything still leads to it.
   */
  truncated(
    reader: FileReader,
    was: { readonly device: number; readonly inode: number },
    held: FileInfo | null,
  ): void {
    const index = this.generations.findIndex((candidate) => candidate.reader === reader);
    if (index < 0 || this.#closed) return;
    const generation = this.generations[index];
    const wasCurrent = generation.current;
    generation.current = false;
    this.#hostPath = null;
    const info = wasCurrent ? this.#look(this.#shared.clock.monotonicMs()) : null;
    // The path leads elsewhere by now: what was written after the truncation is read all the same.
    // Generations that were opened since then are younger than that.
    if (held !== null && (info === null || !isSameFile(info, was))) {
      this.#openNew(this.path, held, this.#begin.ofFile(held), false, index + 1);
    }
    if (info !== null) this.#openRotated(info);
  }

  /**
   * A file that a pattern found beside this one: whether it is a rotated generation of it, which is taken over, or a copy
   * of what is followed.
   */
  claims(sibling: Sibling, isRotation: boolean): boolean {
    this.#settleGenerations();
    if (this.generations.some(({ reader }) => isSameFile(reader, sibling.info))) return true;
    if (this.#isCopyOfOpen(sibling)) return true;
    if (!isRotation || this.#seen.has(seenKey(sibling))) return false;
    this.#openUnknown(findSiblings(this.#shared.files, this.spec.view, this.path));
    return this.generations.some(({ reader }) => isSameFile(reader, sibling.info));
  }

  /** Whether one of its generations is read by it. */
  reads(reader: FileReader): boolean {
    return this.generations.some((generation) => generation.reader === reader);
  }

  /** Whether it reads a generation that is older than that of the other one. */
  isOlder(reader: FileReader, than: FileReader): boolean {
    const index = this.generations.findIndex((generation) => generation.reader === reader);
    return index >= 0 && index < this.generations.findIndex((generation) => generation.reader === than);
  }

  /** Whether the lane is one of the generation that this source reads by `reader`. */
  owns(reader: FileReader, lane: Lane): boolean {
    return this.generations.some((generation) =>
      generation.reader === reader && generation.lanes.includes(lane)
    );
  }

  /** A generation is read on by another reader from now on: by that of a copy. */
  moved(reader: FileReader, to: FileReader): void {
    for (const generation of this.generations) if (generation.reader === reader) generation.reader = to;
  }

  /** Another source stands for new files with this name from now on; what is open is read to its end. */
  freeze(): void {
    this.#frozen = true;
  }

  /** The container is gone: what is there is read to its end, then closed. */
  finish(): void {
    this.#finishing = true;
    this.#lastLookDone = false;
  }

  /** The container runs again. What was closed meanwhile continues where it was saved. */
  resume(): void {
    this.#finishing = false;
    for (const generation of this.generations) generation.reader.final = false;
    if (this.generations.length === 0) this.#first = true;
  }

  /** Closes generations that are over; called at each poll. */
  tidy(nowMs: number): void {
    for (let i = 0; i < this.generations.length;) {
      const generation = this.generations[i];
      if (generation.lanes.every((lane) => lane.closed)) this.#drop(i);
      else if (!this.#mayClose(generation, i, nowMs) || !this.#endGeneration(generation, i, nowMs)) i++;
    }
  }

  close(): void {
    this.#closed = true;
    while (this.generations.length > 0) this.#drop(0);
  }

  // ---- opening ----------------------------------------------------------------------------------------------------

  /** Info of the file the path leads to now; resolves links again from time to time. */
  #look(nowMs: number): FileInfo | null {
    const { files } = this.#shared;
    if (this.#hostPath === null || nowMs - this.#askedMs >= RESOLVE_EVERY_MS) {
      this.#askedMs = nowMs;
      if (!this.#isPlain() || nowMs - this.#resolvedMs >= RESOLVE_PLAIN_EVERY_MS) {
        this.#hostPath = files.resolve(this.spec.view, this.path)?.path ?? null;
        this.#resolvedMs = nowMs;
      }
    }
    if (this.#hostPath === null) {
      this.#sayWhyNot(nowMs);
      return null;
    }
    const info = files.lstat(this.#hostPath);
    if (info === null || info.kind === "link") this.#hostPath = null;
    return info !== null && info.kind === "file" ? info : this.#refuseOther(info);
  }

  /** Whether the path led to the only place it names, without links: what takes its place there is seen by looking. */
  #isPlain(): boolean {
    const places = this.spec.view.candidates(this.path);
    return places.length === 1 && places[0].path === this.#hostPath;
  }

  /** A path that leads nowhere is mostly a file that is not there yet; a link out of the view is named. */
  #sayWhyNot(nowMs: number): void {
    if (nowMs - this.#askedWhyMs < RESOLVE_EVERY_MS) return;
    this.#askedWhyMs = nowMs;
    const opened = this.#shared.files.open(this.spec.view, this.path);
    if ("refused" in opened) this.#sayRefused(opened.refused, opened.detail);
    else opened.file.close();
  }

  /** A FIFO, device or socket in the file's place: named once. */
  #refuseOther(info: FileInfo | null): null {
    if (info !== null && info.kind === "other") this.#sayRefused("not_regular", "Not a regular file");
    return null;
  }

  /** Files that were opened when they appeared at this path, before anybody knew whose they are. */
  #takeEarly(): FileInfo[] {
    const { early } = this.#shared;
    if (early.size === 0) return [];
    return this.spec.view.candidates(this.path).flatMap(({ path }) => early.take(path));
  }

  /** Those that have no name any more; the others are found by their names. */
  #openEarly(early: readonly FileInfo[], info: FileInfo | null): void {
    if (early.length === 0) return;
    const siblings = findSiblings(this.#shared.files, this.spec.view, this.path);
    for (const each of early) {
      const named = [...siblings.map((sibling) => sibling.info), ...(info === null ? [] : [info])];
      if (named.some((other) => isSameFile(other, each))) continue;
      this.#openNew(this.path, each, this.#begin.ofFile(each), false);
    }
  }

  /** Whether rotated files were made before anybody saw the path itself. Looked for now and then. */
  #hasNews(nowMs: number): boolean {
    if (nowMs < this.#newsAtMs) return false;
    this.#newsAtMs = nowMs + RESOLVE_EVERY_MS;
    const { newsMs } = this.#begin;
    return findSiblings(this.#shared.files, this.spec.view, this.path).some(({ info }) =>
      info.modifiedMs >= newsMs
    );
  }

  /** First sight of this path: continues saved lanes, older generations first, or makes first contact. */
  #openFirst(info: FileInfo | null, firstLook: boolean): void {
    const begin = this.#begin;
    const rows = begin.rows();
    const siblings = findSiblings(this.#shared.files, this.spec.view, this.path);
    for (const sibling of siblings) this.#seen.add(seenKey(sibling));
    const newsMs = rows.reduce((oldest, row) => Math.min(oldest, row.savedMs), begin.newsMs);
    this.#openOlder(info, siblings, (sibling) => sibling.info.modifiedMs >= newsMs);
    if (info === null || this.generations.some(({ reader }) => isSameFile(reader, info))) return;
    if (!this.#isPassed(info)) this.#openNew(this.path, info, begin.ofPath(info, firstLook));
  }

  /** Older generations at first sight: those that were read before, their copies, and those made meanwhile. */
  #openOlder(
    info: FileInfo | null,
    siblings: readonly Sibling[],
    isNews: (sibling: Sibling) => boolean,
  ): void {
    const begin = this.#begin;
    const others = siblings.filter((sibling) => info === null || !isSameFile(sibling.info, info));
    const known = new Map(others.map((sibling) => [sibling, begin.identical(sibling)]));
    // What a file still holds under its own identity is not looked for elsewhere.
    const claimed = new Map<SavedLane, string>();
    for (const [{ path }, rows] of known) for (const row of rows) claimed.set(row, path);
    if (info !== null) {
      for (const row of begin.identical({ path: this.path, info })) claimed.set(row, this.path);
    }
    for (const sibling of others) {
      // A pattern may have found it before it found this path.
      if (this.#owner.follows(sibling.info) || this.#owner.consumed(sibling.path, sibling.info)) continue;
      const own = known.get(sibling)!;
      if (own.length > 0) {
        this.#openNew(sibling.path, sibling.info, begin.from(own), false);
        continue;
      }
      const copied = begin.copied(sibling);
      const isCopyOf = (path: string | undefined) => path !== undefined && this.#isCopyOf(sibling, path);
      if (copied.some((row) => isCopyOf(claimed.get(row)))) continue;
      const lost = copied.filter((row) => !claimed.has(row));
      if (lost.length > 0) {
        this.#openNew(sibling.path, sibling.info, begin.from(lost), false);
        // It is known by its own identity from now on.
        for (const lane of this.generations.at(-1)?.lanes ?? []) this.#shared.moved(lane);
      } else if (isNews(sibling) && !isCopyOf(this.path)) {
        this.#openNew(sibling.path, sibling.info, begin.ofFile(sibling.info), false);
      }
    }
  }

  /** Another file is at the path: rotations may have happened in between, so siblings that are news come first. */
  #openRotated(info: FileInfo): void {
    const siblings = findSiblings(this.#shared.files, this.spec.view, this.path);
    const refused = this.#openUnknown(siblings.filter((sibling) => !isSameFile(sibling.info, info)));
    // One that could not be opened now (too many open files) is tried again at the next rotation.
    this.#seen = new Set(siblings.filter((sibling) => !refused.has(sibling)).map(seenKey));
    this.#openNew(this.path, info, this.#begin.ofFile(info));
  }

  /** Opens rotated generations that were made and renamed between two looks; gives those that did not open. */
  #openUnknown(siblings: readonly Sibling[]): Set<Sibling> {
    this.#settleGenerations();
    const refused = new Set<Sibling>();
    for (const sibling of siblings) {
      if (this.#seen.has(seenKey(sibling)) || this.#owner.follows(sibling.info)) continue;
      if (this.#owner.consumed(sibling.path, sibling.info) || this.#isCopyOfOpen(sibling)) continue;
      const before = this.generations.length;
      this.#openNew(sibling.path, sibling.info, this.#begin.ofFile(sibling.info), false);
      if (this.generations.length === before) refused.add(sibling);
    }
    return refused;
  }

  /**
   * Before siblings are judged, each generation that was truncated finds its one copy among them: the others are no
   * copies, however much they begin as it did.
   */
  #settleGenerations(): void {
    for (const { reader } of [...this.generations]) this.#shared.settle(reader);
  }

  /** Whether the file was there at the last look at the folder, as it is now. */
  saw(sibling: Sibling): boolean {
    return this.#seen.has(seenKey(sibling));
  }

  /** Whether the file holds the first bytes of a generation that is open: then it is a copy, and not read again. */
  #isCopyOfOpen(sibling: Sibling): boolean {
    const { files, withFile } = this.#shared;
    if (this.generations.length === 0) return false;
    const opened = files.open(this.spec.view, sibling.path);
    if ("refused" in opened) return false;
    try {
      return this.generations.some(({ reader }) =>
        withFile(reader, (file) => isPrefixOf(opened.file, sibling.info.sizeBytes, file)) === true
      );
    } finally {
      opened.file.close();
    }
  }

  #isCopyOf(sibling: Sibling, path: string): boolean {
    const { files } = this.#shared;
    const [copy, own] = [files.open(this.spec.view, sibling.path), files.open(this.spec.view, path)];
    try {
      return "file" in copy && "file" in own && isPrefixOf(copy.file, sibling.info.sizeBytes, own.file);
    } finally {
      for (const opened of [copy, own]) if ("file" in opened) opened.file.close();
    }
  }

  /** Opens one generation and a lane per flusher on it; `index`: its place among the others by age. */
  #openNew(
    path: string,
    info: FileInfo,
    start: Begin,
    current = true,
    index = this.generations.length,
  ): void {
    const reader = this.#shared.acquire(this.spec.view, path, info, (refusal, detail) => {
      this.#sayRefused(refusal, detail);
      if (refusal === "denied") this.#deniedUntilMs = this.#shared.clock.monotonicMs() + RESOLVE_EVERY_MS;
    });
    if (reader === null) {
      this.#first = this.generations.length === 0;
      return;
    }
    this.#refused = "";
    if (this.#isUnfit(reader, path)) {
      if (current) this.#skipped = { device: reader.device, inode: reader.inode };
      this.#shared.release(reader, this);
      return;
    }
    reader.noteDisk(info.sizeBytes, this.#shared.clock.monotonicMs());
    const target = this.spec.open(this.path, info);
    const previous = this.generations[index - 1];
    const next = this.generations[index];
    const lanes = this.spec.flushers.map((flusher, i) => {
      const resume = this.#shared.withFile(reader, (file) => start(file, flusher)) ??
        this.#begin.zeros();
      const assembler = makeAssembler(this.spec.framing, this.#shared.keys, this.#shared.held, {
        read: (into, begin, length, at) => {
          const now = lane.reader ?? reader;
          return now.lost ? 0 : this.#shared.withFile(now, (f) => f.read(into, begin, length, at)) ?? 0;
        },
      });
      const lane: Lane = new Lane(
        {
          pipeline: this.spec.pipeline,
          input: this.spec.input,
          flusher,
          source: `${this.spec.origin}:${this.path}`,
          label: this.spec.label,
          path: this.path,
          framing: this.spec.framing,
          tags: target.tags,
          output: target.outputs[i],
        },
        assembler,
        resume,
        this.#shared.moved,
      );
      this.#shared.withFile(reader, (file) => seedAnchor(lane, file));
      const older = previous?.lanes[i]?.lastOpen ?? null;
      if (older !== null) {
        lane.older = older;
        older.younger = lane;
        // It must be seen at its end once more, now that the younger one is there.
        older.atEnd = false;
      }
      // One that has begun to read does not wait any more.
      const younger = next?.lanes[i];
      if (younger !== undefined && younger.older !== null) {
        younger.older = lane;
        lane.younger = younger;
      }
      return lane;
    });
    this.generations.splice(index, 0, { reader, lanes, path, current });
    this.#shared.attach(reader, this, lanes);
  }

  /** Whether the file is left out because of what it begins with; said once. */
  #isUnfit(reader: FileReader, path: string): boolean {
    if (this.spec.skipBinary !== true) return false;
    const { arena } = this.#shared;
    const length = this.#shared.withFile(reader, (file) => file.read(arena, 0, CONTENT_HEAD_BYTES, 0)) ?? 0;
    const { kind, detail } = contentKind(arena, length, this.spec.framing.encoding);
    if (kind !== "text") this.#shared.refused(kind, this.spec.label, path, detail);
    return kind !== "text";
  }

  /** A file that was empty when it was opened is looked into before its first bytes are read. */
  #lookInto(current: Generation, info: FileInfo): void {
    if (this.spec.skipBinary !== true || info.sizeBytes === 0) return;
    if (current.lanes.some((lane) => lane.cursor > 0) || !this.#isUnfit(current.reader, this.path)) return;
    this.#skipped = { device: info.device, inode: info.inode };
    for (const lane of current.lanes) lane.close();
  }

  #sayRefused(refusal: string, detail: string): void {
    if (refusal === "missing" || refusal === this.#refused) return;
    this.#refused = refusal;
    this.#shared.refused(refusal, this.spec.label, this.path, detail);
  }

  // ---- ending -----------------------------------------------------------------------------------------------------

  #mayClose(generation: Generation, index: number, nowMs: number): boolean {
    if (generation.current && !this.#finishing) return false;
    if (!generation.lanes.every((lane) => lane.closed || lane.reachedEnd)) return false;
    // An older one may still wait for the end of a record that this one holds, but it has nothing more to give.
    for (const older of this.generations.slice(0, index)) {
      if (!older.lanes.every((lane) => lane.closed || lane.reachedEnd)) return false;
    }
    return nowMs - generation.reader.grownMs >= QUIET_MS;
  }

  /** At its end and quiet: what is held is sent; dropped when settled. Returns whether it was dropped. */
  #endGeneration(generation: Generation, index: number, nowMs: number): boolean {
    let ended = true;
    for (const lane of generation.lanes) {
      // All or none are closed: the container may run again, and then every lane goes on.
      if (!lane.closed && !this.#shared.endLane(generation.reader, lane, nowMs)) ended = false;
    }
    if (!ended) return false;
    this.#drop(index);
    return true;
  }

  #drop(index: number): void {
    const [generation] = this.generations.splice(index, 1);
    for (const lane of generation.lanes) {
      lane.close();
      this.#shared.closed(lane);
    }
    this.#owner.ended(generation.reader);
    this.#shared.release(generation.reader, this);
    const younger = this.generations[index];
    for (const lane of younger?.lanes ?? []) lane.skipClosed();
  }
}

/** A sibling as it was seen; one that is written again is news. */
function seenKey({ info }: Sibling): string {
  return `${fileKey(info)}:${info.modifiedMs}`;
}

/** Fills the lane's anchor from the file, so that its first read is checked like any other. */
function seedAnchor(lane: Lane, file: OpenFile): void {
  const length = readAnchor(file, lane.cursor).length;
  lane.anchorLength = length === 0 ? 0 : file.read(lane.anchor, 0, length, lane.cursor - length);
}
