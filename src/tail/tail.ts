import { Batch } from "../core/batch.ts";
import type { CheckpointStore, SavedLane } from "../core/checkpoint.ts";
import { describeError } from "../core/errors.ts";
import type { Clock, FileInfo, Files, OpenFile, PathView, Timer } from "../core/host.ts";
import type { KeyTable } from "../core/keys.ts";
import { resumeAt } from "../core/ledger.ts";
import type { Follow, FollowSpec, TailPort } from "../core/tailing.ts";
import type { Log, Metrics } from "../core/telemetry.ts";
import { CHUNK_BYTES, FileReader, makeArena, type ReadTools, type TurnResult } from "./file_reader.ts";
import { HeldBudget } from "./held_budget.ts";
import { holdsSaved } from "./identity.ts";
import type { Lane } from "./lane.ts";
import { LineTable } from "./line_table.ts";
import { LossLedger } from "./loss_ledger.ts";
import { Saver } from "./saver.ts";
import { findSiblings } from "./siblings.ts";
import { Refusals, type RefusedFiles } from "./refusals.ts";
import type { SourcePath } from "./source_path.ts";
import type { TailShared } from "./tail_shared.ts";
import { Target } from "./target.ts";

/** Open files are polled this often: the read at the end of the file is itself the poll. */
export const POLL_MS = 100;
/** Files without growth for this long are polled every `IDLE_POLLS`-th time only, if there are many. */
const BUSY_FOR_MS = 60_000;
const IDLE_POLLS = 10;
const FEW_SOURCES = 100;
/** Slow (remote) files that are read at the same time. */
const SLOW_READS_MAX = 2;

/** How long a turn may take and how long to wait before it; where CPU and memory limits act. */
export interface Pace {
  turnMs(): number;
  /** Milliseconds before the next turn may begin; asked again after that wait. */
  waitMs(): number;
  readingAllowed(): boolean;
}

/** What the tail needs to run. */
export interface TailOptions {
  readonly files: Files;
  readonly clock: Clock;
  readonly keys: KeyTable;
  readonly store: CheckpointStore;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly pace: Pace;
  readonly fromStart: boolean;
  /** Bytes of unfinished records cached agent-wide. */
  readonly heldBytesMax: number;
  /** Unread bytes of deleted files kept by open descriptors; above, the oldest is given up. */
  readonly deletedBytesMax: number;
}

/**
 * Follows files: looks where paths lead, reads what was appended, in turns of a few milliseconds with a real timer
 * in between, and saves how far everything is delivered. One reader per file, however many pipelines follow it.
 */
export class Tail implements TailPort {
  readonly losses: LossLedger;
  readonly #options: TailOptions;
  readonly #shared: TailShared;
  readonly #tools: ReadTools;
  readonly #saver: Saver;
  /** Saved lanes of earlier runs and of this one, so that a target followed again goes on where it was. */
  readonly #saved: Map<string, SavedLane[]> = new Map();
  readonly #readers: Map<string, FileReader> = new Map();
  readonly #owners: Map<FileReader, Set<SourcePath>> = new Map();
  readonly #targets: Set<Target> = new Set();
  readonly #due: Set<SourcePath> = new Set();
  readonly #ready: Set<FileReader> = new Set();
  readonly #blocked: Set<FileReader> = new Set();
  readonly #refusals: Refusals;
  #slowReads = 0;
  #turn: Timer | null = null;
  #poll: Timer | null = null;
  #polls = 0;
  #stopped = false;

  constructor(options: TailOptions) {
    const { clock, store, log, metrics, keys } = options;
    this.#options = options;
    this.losses = new LossLedger(log, metrics);
    this.#refusals = new Refusals(log, metrics);
    this.#saver = new Saver(store, clock, log, metrics, (row) => noteSaved(this.#saved, row));
    this.#tools = {
      arena: makeArena(CHUNK_BYTES),
      table: new LineTable(),
      batch: new Batch(keys),
      clock,
      bytesRead: metrics.counter("denotail_read_bytes_total", "Bytes of log files that were taken."),
      recordsRead: metrics.counter("denotail_read_records_total", "Records made of them."),
    };
    for (const row of store.load()) noteSaved(this.#saved, row);
    this.#shared = this.#makeShared();
    metrics.observe("denotail_open_files", "Log files held open.", () => this.#readers.size);
    metrics.observe(
      "denotail_backlog_bytes",
      "Bytes seen in log files and not taken yet.",
      () => this.backlogBytes(),
    );
  }

  /** Begins to poll. */
  start(): void {
    if (this.#poll === null && !this.#stopped) this.#pollLater(0);
  }

  follow(spec: FollowSpec): Follow {
    this.#saver.flush();
    const target = new Target(spec, this.#shared);
    this.#targets.add(target);
    if (this.#poll !== null) this.#queueTarget(target, this.#options.clock.monotonicMs());
    this.#requestTurn(0);
    return target;
  }

  /** Room appeared behind lanes that had none. */
  wake(): void {
    if (this.#blocked.size === 0) return;
    for (const reader of this.#blocked) this.#ready.add(reader);
    this.#blocked.clear();
    this.#requestTurn(0);
  }

  /** No new files, no new turns. What was pushed still settles and is still saved. */
  stopReading(): void {
    this.#stopped = true;
    this.#turn?.cancel();
    this.#poll?.cancel();
    this.#turn = this.#poll = null;
  }

  /** Saves what is settled now; false when the disk refused. */
  save(): boolean {
    return this.#saver.flush();
  }

  /** Closes all files; after `stopReading` and the last `save`. */
  close(): void {
    this.#saver.stop();
    for (const target of this.#targets) target.close();
    this.#targets.clear();
  }

  /** Why the last save was refused, "" when it went through. */
  get checkpointError(): string {
    return this.#saver.failure;
  }

  /** Bytes seen and not taken, of the lanes that are furthest behind. */
  backlogBytes(): number {
    let bytes = 0;
    for (const reader of this.#readers.values()) bytes += unread(reader);
    return bytes;
  }

  /** Bytes taken whose delivery is not settled, and bytes of records that are not complete yet. */
  unsettledBytes(): number {
    let bytes = 0;
    for (const reader of this.#readers.values()) {
      for (const lane of reader.lanes) if (!lane.closed) bytes += lane.cursor - resumeAt(lane.ledger.safe);
    }
    return bytes;
  }

  /** What is not read, by reason. */
  get refused(): ReadonlyMap<string, RefusedFiles> {
    return this.#refusals.byReason;
  }

  /** Open files by the label of their container, `host` for the host's. */
  openFiles(): ReadonlyMap<string, number> {
    const files = new Map<string, number>();
    for (const reader of this.#readers.values()) {
      const label = reader.lanes[0]?.info.label;
      if (label !== undefined) files.set(label, (files.get(label) ?? 0) + 1);
    }
    return files;
  }

  /** Files with data that lanes with room have not taken yet, and since when nothing was taken of them; for health. */
  waitingFiles(nowMs: number): { path: string; idleMs: number }[] {
    if (!this.#options.pace.readingAllowed()) return [];
    const waiting: { path: string; idleMs: number }[] = [];
    for (const reader of this.#readers.values()) {
      const behind = reader.lanes.some((lane) =>
        lane.eligible && lane.info.output.room() > 0 &&
        (reader.diskBytes > reader.sizeBytes || (!lane.atEnd && lane.cursor < reader.sizeBytes))
      );
      const idleMs = nowMs - Math.max(reader.progressMs, reader.waitingSinceMs);
      if (behind) waiting.push({ path: reader.hostPath, idleMs });
    }
    return waiting;
  }

  // ---- turns ------------------------------------------------------------------------------------------------------

  #pollLater(delayMs: number): void {
    this.#poll = this.#options.clock.after(delayMs, () => {
      this.#pollNow();
      this.#pollLater(POLL_MS);
    });
  }

  /** Everything that is due is looked at in the next turns; nothing is read here. */
  #pollNow(): void {
    const nowMs = this.#options.clock.monotonicMs();
    this.#polls++;
    let sources = 0;
    for (const target of this.#targets) sources += target.sources.size;
    let index = 0;
    for (const target of this.#targets) {
      this.#queueTarget(target, nowMs);
      for (const source of target.sources.values()) {
        const turn = (this.#polls + index++) % IDLE_POLLS === 0;
        if (sources <= FEW_SOURCES || turn || source.busy(nowMs, BUSY_FOR_MS)) this.#due.add(source);
      }
      if (target.done) {
        target.close();
        this.#targets.delete(target);
      }
    }
    if (this.#polls % IDLE_POLLS === 0) this.#giveUpDeleted();
    if (this.#due.size > 0 || this.#ready.size > 0) this.#requestTurn(0);
  }

  #queueTarget(target: Target, nowMs: number): void {
    const before = target.sources.size;
    target.scan(nowMs);
    if (target.sources.size !== before || target.firstLook) {
      for (const source of target.sources.values()) this.#due.add(source);
    }
  }

  #requestTurn(delayMs: number): void {
    if (this.#turn !== null || this.#stopped) return;
    this.#turn = this.#options.clock.after(delayMs, () => {
      this.#turn = null;
      this.#runTurn();
    });
  }

  #runTurn(): void {
    const { clock, pace } = this.#options;
    const waitMs = pace.waitMs();
    if (waitMs > 0) return this.#requestTurn(waitMs);
    const beginMs = clock.monotonicMs();
    const endMs = beginMs + pace.turnMs();
    let nowMs = beginMs;
    // First where paths lead, so that all targets of a file share its reads from the first one on.
    for (let source = first(this.#due); source !== undefined && nowMs < endMs; source = first(this.#due)) {
      this.#due.delete(source);
      this.#lookAt(source, nowMs);
      nowMs = clock.monotonicMs();
    }
    // At least one file is read in each turn, however many paths there are to look at.
    let reader = pace.readingAllowed() ? first(this.#ready) : undefined;
    while (reader !== undefined && !this.#stopped) {
      this.#ready.delete(reader);
      this.#turnReader(reader);
      nowMs = clock.monotonicMs();
      reader = nowMs < endMs ? first(this.#ready) : undefined;
    }
    if (this.#due.size > 0 || this.#ready.size > 0 && pace.readingAllowed()) {
      this.#requestTurn(0);
    }
  }

  /** Where does the path lead, is an old generation over, is there anything new. */
  #lookAt(source: SourcePath, nowMs: number): void {
    source.check(nowMs);
    source.tidy(nowMs);
    for (const generation of source.generations) this.#enqueue(generation.reader);
  }

  #enqueue(reader: FileReader): void {
    this.#blocked.delete(reader);
    this.#ready.add(reader);
  }

  #turnReader(reader: FileReader): void {
    if (!this.#readers.has(keyOf(reader))) return;
    if (!reader.slow) return this.#afterTurn(reader, reader.turn(this.#tools));
    if (this.#slowReads >= SLOW_READS_MAX) return;
    this.#slowReads++;
    reader.turnSlowly(this.#tools, makeArena(CHUNK_BYTES)).then((result) => {
      this.#slowReads--;
      if (!this.#stopped) this.#afterTurn(reader, result);
    });
  }

  #afterTurn(reader: FileReader, result: TurnResult): void {
    if (result === "more") {
      this.#ready.add(reader);
      this.#requestTurn(0);
    } else if (result === "blocked") this.#blocked.add(reader);
    else if (result === "changed") this.#handleChanged(reader);
    else if (result === "failed") this.#handleFailure(reader);
    else if (reader.head.length < 64) reader.noteHead();
  }

  // ---- what may happen to a file ------------------------------------------------------------------------------------

  /** Other bytes before the cursor: truncated. What was not read may be in a copy beside it (copytruncate). */
  #handleChanged(reader: FileReader): void {
    const owners = [...this.#owners.get(reader) ?? []];
    const copy = this.#findCopy(reader, owners[0]);
    this.#readers.delete(keyOf(reader));
    if (copy !== null) {
      reader.file?.close();
      reader.file = copy.file;
      reader.reopen = null;
      reader.inode = copy.inode;
      this.#readers.set(keyOf(reader), reader);
      this.#ready.add(reader);
    } else {
      const bytes = unread(reader);
      if (bytes > 0) this.losses.book("truncated", reader.lanes[0]?.info.label ?? "", reader.hostPath, bytes);
      for (const lane of reader.lanes) {
        lane.abandoned = true;
        lane.close();
      }
    }
    this.#options.metrics.counter("denotail_truncations_total", "Files that were truncated under the reader.")
      .value++;
    for (const owner of owners) owner.truncated(reader);
  }

  /** A sibling that holds the bytes this reader was at: same head, same bytes before the cursor. */
  #findCopy(reader: FileReader, owner: SourcePath | undefined): { file: OpenFile; inode: number } | null {
    const lane = reader.lanes.find((candidate) => !candidate.closed);
    if (owner === undefined || lane === undefined || reader.head.length === 0) return null;
    const { files } = this.#options;
    const proof = { head: reader.head, anchor: lane.savedAnchor() };
    for (const sibling of findSiblings(files, owner.spec.view, owner.path).reverse()) {
      if (this.#readers.has(`${sibling.info.device}:${sibling.info.inode}`)) continue;
      if (sibling.info.device !== reader.device || sibling.info.sizeBytes < lane.cursor) continue;
      const opened = files.open(owner.spec.view, sibling.path);
      if ("refused" in opened) continue;
      if (holdsSaved(opened.file, proof)) return { file: opened.file, inode: sibling.info.inode };
      opened.file.close();
    }
    return null;
  }

  #handleFailure(reader: FileReader): void {
    if (reader.failure === null) return;
    this.#options.metrics.counter("denotail_read_failures_total", "Reads that failed.").value++;
    this.#options.log.warn("Reading failed, trying again", {
      path: reader.hostPath,
      error: describeError(reader.failure),
    });
    reader.failure = null;
  }

  /** Deleted files that are held open pin disk space: above the limit the one furthest behind is given up. */
  #giveUpDeleted(): void {
    let pinned = 0;
    let worst: FileReader | null = null;
    for (const reader of this.#readers.values()) {
      if (unread(reader) === 0 || reader.file === null || reader.file.info().links > 0) continue;
      pinned += reader.sizeBytes;
      if (worst === null || unread(reader) > unread(worst)) worst = reader;
    }
    if (worst === null || pinned <= this.#options.deletedBytesMax) return;
    this.losses.book("held_limit", worst.lanes[0]?.info.label ?? "", worst.hostPath, unread(worst));
    for (const lane of worst.lanes) lane.close();
  }

  // ---- shared state -------------------------------------------------------------------------------------------------

  #makeShared(): TailShared {
    const { files, clock, keys, store, fromStart, heldBytesMax } = this.#options;
    return {
      files,
      clock,
      keys,
      store,
      fromStart,
      saved: this.#saved,
      held: new HeldBudget(heldBytesMax),
      losses: this.losses,
      arena: new Uint8Array(64 * 1024),
      readers: this.#readers,
      startedMs: clock.wallMs(),
      firstRun: store.birth.kind === "first",
      acquire: (view, path, info, refused) => this.#acquire(view, path, info, refused),
      attach: (reader, source, lanes) => this.#attach(reader, source, lanes),
      release: (reader, source) => this.#release(reader, source),
      withFile: (reader, use) => withFile(reader, use),
      endLane: (reader, lane, nowMs) => this.#endLane(reader, lane, nowMs),
      moved: (lane) => this.#saver.mark(lane),
      refused: (refusal, label, path, detail) => this.#refusals.add(refusal, label, path, detail),
    };
  }

  #acquire(
    view: PathView,
    path: string,
    info: FileInfo,
    refused: (refusal: string, detail: string) => void,
  ): FileReader | null {
    const known = this.#readers.get(`${info.device}:${info.inode}`);
    if (known !== undefined) return known;
    const { files, clock } = this.#options;
    const opened = files.open(view, path);
    if ("refused" in opened) {
      refused(opened.refused, opened.detail);
      return null;
    }
    const now = opened.file.info();
    const reader = new FileReader(opened.file, now.device, now.inode, clock.monotonicMs());
    if (this.#readers.has(keyOf(reader))) {
      opened.file.close();
      return this.#readers.get(keyOf(reader))!;
    }
    reader.slow = files.isRemote(opened.file.hostPath);
    reader.noteHead();
    if (!opened.mayStayOpen) {
      opened.file.close();
      reader.file = null;
      reader.reopen = () => {
        const again = files.open(view, path);
        return "refused" in again ? null : again.file;
      };
    }
    this.#readers.set(keyOf(reader), reader);
    return reader;
  }

  #attach(reader: FileReader, source: SourcePath, lanes: readonly Lane[]): void {
    for (const lane of lanes) lane.reader = reader;
    reader.lanes.push(...lanes);
    const owners = this.#owners.get(reader) ?? new Set();
    owners.add(source);
    this.#owners.set(reader, owners);
    this.#ready.add(reader);
    this.#requestTurn(0);
  }

  #release(reader: FileReader, source: SourcePath): void {
    this.#owners.get(reader)?.delete(source);
    reader.lanes = reader.lanes.filter((lane) => !lane.closed);
    if (reader.lanes.length > 0) return;
    reader.file?.close();
    reader.file = null;
    reader.reopen = null;
    if (this.#readers.get(keyOf(reader)) === reader) this.#readers.delete(keyOf(reader));
    this.#owners.delete(reader);
    this.#ready.delete(reader);
    this.#blocked.delete(reader);
  }

  #endLane(reader: FileReader, lane: Lane, nowMs: number): void {
    if (!reader.final) {
      // One more turn, in which an unterminated last line ends.
      reader.final = true;
      lane.atEnd = false;
      this.#enqueue(reader);
      return;
    }
    if (lane.info.output.room() <= 0) return;
    reader.flushFinal(this.#tools, lane, nowMs);
    lane.info.output.caughtUp();
    if (lane.ledger.openCount === 0) lane.close();
  }
}

function keyOf(reader: FileReader): string {
  return `${reader.device}:${reader.inode}`;
}

function first<T>(set: Set<T>): T | undefined {
  for (const item of set) return item;
  return undefined;
}

/** Bytes of the file that the lane furthest behind has not taken. */
function unread(reader: FileReader): number {
  let cursor = Infinity;
  for (const lane of reader.lanes) if (!lane.closed && lane.cursor < cursor) cursor = lane.cursor;
  return cursor === Infinity ? 0 : Math.max(0, Math.max(reader.sizeBytes, reader.diskBytes) - cursor);
}

function withFile<T>(reader: FileReader, use: (file: OpenFile) => T): T | null {
  if (reader.file !== null) return use(reader.file);
  const file = reader.reopen?.() ?? null;
  if (file === null) return null;
  try {
    return use(file);
  } finally {
    file.close();
  }
}

function noteSaved(index: Map<string, SavedLane[]>, row: SavedLane): void {
  const key = `${row.key.pipeline}\n${row.key.input}\n${row.key.source}`;
  const rows = index.get(key);
  if (rows === undefined) {
    index.set(key, [row]);
    return;
  }
  const { flusher, device, inode } = row.key;
  const same = rows.findIndex(({ key }) =>
    key.flusher === flusher && key.device === device && key.inode === inode
  );
  if (same < 0) rows.push(row);
  else rows[same] = row;
}
