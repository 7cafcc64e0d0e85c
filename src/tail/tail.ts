import { makeBytes } from "../base/buffers.ts";
import { Batch } from "../core/batch.ts";
import type { CheckpointStore, LaneKey, SavedLane } from "../core/checkpoint.ts";
import { describeError } from "../core/errors.ts";
import type { Clock, Files, Timer } from "../core/host.ts";
import type { KeyTable } from "../core/keys.ts";
import { resumeAt } from "../core/ledger.ts";
import type { Follow, FollowSpec, TailPort } from "../core/tailing.ts";
import type { Log, Metrics } from "../core/telemetry.ts";
import { ArenaPool } from "./arena_pool.ts";
import { BlockedReaders } from "./blocked_readers.ts";
import { EarlyFiles, earlyRoots } from "./early_files.ts";
import type { FileReader, ReadTools, TurnResult } from "./file_reader.ts";
import { FramingCounts } from "./framing_counts.ts";
import { Glances } from "./glances.ts";
import { HeldBudget } from "./held_budget.ts";
import type { Lane } from "./lane.ts";
import { LineTable } from "./line_table.ts";
import { LookPace } from "./look_pace.ts";
import { LossLedger, type LossReason } from "./loss_ledger.ts";
import { LostFiles } from "./lost_files.ts";
import { PackedDesk } from "./packed_desk.ts";
import { ReadLimits } from "./read_limit.ts";
import { ReaderQueue } from "./reader_queue.ts";
import { ReaderTable } from "./reader_table.ts";
import { RememberedListings } from "./remembered_listings.ts";
import { RemoteLooks } from "./remote_looks.ts";
import { Refusals, type RefusedFiles } from "./refusals.ts";
import { SavedIndex } from "./saved_index.ts";
import { SavedSweep } from "./saved_sweep.ts";
import { savedRow, Saver } from "./saver.ts";
import type { SourcePath } from "./source_path.ts";
import type { TailShared } from "./tail_shared.ts";
import { Target } from "./target.ts";
import { TurnQueue } from "./turn_queue.ts";
import { Undelivered } from "./undelivered.ts";

/** Open files are polled this often: the read at the end of the file is itself the poll. */
export const POLL_MS = 100;
/** Files that were not written for this long are polled every `IDLE_POLLS`-th time only, if there are many. */
const BUSY_FOR_MS = 60_000;
const IDLE_POLLS = 10;
/** Slow (remote) files that are read at the same time. */
const SLOW_READS_MAX = 2;
/** After a failed read the file rests: this long at first, twice as long each time. */
const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;

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
  /** Polls as with many files, however few there are; for tests. */
  readonly pollsAsMany?: boolean;
  /** Bytes read at a time when not the usual ones; for tests, which want their boundaries hit. */
  readonly chunkBytes?: number;
  /** Told of lanes whose resume points are of no use any more. */
  readonly forgotten?: (key: LaneKey) => void;
  /** Whether the flusher of a lane keeps its resume points itself, beside the store. */
  readonly keptElsewhere?: (key: LaneKey) => boolean;
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
  readonly #saved: SavedIndex;
  readonly #sweep: SavedSweep;
  readonly #readers: ReaderTable;
  readonly #early: EarlyFiles;
  readonly #desk: PackedDesk;
  readonly #targets: Set<Target> = new Set();
  readonly #due: TurnQueue<SourcePath> = new TurnQueue();
  readonly #ready: ReaderQueue = new ReaderQueue();
  readonly #glances = new Glances();
  readonly #blocked: BlockedReaders = new BlockedReaders();
  readonly #slowReady: TurnQueue<FileReader> = new TurnQueue();
  readonly #refusals: Refusals;
  readonly #lost: LostFiles;
  readonly #undelivered: Undelivered;
  #slowReads = 0;
  #followed = 0;
  #turn: Timer | null = null;
  #poll: Timer | null = null;
  #polls = 0;
  readonly #lookPace: LookPace;
  readonly #remote: RemoteLooks;
  /** Those with files that were written lately. */
  readonly #busy: Set<SourcePath> = new Set();
  #stopped = false;

  constructor(given: TailOptions) {
    const options = { ...given, files: new RememberedListings(given.files, given.clock) };
    const { clock, store, log, metrics, keys } = options;
    this.#options = options;
    this.#lookPace = new LookPace(POLL_MS, given.pollsAsMany === true);
    this.#remote = new RemoteLooks(options.files);
    this.losses = new LossLedger(log, metrics);
    this.#refusals = new Refusals(log, metrics);
    this.#saved = new SavedIndex(store.load());
    this.#readers = new ReaderTable(options.files, clock);
    this.#early = new EarlyFiles(given.files, clock, this.#readers);
    this.#desk = new PackedDesk(clock, () => given.files.inflater(), () => given.pace.waitMs());
    this.#saver = new Saver(store, clock, log, metrics, this.#saved, given.forgotten);
    this.#sweep = new SavedSweep(this.#saved, options.files, clock, this.#readers, this.#saver, this.losses);
    this.#tools = {
      arenas: new ArenaPool(given.chunkBytes),
      table: new LineTable(),
      batch: new Batch(keys),
      clock,
      bytesRead: metrics.counter("denotail_read_bytes_total", "Bytes of log files that were taken."),
      recordsRead: metrics.counter("denotail_read_records_total", "Records made of them."),
      counts: new FramingCounts(this.losses, metrics),
    };
    this.#undelivered = new Undelivered(
      this.#readers,
      this.#saver,
      this.#saved,
      this.losses,
      clock,
      options.keptElsewhere ?? (() => false),
    );
    this.#lost = new LostFiles({
      files: options.files,
      readers: this.#readers,
      saved: this.#saved,
      saver: this.#saver,
      losses: this.losses,
      tools: this.#tools,
      goOn: (reader) => {
        this.#ready.add(reader);
        this.#requestTurn(0);
      },
    }, metrics);
    this.#shared = this.#makeShared();
    metrics.observe("denotail_open_files", "Log files held open.", () => this.#readers.size);
    metrics.observe(
      "denotail_backlog_bytes",
      "Bytes seen in log files and not taken yet.",
      () => this.backlogBytes(),
    );
    metrics.observe(
      "denotail_limited_backlog_bytes",
      "The part of the backlog that waits because of MaxReadBytesPerSecond.",
      () => this.#limitedBytes(),
    );
    metrics.observe(
      "denotail_deleted_bytes",
      "Bytes of deleted log files that are held open to be read to their end.",
      () => this.#lost.deletedBytes,
    );
  }

  /** Begins to poll. */
  start(): void {
    if (this.#poll !== null || this.#stopped) return;
    // All at once, so that targets of the same file share its first read.
    for (const target of this.#targets) this.#queueTarget(target, this.#options.clock.monotonicMs());
    this.#pollLater(0);
  }

  /**
   * Opens log files of containers as they appear below the host root, and holds them until somebody follows them: a
   * container may be gone before discovery has seen it. `appeared` is called for each such file.
   */
  holdEarly(hostRoot: string, appeared: () => void): void {
    this.#early.watch(earlyRoots(hostRoot), appeared);
  }

  follow(spec: FollowSpec): Follow {
    this.#saver.flush();
    this.#options.store.firstSeenMs(spec.pipeline);
    const target = new Target(spec, this.#shared, this.#followed++);
    this.#targets.add(target);
    if (this.#poll !== null) this.#queueTarget(target, this.#options.clock.monotonicMs());
    this.#requestTurn(0);
    return target;
  }

  /** Resume points that a flusher has kept itself; before its lanes are followed. */
  restore(lanes: readonly SavedLane[]): void {
    for (const lane of lanes) this.#saved.restore(lane);
  }

  /** Room appeared behind lanes that had none. */
  wake(): void {
    if (this.#blocked.ask(false)) this.#requestTurn(0);
  }

  /** No new files, no new turns. What was pushed still settles and is still saved. */
  stopReading(): void {
    this.#stopped = true;
    this.#early.stop();
    this.#desk.stop();
    this.#turn?.cancel();
    this.#poll?.cancel();
    this.#turn = this.#poll = null;
  }

  /** The last save, of what is settled by now; what ends with the agent is booked. False when the disk refused. */
  save(): boolean {
    this.#undelivered.end();
    return this.#saver.flush();
  }

  /** Closes all files; after `stopReading` and the last `save`. */
  close(): void {
    this.#saver.stop();
    this.losses.sumUp();
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
    for (const reader of this.#readers.values()) bytes += reader.unreadBytes;
    return bytes;
  }

  /** Bytes seen and not taken of lanes that may not read as fast as they could. */
  #limitedBytes(): number {
    let bytes = 0;
    for (const reader of this.#readers.values()) {
      if (reader.lanes.some(({ closed, info }) => !closed && info.limit !== undefined)) {
        bytes += reader.unreadBytes;
      }
    }
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
    this.#glances.begin(nowMs);
    if (this.#polls++ % IDLE_POLLS === 0) this.#countPaths();
    for (const target of this.#targets) {
      if (this.#lookPace.few || target.urgent || (target.phase + this.#polls) % IDLE_POLLS === 0) {
        this.#visit(target, nowMs);
      }
    }
    for (const source of this.#busy) {
      if (source.busy(nowMs, BUSY_FOR_MS)) this.#due.add(source);
      else this.#busy.delete(source);
    }
    if (this.#polls % IDLE_POLLS === 0) this.#tidy(nowMs);
    if (this.#blocked.ask(true) || this.#due.size > 0 || this.#ready.size > 0) this.#requestTurn(0);
  }

  /** Looks at all of a target. */
  #visit(target: Target, nowMs: number): void {
    this.#queueTarget(target, nowMs);
    for (const source of target.sources.values()) this.#due.add(source);
    if (!target.done) return;
    target.close();
    this.#targets.delete(target);
  }

  #countPaths(): void {
    let paths = 0;
    for (const target of this.#targets) paths += target.sources.size;
    this.#lookPace.count(paths);
  }

  /** A line in a file that was quiet does not wait for the next poll while others have a backlog. */
  #glance(nowMs: number): void {
    this.#glances.begin(nowMs);
    if (!this.#lookPace.few) {
      for (const source of this.#busy) this.#glanceAt(source);
      return;
    }
    for (const target of this.#targets) for (const source of target.sources.values()) this.#glanceAt(source);
  }

  #glanceAt(source: SourcePath): void {
    const reader = source.current?.reader;
    if (reader !== undefined && !this.#ready.has(reader) && !this.#blocked.has(reader)) this.#due.add(source);
  }

  /** Once a second. */
  #tidy(nowMs: number): void {
    this.#lost.giveUpDeleted(this.#options.deletedBytesMax);
    this.#sweep.run();
    this.#undelivered.run(nowMs);
    this.#tools.arenas.trim(nowMs);
    this.#early.tidy(nowMs);
  }

  #queueTarget(target: Target, nowMs: number): void {
    const { select, view } = target.spec;
    const scan = () => this.#scan(target, this.#options.clock.monotonicMs());
    // Only folders are listed; an exact path is looked at as a source.
    if (select.kind === "glob" && this.#remote.putOff(target.reach, view, select.folder, nowMs, scan)) return;
    this.#scan(target, nowMs);
  }

  #scan(target: Target, nowMs: number): void {
    if (this.#stopped) return;
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
    const backlog = this.#ready.size > 0 || this.#blocked.asking;
    if (backlog && this.#glances.isDue(nowMs)) this.#glance(nowMs);
    // First where paths lead, so that all targets of a file share its reads from the first one on.
    while (nowMs < endMs) {
      const source = this.#due.take();
      if (source === undefined) break;
      this.#lookAt(source, nowMs);
      nowMs = clock.monotonicMs();
    }
    this.#glances.spent(nowMs - beginMs);
    // At least one file is read in each turn, however many paths there are to look at.
    let reader = pace.readingAllowed() ? this.#nextReader() : undefined;
    while (reader !== undefined && !this.#stopped) {
      this.#turnReader(reader, nowMs);
      nowMs = clock.monotonicMs();
      reader = nowMs < endMs ? this.#nextReader() : undefined;
    }
    const more = this.#due.size > 0 ||
      (this.#ready.size > 0 || this.#blocked.asking) && pace.readingAllowed();
    if (more) this.#requestTurn(0);
  }

  /** Those that waited for room come first, so that those that go on do not take all of it again. */
  #nextReader(): FileReader | undefined {
    return this.#blocked.next() ?? this.#ready.take();
  }

  /** Where does the path lead, is an old generation over, is there anything new. */
  #lookAt(source: SourcePath, nowMs: number): void {
    if (nowMs < source.retryAtMs) return;
    const look = () => {
      if (this.#stopped) return;
      this.#lookNow(source, this.#options.clock.monotonicMs());
      if (this.#ready.size > 0) this.#requestTurn(0);
    };
    if (this.#remote.putOff(source.reach, source.spec.view, source.path, nowMs, look)) return;
    this.#lookNow(source, nowMs);
  }

  #lookNow(source: SourcePath, nowMs: number): void {
    try {
      const isBusy = source.busy(nowMs, BUSY_FOR_MS);
      if (isBusy) this.#busy.add(source);
      if (!source.poll(nowMs, this.#lookPace.everyMs(isBusy))) return;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("BUG")) throw error;
      source.retryAtMs = nowMs + RETRY_MS;
      this.#sayFailed(source.path, error);
    }
    for (const { reader } of source.generations.all) if (!this.#blocked.has(reader)) this.#ready.add(reader);
  }

  #enqueue(reader: FileReader): void {
    this.#blocked.delete(reader);
    this.#ready.add(reader);
  }

  #turnReader(reader: FileReader, nowMs: number): void {
    if (!this.#readers.has(reader) || reader.reading || nowMs < reader.retryAtMs) return;
    if (!reader.slow) {
      const { writtenMs } = reader;
      const result = reader.turn(this.#tools);
      // It grew: polled often from now on.
      if (reader.writtenMs !== writtenMs) {
        for (const owner of this.#readers.ownersOf(reader)) this.#busy.add(owner);
      }
      return this.#afterTurn(reader, result);
    }
    if (this.#slowReads < SLOW_READS_MAX) this.#turnSlowly(reader);
    else this.#slowReady.add(reader);
  }

  #turnSlowly(reader: FileReader): void {
    this.#slowReads++;
    const goesOn = () => !this.#stopped && this.#readers.has(reader);
    const { touch } = this.#options.files;
    // What a turn asks of the file before it reads would wait on this thread: the server has to answer first.
    reader.reading = touch !== undefined;
    const turn = touch === undefined
      ? reader.turnSlowly(this.#tools, goesOn)
      : touch(reader.hostPath).then(() => {
        reader.reading = false;
        return goesOn() ? reader.turnSlowly(this.#tools, goesOn) : "waiting";
      });
    turn.then((result) => {
      this.#slowReads--;
      if (!this.#readers.has(reader)) this.#readers.closeIfReleased(reader);
      else if (!this.#stopped) this.#afterTurn(reader, result);
      // In the order in which they came, so that none waits for ever.
      const next = this.#stopped ? undefined : this.#slowReady.take();
      if (next !== undefined) this.#turnReader(next, this.#options.clock.monotonicMs());
    });
  }

  #afterTurn(reader: FileReader, result: TurnResult): void {
    const cutBytes = reader.takeCutBytes();
    if (cutBytes > 0) this.#book("truncated", reader, cutBytes);
    if (result === "more") {
      this.#ready.addAgain(reader);
      this.#requestTurn(0);
    } else if (result === "blocked") this.#blocked.add(reader);
    else if (result === "changed") this.#tryOther(reader, () => this.#lost.changed(reader));
    else if (result === "gone") this.#tryOther(reader, () => this.#lost.gone(reader));
    else if (result === "failed") this.#handleFailure(reader);
    else this.#passOn(reader, result);
  }

  /** Younger generations wait for the end of this one, or this one for older ones: they need not wait for a poll. */
  #passOn(reader: FileReader, result: TurnResult): void {
    if (!this.#readers.hasNeighbours(reader)) return;
    for (const owner of this.#readers.ownersOf(reader)) {
      for (const generation of owner.generations.all) {
        for (const lane of generation.lanes) {
          const { older, reader: younger } = lane;
          if (older === null || younger === null) continue;
          // One without anything to read goes on waiting: two targets may have empty files in opposite orders.
          const isOver = result === "end" && older.reader === reader && older.reachedEnd;
          if (isOver && lane.hasNews) this.#ready.add(younger);
          else if (result === "waiting" && younger === reader) {
            const { oldest } = older;
            if (oldest.reader !== null && !oldest.reachedEnd && oldest.info.output.room() > 0) {
              this.#ready.add(oldest.reader);
            }
          }
        }
      }
    }
    if (this.#ready.size > 0) this.#requestTurn(0);
  }

  // ---- what may happen to a file ------------------------------------------------------------------------------------

  /** What fails here is tried again: the reader finds the change once more, or the path is looked at. */
  #tryOther(reader: FileReader, job: () => void): void {
    try {
      job();
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("BUG")) throw error;
      reader.failure = error;
      this.#handleFailure(reader);
    }
  }

  #handleFailure(reader: FileReader): void {
    reader.retryMs = Math.min(RETRY_MS_MAX, Math.max(RETRY_MS, reader.retryMs * 2));
    reader.retryAtMs = this.#options.clock.monotonicMs() + reader.retryMs;
    if (reader.failure !== null) this.#sayFailed(reader.hostPath, reader.failure);
    reader.failure = null;
  }

  #sayFailed(path: string, error: unknown): void {
    this.#options.metrics.counter("denotail_read_failures_total", "Reads that failed.").value++;
    this.#options.log.warn("Reading failed, trying again", { path, error: describeError(error) });
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
      desk: this.#desk,
      limits: new ReadLimits(clock),
      arena: makeBytes(64 * 1024),
      readers: this.#readers.byKey,
      early: this.#early,
      startedMs: clock.wallMs(),
      firstRun: store.birth.kind === "first",
      acquire: (view, path, info, refused, facts) =>
        this.#readers.acquire(view, path, info, refused, {
          gone: (reader) => this.#lost.replace(reader, "vanished"),
          changed: (reader) => this.#lost.changed(reader),
          broke: (reader, bytes) => this.#broke(reader, bytes),
        }, facts && { facts, desk: this.#desk }),
      settle: (reader) => this.#lost.settle(reader),
      attach: (reader, source, lanes) => this.#attach(reader, source, lanes),
      release: (reader, source) => this.#release(reader, source),
      withFile: (reader, use) => reader.withFile(use),
      endLane: (reader, lane, nowMs) => this.#endLane(reader, lane, nowMs),
      moved: (lane) => this.#moved(lane),
      forget: (key) => this.#saver.remove(key),
      closed: (lane) => this.#closed(lane),
      refused: (refusal, label, path, detail) => this.#refusals.add(refusal, label, path, detail),
    };
  }

  #attach(reader: FileReader, source: SourcePath, lanes: readonly Lane[]): void {
    this.#readers.attach(reader, source, lanes);
    // A generation is known from the moment in which it was opened, also when nothing of it is delivered before the next
    // one is: what no row tells of was never seen.
    for (const lane of lanes) {
      const row = this.#saved.find(lane.key());
      if (row?.anchor.at !== lane.cursor || row.head.hash !== reader.head.hash) this.#saver.mark(lane);
    }
    this.#ready.add(reader);
    this.#requestTurn(0);
  }

  #release(reader: FileReader, source: SourcePath): void {
    if (!this.#readers.release(reader, source)) return;
    this.#ready.delete(reader);
    this.#slowReady.delete(reader);
    this.#blocked.delete(reader);
  }

  /** What a packed file promised cannot be unpacked. */
  #broke(reader: FileReader, bytes: number): void {
    this.#book("packed", reader, bytes);
    const label = reader.lanes[0]?.info.label ?? "";
    this.#refusals.add("packed_damaged", label, reader.hostPath, "Changed while it was unpacked");
    reader.diskBytes = Math.max(0, reader.diskBytes - bytes);
  }

  #book(reason: LossReason, reader: FileReader, bytes: number): void {
    this.losses.book(reason, reader.lanes[0]?.info.label ?? "", reader.hostPath, bytes);
  }

  #moved(lane: Lane): void {
    this.#saver.mark(lane);
    if (lane.closed && lane.ledger.openCount === 0) this.#readers.forgetLane(lane);
  }

  #closed(lane: Lane): void {
    const row = lane.abandoned ? null : savedRow(lane, this.#options.clock.wallMs());
    if (row !== null) this.#saved.note(row);
    if (lane.ledger.openCount === 0) this.#readers.forgetLane(lane);
  }

  #endLane(reader: FileReader, lane: Lane, nowMs: number): boolean {
    reader.final = true;
    if (!lane.reachedEnd || !lane.endTried) {
      // One more turn, in which an unterminated last line ends.
      lane.atEnd = false;
      this.#enqueue(reader);
      return false;
    }
    if (lane.info.output.room() <= 0) return false;
    if (reader.flushFinal(this.#tools, lane, nowMs)) lane.info.output.caughtUp();
    return lane.ledger.openCount === 0;
  }
}
