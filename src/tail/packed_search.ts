import { TimeParser } from "../base/rfc3339.ts";
import { makeInts } from "../base/buffers.ts";
import type { SavedLane } from "../core/checkpoint.ts";
import { describeError } from "../core/errors.ts";
import type { FileInfo } from "../core/host.ts";
import type { FollowSpec } from "../core/tailing.ts";
import type { Beginnings } from "./beginnings.ts";
import { fileKey, HEAD_BYTES_TELLING, isSameFile, unpackedOf } from "./identity.ts";
import { SLICE_BYTES } from "./packed_file.ts";
import { beginsAs, outsideOf, PackedSurvey, type SurveyResult } from "./packed_survey.ts";
import { decodeRuntimeLine, ROW, ROW_FLAGS, ROW_RAW, ROW_TIME, ROW_TIME_END } from "./runtime_lines.ts";
import type { SiblingJudge } from "./sibling_judge.ts";
import { findPacked, joinPath, type Sibling, splitPath, unpackedName } from "./siblings.ts";
import type { TailShared } from "./tail_shared.ts";

/** A stream that ends too early is perhaps still being written: a file that was quiet for this long is not. */
export const PACKING_MS = 10_000;
const AGAIN_MS = 1_000;
/** Packed files of one path that are looked into; more are no rotated ones of a log. */
export const PACKED_SIBLINGS_MAX = 256;

/** One file that is looked through. */
interface Look {
  readonly sibling: Sibling;
  readonly survey: PackedSurvey;
  /** When the unpacked file was written last, as the packer noted it; 0: it did not. */
  readonly modifiedMs: number;
  readonly isMissed: boolean;
}

/**
 * The search for packed generations of one path, before anything of it is opened. Only files are looked through that
 * begin like a saved one which is not beside the path any more, or that may have come and gone unseen; what is
 * delivered already is told by the length that the packer noted. Works in steps at the desk.
 */
export class PackedSearch {
  /** Files that may be read, as if they were unpacked. */
  readonly found: Sibling[] = [];
  /** Files that are packed in another way, damaged or too large. */
  readonly unread: Sibling[] = [];
  /** Saved lanes that had all of a file that is there packed. */
  readonly delivered: Set<SavedLane> = new Set();
  done = false;
  readonly #spec: FollowSpec;
  readonly #path: string;
  readonly #shared: TailShared;
  readonly #judge: SiblingJudge;
  readonly #missed: Set<string> = new Set();
  readonly #current: readonly SavedLane[];
  /** Saved lanes whose files are not where they were. */
  readonly #lost: readonly SavedLane[];
  /** Younger ones may have been missed. */
  readonly #newsMs: number;
  readonly #listed: string;
  #queue: Sibling[];
  #later: Sibling[] = [];
  #look: Look | null = null;

  /** `info`: the file at the path. */
  constructor(
    spec: FollowSpec,
    path: string,
    shared: TailShared,
    judge: SiblingJudge,
    begin: Beginnings,
    info: FileInfo | null,
  ) {
    this.#spec = spec;
    this.#path = path;
    this.#shared = shared;
    this.#judge = judge;
    this.#queue = this.#list();
    this.#listed = namesOf(this.#queue);
    this.#current = [];
    this.#lost = [];
    this.#newsMs = begin.newsMs;
    if (this.#queue.length === 0) {
      this.done = true;
      return;
    }
    const rows = begin.rows();
    if (info !== null) this.#current = begin.identical({ path, info });
    const there = new Set(this.#current);
    for (const sibling of judge.siblings(info)) for (const row of begin.identical(sibling)) there.add(row);
    this.#lost = rows.filter((row) => !there.has(row));
    // What was there while the agent ran was seen then.
    if (rows.length > 0) this.#newsMs = rows.reduce((ms, { savedMs }) => Math.max(ms, savedMs), -Infinity);
    shared.desk.add(() => this.#step());
  }

  /** Whether there is any packed file that counts. */
  get hasFound(): boolean {
    return this.found.length > 0 || this.unread.length > 0;
  }

  /** Whether a found file is younger than all that was seen of the path. */
  isMissed({ path }: Sibling): boolean {
    return this.#missed.has(path);
  }

  /** Whether the packed files that are there now are those that were looked at. */
  isCurrent(): boolean {
    return namesOf(this.#list()) === this.#listed;
  }

  #list(): Sibling[] {
    return findPacked(this.#shared.files, this.#spec.view, this.#path).slice(0, PACKED_SIBLINGS_MAX);
  }

  #step(): boolean {
    try {
      if (this.#look !== null) {
        const result = this.#look.survey.step(SLICE_BYTES);
        if (result !== null) this.#end(this.#look, result);
        return false;
      }
      const next = this.#queue.shift();
      if (next !== undefined) this.#begin(next);
      else return this.#finish();
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("BUG")) throw error;
      this.#refuse(this.#look?.sibling ?? null, "failed", describeError(error));
    }
    return false;
  }

  #finish(): boolean {
    if (this.#later.length === 0) this.done = true;
    else {
      this.#queue = this.#later;
      this.#later = [];
      this.#shared.desk.clock.after(AGAIN_MS, () => this.#shared.desk.add(() => this.#step()));
    }
    return true;
  }

  #begin(sibling: Sibling): void {
    const { files, desk } = this.#shared;
    const { view } = this.#spec;
    const { folder, name } = splitPath(sibling.path);
    const unpacked = unpackedName(name);
    // It is being packed, or was kept: then it is read as it is.
    const plain = unpacked === splitPath(this.#path).name
      ? null
      : files.resolve(view, joinPath(folder, unpacked));
    if (plain !== null && files.lstat(plain.path)?.kind === "file") return;
    if (!name.toLowerCase().endsWith(".gz")) {
      this.unread.push(sibling);
      return;
    }
    const opened = files.open(view, sibling.path);
    if ("refused" in opened) {
      if (opened.refused !== "missing") this.#refuse(sibling, opened.refused, opened.detail);
      return;
    }
    const survey = new PackedSurvey(opened.file, desk.inflater());
    let goesOn = false;
    try {
      const { modifiedMs, lengthMod32 } = outsideOf(opened.file);
      const stream = unpackedOf(sibling.info);
      const head = survey.head();
      const rows = this.#lost.filter((row) =>
        beginsAs(head, row.head) && (isSameFile(row.key, stream) || row.head.length >= HEAD_BYTES_TELLING)
      );
      if (this.#isDelivered(rows, lengthMod32)) return;
      const isMissed = (modifiedMs === 0 ? sibling.info.modifiedMs : modifiedMs + 999) >= this.#newsMs &&
        this.#judge.mayBeMissed(sibling, this.#current);
      if (rows.length === 0 && !isMissed) return;
      survey.want(rows.flatMap(({ anchor, done }) => [anchor.at, ...done]));
      this.#look = { sibling, survey, modifiedMs, isMissed };
      goesOn = true;
    } finally {
      if (!goesOn) survey.close();
    }
  }

  /** Whether a file of this length was delivered to its end, by all that read it. */
  #isDelivered(rows: readonly SavedLane[], lengthMod32: number): boolean {
    const isFull = ({ done }: SavedLane) => Math.min(...done) % 2 ** 32 === lengthMod32;
    const full = rows.filter((row) => isFull(row) && row.head.length > 0);
    if (full.length === 0) return false;
    const files = new Set(full.map(({ key }) => fileKey(key)));
    const own = rows.filter(({ key }) => files.has(fileKey(key)));
    if (!own.every(isFull)) return false;
    for (const row of own) this.delivered.add(row);
    return true;
  }

  #end({ sibling, survey, modifiedMs, isMissed }: Look, result: SurveyResult): void {
    const { path, info } = sibling;
    if (result === "damaged") return this.#refuse(sibling, "packed_damaged", "The gzip stream is damaged");
    if (result === "too_large") {
      return this.#refuse(sibling, "packed_too_large", "It unpacks to more than the limit");
    }
    this.#look = null;
    const facts = survey.facts();
    const last = survey.last();
    survey.close();
    if (result === "cut") {
      if (this.#shared.clock.wallMs() - info.modifiedMs < PACKING_MS) {
        const now = this.#infoOf(path);
        if (now !== null) this.#later.push({ path, info: now });
        return;
      }
      this.#shared.refused(
        "packed_cut",
        this.#spec.label,
        path,
        "The gzip stream has no end: read as far as it goes",
      );
    }
    if (facts.unpackedBytes === 0) return;
    const lineMs = this.#spec.framing.format === "runtime" ? lastTimeIn(last) : 0;
    const writtenMs = modifiedMs > 0 ? modifiedMs + 999 : lineMs > 0 ? lineMs : info.modifiedMs;
    if (isMissed && writtenMs >= this.#newsMs) this.#missed.add(path);
    const unpacked = { ...facts.info, sizeBytes: facts.unpackedBytes, modifiedMs: writtenMs };
    this.found.push({ path, info: unpackedOf(unpacked), packed: facts });
  }

  #refuse(sibling: Sibling | null, refusal: string, detail: string): void {
    this.#look?.survey.close();
    this.#look = null;
    if (sibling === null) return;
    this.unread.push(sibling);
    this.#shared.refused(refusal, this.#spec.label, sibling.path, detail);
  }

  #infoOf(path: string): FileInfo | null {
    const place = this.#shared.files.resolve(this.#spec.view, path);
    return place === null ? null : this.#shared.files.lstat(place.path);
  }
}

function namesOf(siblings: readonly Sibling[]): string {
  return siblings.map(({ path, info }) => `${path} ${fileKey(info)}`).sort().join("\n");
}

/** Time of the last line of a runtime's file, Unix milliseconds; 0 when no line tells. */
function lastTimeIn(bytes: Uint8Array): number {
  const row = makeInts(ROW);
  const times = new TimeParser();
  for (let end = bytes.length; end > 0;) {
    const begin = bytes.subarray(0, end).lastIndexOf(10) + 1;
    if (end > begin) {
      decodeRuntimeLine(bytes, begin, end, row, 0);
      const timeMs = (row[ROW_FLAGS] & ROW_RAW) !== 0
        ? 0
        : times.parse(bytes, row[ROW_TIME], row[ROW_TIME_END]);
      if (timeMs > 0) return timeMs;
    }
    end = begin - 1;
  }
  return 0;
}
