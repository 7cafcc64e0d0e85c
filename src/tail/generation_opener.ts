import type { FileInfo } from "../core/host.ts";
import { type Begin, Beginnings } from "./beginnings.ts";
import { CONTENT_HEAD_BYTES, contentKind } from "./content_kind.ts";
import type { FileReader } from "./file_reader.ts";
import type { Generation } from "./generations.ts";
import { fileKey, isSameFile } from "./identity.ts";
import { makeLanes } from "./make_lanes.ts";
import type { PackedFacts } from "./packed_survey.ts";
import { type PathLook, RESOLVE_EVERY_MS } from "./path_look.ts";
import { SiblingJudge } from "./sibling_judge.ts";
import type { Sibling } from "./siblings.ts";
import type { SourceOwner } from "./source_owner.ts";
import type { SourcePath } from "./source_path.ts";
import type { TailShared } from "./tail_shared.ts";

/**
 * Opens the generations of one path: which files they are, in which order, and where they begin. What is there at the
 * first look is the matter of {@linkcode FirstSight}.
 */
export class GenerationOpener {
  readonly begin: Beginnings;
  readonly judge: SiblingJudge;
  readonly #source: SourcePath;
  readonly #shared: TailShared;
  readonly #owner: SourceOwner;
  readonly #look: PathLook;
  readonly #nothingOpened: () => void;
  #owedAtMs = -Infinity;
  #settling = false;
  /** The file at the path that was passed over. */
  #passed = "";
  /** A file that is left out because of what it holds. */
  #skipped: { device: number; inode: number } | null = null;

  /** `nothingOpened`: a file was refused, and there is no other. */
  constructor(
    source: SourcePath,
    shared: TailShared,
    owner: SourceOwner,
    look: PathLook,
    nothingOpened: () => void,
  ) {
    this.#source = source;
    this.#shared = shared;
    this.#owner = owner;
    this.#look = look;
    this.#nothingOpened = nothingOpened;
    this.begin = new Beginnings(source.spec, source.path, shared);
    this.judge = new SiblingJudge(source.spec, source.path, shared, owner, this.begin);
  }

  get #all(): readonly Generation[] {
    return this.#source.generations.all;
  }

  /** Whether the file at the path is the one that is left out because of what it holds. */
  isSkipped(info: FileInfo): boolean {
    if (this.#skipped !== null && !isSameFile(this.#skipped, info)) this.#skipped = null;
    return this.#skipped !== null;
  }

  /** Another file is at the path. One that is passed over may still have pushed others aside. */
  openOther(info: FileInfo, sinceMs: number): void {
    const passed = this.#passed;
    if (!this.isPassed(info)) return this.openRotated(info, sinceMs);
    if (this.#passed === passed) return;
    this.openUnknown(this.judge.siblings(info), sinceMs);
  }

  /**
   * Whether the path leads to a file that the target has open under another path, that was read to its end, or that is
   * a rotated one of such a path: names of rotated files move on from one to the next.
   */
  isPassed(info: FileInfo): boolean {
    const state = `${fileKey(info)}:${info.sizeBytes}:${info.modifiedMs}`;
    if (state === this.#passed) return true;
    const { path } = this.#source;
    if (!this.isTaken({ path, info }) && !this.#owner.claimed({ path, info })) return false;
    this.#passed = state;
    return true;
  }

  /** A truncated file has other bytes now, and the path leads elsewhere: they are the next generation. */
  openNext(after: Generation, info: FileInfo): void {
    this.openNew(this.#source.path, info, this.begin.ofNews(info), { after });
  }

  /** Another file is at the path: rotations may have happened in between, so missed generations come first. */
  openRotated(info: FileInfo, sinceMs: number): void {
    const siblings = this.judge.siblings();
    this.openUnknown(siblings.filter((sibling) => !isSameFile(sibling.info, info)), sinceMs);
    const elders = this.judge.seen;
    this.judge.remember(siblings);
    this.openNew(this.#source.path, info, this.begin.ofNews(info), { current: true, elders });
  }

  /** Opens rotated generations that were made and renamed between two looks; see {@linkcode SiblingJudge.missed}. */
  openUnknown(siblings: readonly Sibling[], sinceMs: number): void {
    this.settleGenerations();
    for (const sibling of this.judge.missed(siblings, sinceMs, this.#all)) {
      if (this.isTaken(sibling) || this.judge.isCopyOfOpen(sibling, this.#all)) continue;
      const before = this.#all.length;
      this.openNew(sibling.path, sibling.info, this.begin.ofNews(sibling.info), {});
      this.judge.owe(sibling, this.#all.length === before);
    }
  }

  /** Tries missed generations again that could not be opened. */
  openOwed(info: FileInfo, nowMs: number): void {
    if (!this.judge.owes || nowMs < this.#owedAtMs) return;
    this.#owedAtMs = nowMs + RESOLVE_EVERY_MS;
    const owed = this.judge.missed(this.judge.siblings(info), Infinity, this.#all);
    if (owed.length === 0) this.judge.forgetOwed();
    else this.openUnknown(owed, Infinity);
  }

  /**
   * Before siblings are judged, each generation that was truncated finds its one copy among them: the others are no
   * copies, however much they begin as it did.
   */
  settleGenerations(): void {
    // What is opened meanwhile was looked at just now.
    if (this.#settling) return;
    this.#settling = true;
    try {
      for (const { reader } of [...this.#all]) this.#shared.settle(reader);
    } finally {
      this.#settling = false;
    }
  }

  /** Whether the target has a sibling open, or is done with it. */
  isTaken({ path, info }: Sibling): boolean {
    return this.#owner.follows(info) || this.#owner.consumed(path, info);
  }

  /**
   * Opens one generation and a lane per flusher on it. `current`: the path leads to it. `after`: the one it is the next
   * of, else it is the youngest.
   */
  openNew(
    path: string,
    info: FileInfo,
    begin: Begin,
    { current = false, after, packed, elders }: {
      current?: boolean;
      after?: Generation;
      packed?: PackedFacts;
      elders?: ReadonlySet<string>;
    },
  ): void {
    const reader = this.#shared.acquire(
      this.#source.spec.view,
      path,
      info,
      (refusal, detail) => this.#look.refuse(refusal, detail),
      packed,
    );
    if (reader === null) {
      if (this.#all.length === 0) this.#nothingOpened();
      return;
    }
    this.#look.opened();
    // A generation that was settled on the way may have led to it.
    const known = this.#source.generations.ofReader(reader);
    if (known !== undefined) {
      known.current ||= current;
      return;
    }
    if (this.#isUnfit(reader, path)) {
      if (current) this.#skipped = { device: reader.device, inode: reader.inode };
      this.#shared.release(reader, this.#source);
      return;
    }
    reader.noteDisk(info.sizeBytes, this.#shared.clock.monotonicMs());
    const lanes = makeLanes(this.#shared, reader, {
      spec: this.#source.spec,
      path: this.#source.path,
      target: this.#source.spec.open(this.#source.path, info),
      beginnings: this.begin,
      begin,
    });
    this.#source.generations.add({ reader, lanes, path, current, elders }, after);
    this.#shared.attach(reader, this.#source, lanes);
  }

  /** Whether the file is left out because of what it begins with; said once. */
  #isUnfit(reader: FileReader, path: string): boolean {
    if (this.#source.spec.skipBinary !== true) return false;
    const { arena } = this.#shared;
    const length = this.#shared.withFile(reader, (file) => file.read(arena, 0, CONTENT_HEAD_BYTES, 0)) ?? 0;
    const { kind, detail } = contentKind(arena, length, this.#source.spec.framing.encoding);
    if (kind !== "text") this.#shared.refused(kind, this.#source.spec.label, path, detail);
    return kind !== "text";
  }

  /** A file that was empty when it was opened is looked into before its first bytes are read. */
  lookInto(current: Generation, info: FileInfo): void {
    if (this.#source.spec.skipBinary !== true || info.sizeBytes === 0) return;
    if (current.lanes.some((lane) => lane.cursor > 0) || !this.#isUnfit(current.reader, this.#source.path)) {
      return;
    }
    this.#skipped = { device: info.device, inode: info.inode };
    for (const lane of current.lanes) lane.close();
  }
}
