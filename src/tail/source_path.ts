import type { SavedLane } from "../core/checkpoint.ts";
import { streamCount } from "../core/framing.ts";
import type { FileInfo, OpenFile } from "../core/host.ts";
import type { Resume } from "../core/ledger.ts";
import type { FollowSpec } from "../core/tailing.ts";
import { makeAssembler } from "./assembler.ts";
import { CONTENT_HEAD_BYTES, contentKind } from "./content_kind.ts";
import type { FileReader } from "./file_reader.ts";
import { alignToLine, firstOffset } from "./first_contact.ts";
import { HEAD_BYTES_TELLING, holdsSaved, readAnchor } from "./identity.ts";
import { Lane } from "./lane.ts";
import { findSiblings, type Sibling } from "./siblings.ts";
import type { TailShared } from "./tail_shared.ts";

/** How long a rotated or deleted file must be quiet before it is closed: the writer goes on in it for a while. */
export const QUIET_MS = 5_000;
/** How often the links on the way to a path are looked at again. */
const RESOLVE_EVERY_MS = 5_000;

/** What a source asks of the target it belongs to. */
export interface SourceOwner {
  /** Whether the target is looked at for the first time: what is there now was there before. */
  readonly firstLook: boolean;
  /** A generation was read to its end and is closed. */
  ended(reader: FileReader): void;
}

/** One generation of bytes of a source, as one target reads it. */
export interface Generation {
  readonly reader: FileReader;
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
  #hostPath: string | null = null;
  #resolvedMs = -Infinity;
  #askedWhyMs = -Infinity;
  #first = true;
  #finishing = false;
  /** Looked after `finish`: what is there then is still read. */
  #lastLookDone = false;
  #closed = false;
  #refused = "";
  /** The path cannot be opened; until then it is not tried again. */
  #deniedUntilMs = -Infinity;
  /** A file that is left out because of what it holds. */
  #skipped: { device: number; inode: number } | null = null;

  constructor(spec: FollowSpec, path: string, shared: TailShared, owner: SourceOwner) {
    this.#owner = owner;
    this.spec = spec;
    this.path = path;
    this.#shared = shared;
  }

  /** The generation the path leads to. */
  get current(): Generation | undefined {
    return this.generations.findLast((generation) => generation.current);
  }

  /** Nothing left to read, to settle or to wait for. */
  get done(): boolean {
    return this.#finishing && this.#lastLookDone && this.generations.length === 0;
  }

  /** Whether data came in the last `ms`, so that the path is looked at often. */
  busy(nowMs: number, ms: number): boolean {
    return this.generations.some((generation) => nowMs - generation.reader.grownMs < ms);
  }

  /** Looks where the path leads now; opens what is new. */
  check(nowMs: number): void {
    this.#lastLookDone = this.#finishing;
    if (this.#closed || nowMs < this.#deniedUntilMs) return;
    const info = this.#look(nowMs);
    if (info !== null && this.#skipped !== null) {
      if (isSameIdentity(this.#skipped, info)) return;
      this.#skipped = null;
    }
    if (this.#first) {
      if (info === null && !this.#anySaved()) return;
      this.#first = false;
      this.#openFirst(info, this.#owner.firstLook);
      return;
    }
    const current = this.current;
    // After the end of its container a source gets no new generations; what lies there was read.
    if (this.#finishing && current === undefined) return;
    if (info === null) {
      if (current !== undefined) current.current = false;
      return;
    }
    if (current !== undefined && isSameFile(current.reader, info)) {
      current.reader.noteDisk(info.sizeBytes, nowMs);
      return this.#lookInto(current, info);
    }
    if (current !== undefined) current.current = false;
    const back = this.generations.find((generation) => isSameFile(generation.reader, info));
    if (back !== undefined) back.current = true;
    else this.#openRotated(info);
  }

  /** The reader of one generation found other bytes before its cursor: truncated. Opens what the path leads to now. */
  truncated(reader: FileReader): void {
    const generation = this.generations.find((candidate) => candidate.reader === reader);
    if (generation === undefined) return;
    generation.current = false;
    this.#hostPath = null;
    const info = this.#look(this.#shared.clock.monotonicMs());
    if (info !== null) this.#openNew(this.path, info, this.#fromSaved(info));
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
    if (this.#hostPath === null || nowMs - this.#resolvedMs >= RESOLVE_EVERY_MS) {
      this.#hostPath = files.resolve(this.spec.view, this.path)?.path ?? null;
      this.#resolvedMs = nowMs;
    }
    if (this.#hostPath === null) {
      this.#sayWhyNot(nowMs);
      return null;
    }
    const info = files.lstat(this.#hostPath);
    if (info === null || info.kind === "link") this.#hostPath = null;
    return info !== null && info.kind === "file" ? info : this.#refuseOther(info);
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

  #anySaved(): boolean {
    return this.#shared.saved.has(this.#sourceKey());
  }

  #sourceKey(): string {
    return `${this.spec.pipeline}\n${this.spec.input}\n${this.spec.origin}:${this.path}`;
  }

  /** First sight of this path: continues saved lanes, older generations first, or makes first contact. */
  #openFirst(info: FileInfo | null, firstLook: boolean): void {
    const { saved } = this.#shared;
    const rows = saved.get(this.#sourceKey()) ?? [];
    const siblings = rows.length > 0 || this.#isYoung()
      ? findSiblings(this.#shared.files, this.spec.view, this.path)
      : [];
    const oldestMs = rows.reduce((oldest, row) => Math.min(oldest, row.savedMs), Infinity);
    for (const sibling of siblings) {
      if (info !== null && isSameIdentity(sibling.info, info)) continue;
      const match = this.#matchRows(sibling, rows);
      if (match.length > 0) this.#openNew(sibling.path, sibling.info, this.#resumeFrom(match), false);
      else if (sibling.info.modifiedMs >= oldestMs || (rows.length === 0 && this.#isYoung())) {
        this.#openNew(sibling.path, sibling.info, () => ({ done: this.#zeros() }), false);
      }
    }
    if (info === null) return;
    const own = rows.filter((row) => row.key.device === info.device && row.key.inode === info.inode);
    this.#openNew(this.path, info, (file, flusher) => {
      const row = own.find((candidate) => candidate.key.flusher === flusher);
      if (row !== undefined && holdsSaved(file, row)) return Lane.startOf(row, this.#zeros().length);
      if (rows.length > 0) return { done: this.#zeros() };
      return this.#firstContact(file, info, firstLook);
    });
  }

  /** Saved lanes whose bytes this sibling holds: the same inode under another name, or a copy. */
  #matchRows(sibling: Sibling, rows: readonly SavedLane[]): SavedLane[] {
    const same = rows.filter((row) => isSameIdentity(sibling.info, row.key));
    const candidates = same.length > 0 ? same : rows.filter((row) => row.head.length >= HEAD_BYTES_TELLING);
    if (candidates.length === 0) return [];
    const opened = this.#shared.files.open(this.spec.view, sibling.path);
    if ("refused" in opened) return [];
    try {
      return candidates.filter((row) =>
        sibling.info.sizeBytes >= row.anchor.at && holdsSaved(opened.file, row)
      );
    } finally {
      opened.file.close();
    }
  }

  #resumeFrom(rows: readonly SavedLane[]): (file: OpenFile, flusher: string) => Resume {
    return (_file, flusher) => {
      const row = rows.find((candidate) => candidate.key.flusher === flusher);
      return row === undefined ? { done: this.#zeros() } : Lane.startOf(row, this.#zeros().length);
    };
  }

  /** Whether the container is younger than the checkpoint store: then nothing of it is ever left out. */
  #isYoung(): boolean {
    const { originCreatedMs } = this.spec;
    return originCreatedMs !== null && originCreatedMs > this.#shared.store.birth.bornMs;
  }

  /** Another file is at the path: rotations may have happened in between, so unknown siblings come first. */
  #openRotated(info: FileInfo): void {
    const since = this.generations.at(-1);
    if (since !== undefined) {
      const sinceMs = this.#shared.clock.wallMs() - (this.#shared.clock.monotonicMs() - since.reader.grownMs);
      for (const sibling of findSiblings(this.#shared.files, this.spec.view, this.path)) {
        if (isSameIdentity(sibling.info, info) || this.#knows(sibling.info)) continue;
        if (sibling.info.modifiedMs >= sinceMs - 1000) {
          this.#openNew(sibling.path, sibling.info, () => ({ done: this.#zeros() }), false);
        }
      }
    }
    this.#openNew(this.path, info, this.#fromSaved(info));
  }

  /** Where this very file was left, when it was read before and still holds the same bytes; else its begin. */
  #fromSaved(info: FileInfo): (file: OpenFile, flusher: string) => Resume {
    const rows = this.#shared.saved.get(this.#sourceKey()) ?? [];
    return (file, flusher) => {
      const row = rows.find(({ key }) => key.flusher === flusher && isSameIdentity(key, info));
      return row !== undefined && holdsSaved(file, row)
        ? Lane.startOf(row, this.#zeros().length)
        : { done: this.#zeros() };
    };
  }

  #knows(info: { device: number; inode: number }): boolean {
    return this.generations.some((generation) => isSameFile(generation.reader, info)) ||
      this.#shared.readers.has(`${info.device}:${info.inode}`);
  }

  #zeros(): number[] {
    return new Array<number>(streamCount(this.spec.framing)).fill(0);
  }

  #firstContact(file: OpenFile, info: FileInfo, firstLook: boolean): Resume {
    const { store, arena, firstRun, fromStart } = this.#shared;
    const pipelineSeenMs = store.firstSeenMs(this.spec.pipeline);
    const offset = firstOffset({
      birth: store.birth,
      firstRun,
      firstLook,
      originCreatedMs: this.spec.originCreatedMs,
      pipelineSeenMs,
      pipelineNew: pipelineSeenMs >= this.#shared.startedMs,
      modifiedMs: info.modifiedMs,
      sizeBytes: info.sizeBytes,
      tailBytesMax: this.spec.firstContact.tailBytesMax,
      written: this.spec.firstContact.written,
      fromStart,
    });
    const at = alignToLine(file, offset, arena);
    if (at > 0) this.#shared.losses.book("first_contact", this.spec.label, this.path, at);
    return { done: this.#zeros().fill(at) };
  }

  /** Opens one generation and a lane per flusher on it. */
  #openNew(
    path: string,
    info: FileInfo,
    start: (file: OpenFile, flusher: string) => Resume,
    current = true,
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
    const previous = this.generations.at(-1);
    const lanes = this.spec.flushers.map((flusher, i) => {
      const resume = this.#shared.withFile(reader, (file) => start(file, flusher)) ?? { done: this.#zeros() };
      const assembler = makeAssembler(this.spec.framing, this.#shared.keys, this.#shared.held, {
        read: (into, begin, length, at) =>
          this.#shared.withFile(reader, (f) => f.read(into, begin, length, at)) ?? 0,
      });
      const lane = new Lane(
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
      const older = previous?.lanes[i] ?? null;
      if (older !== null && !older.closed) {
        lane.older = older;
        // It must be seen at its end once more, now that the younger one is there.
        older.atEnd = false;
      }
      return lane;
    });
    this.generations.push({ reader, lanes, path, current });
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
    if (!generation.lanes.every((lane) => lane.closed || lane.atEnd)) return false;
    if (
      index > 0 && this.generations.slice(0, index).some((older) => older.lanes.some((lane) => !lane.closed))
    ) {
      return false;
    }
    return nowMs - generation.reader.grownMs >= QUIET_MS;
  }

  /** At its end and quiet: what is held is sent; dropped when settled. Returns whether it was dropped. */
  #endGeneration(generation: Generation, index: number, nowMs: number): boolean {
    for (const lane of generation.lanes) {
      if (!lane.closed) this.#shared.endLane(generation.reader, lane, nowMs);
    }
    if (!generation.lanes.every((lane) => lane.closed)) return false;
    this.#drop(index);
    return true;
  }

  #drop(index: number): void {
    const [generation] = this.generations.splice(index, 1);
    for (const lane of generation.lanes) lane.close();
    this.#owner.ended(generation.reader);
    this.#shared.release(generation.reader, this);
    const younger = this.generations[index];
    for (const lane of younger?.lanes ?? []) lane.older = null;
  }
}

function isSameIdentity(a: { device: number; inode: number }, b: { device: number; inode: number }): boolean {
  return a.device === b.device && a.inode === b.inode;
}

function isSameFile(reader: FileReader, info: { device: number; inode: number }): boolean {
  return reader.device === info.device && reader.inode === info.inode;
}

/** Fills the lane's anchor from the file, so that its first read is checked like any other. */
function seedAnchor(lane: Lane, file: OpenFile): void {
  const length = readAnchor(file, lane.cursor).length;
  lane.anchorLength = length === 0 ? 0 : file.read(lane.anchor, 0, length, lane.cursor - length);
}
