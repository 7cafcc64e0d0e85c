import { makeBytes } from "../base/buffers.ts";
import { Batch } from "../core/batch.ts";
import type { SavedLane } from "../core/checkpoint.ts";
import type { Timer } from "../core/host.ts";
import type { Follow, FollowSpec, TailPort } from "../core/tailing.ts";
import { ArenaPool } from "./arena_pool.ts";
import { EarlyFiles, earlyRoots } from "./early_files.ts";
import type { FileReader } from "./file_reader.ts";
import { FramingCounts } from "./framing_counts.ts";
import { HeldBudget } from "./held_budget.ts";
import { LaneLife } from "./lane_life.ts";
import { LineTable } from "./line_table.ts";
import { Looks, POLL_MS } from "./looks.ts";
import { LossLedger } from "./loss_ledger.ts";
import { LostFiles } from "./lost_files.ts";
import { PackedDesk } from "./packed_desk.ts";
import { ReadLimits } from "./read_limit.ts";
import type { ReadTools } from "./read_tools.ts";
import { ReaderTable } from "./reader_table.ts";
import { ReaderTurns } from "./reader_turns.ts";
import { RememberedListings } from "./remembered_listings.ts";
import { Refusals, type RefusedFiles } from "./refusals.ts";
import { SavedIndex } from "./saved_index.ts";
import { SavedSweep } from "./saved_sweep.ts";
import { Saver } from "./saver.ts";
import type { TailShared } from "./tail_shared.ts";
import { TailFigures } from "./tail_figures.ts";
import type { TailOptions } from "./tail_options.ts";
import { Target } from "./target.ts";
import { TurnTimer } from "./turn_timer.ts";
import { Undelivered } from "./undelivered.ts";

/**
 * Follows files: looks where paths lead ({@linkcode Looks}), reads what was appended ({@linkcode ReaderTurns}), in turns
 * of a few milliseconds with a real timer in between, and saves how far everything is delivered. One reader per file,
 * however many pipelines follow it. Here the parts are put together, and each turn and each poll begins.
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
  readonly #refusals: Refusals;
  readonly #lost: LostFiles;
  readonly #undelivered: Undelivered;
  readonly #timer: TurnTimer;
  readonly #turns: ReaderTurns;
  readonly #looks: Looks;
  readonly #figures: TailFigures;
  #followed = 0;
  #poll: Timer | null = null;

  constructor(given: TailOptions) {
    const options = { ...given, files: new RememberedListings(given.files, given.clock) };
    const { clock, store, log, metrics, keys } = options;
    this.#options = options;
    this.#timer = new TurnTimer(clock, () => this.#runTurn());
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
      goOn: (reader) => this.#turns.goOn(reader),
    }, metrics);
    this.#turns = new ReaderTurns({
      files: options.files,
      readers: this.#readers,
      tools: this.#tools,
      timer: this.#timer,
      lost: this.#lost,
      losses: this.losses,
      log,
      metrics,
      grew: (source) => this.#looks.grew(source),
    });
    this.#looks = new Looks({
      files: options.files,
      clock,
      timer: this.#timer,
      turns: this.#turns,
      asMany: given.pollsAsMany === true,
    });
    this.#shared = this.#makeShared();
    this.#figures = new TailFigures(this.#readers, this.#lost, metrics);
  }

  /** Begins to poll. */
  start(): void {
    if (this.#poll !== null || this.#timer.stopped) return;
    // All at once, so that targets of the same file share its first read.
    this.#looks.start();
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
    this.#looks.add(target, this.#poll !== null);
    this.#timer.request(0);
    return target;
  }

  /** Resume points that a flusher has kept itself; before its lanes are followed. */
  restore(lanes: readonly SavedLane[]): void {
    for (const lane of lanes) this.#saved.restore(lane);
  }

  /** Room appeared behind lanes that had none. */
  wake(): void {
    if (this.#turns.askBlocked(false)) this.#timer.request(0);
  }

  /** No new files, no new turns. What was pushed still settles and is still saved. */
  stopReading(): void {
    this.#timer.stop();
    this.#early.stop();
    this.#desk.stop();
    this.#poll?.cancel();
    this.#poll = null;
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
    this.#looks.close();
  }

  /** Why the last save was refused, "" when it went through. */
  get checkpointError(): string {
    return this.#saver.failure;
  }

  /** Bytes seen and not taken, of the lanes that are furthest behind. */
  backlogBytes(): number {
    return this.#figures.backlogBytes();
  }

  /** Bytes taken whose delivery is not settled, and bytes of records that are not complete yet. */
  unsettledBytes(): number {
    return this.#figures.unsettledBytes();
  }

  /** What is not read, by reason. */
  get refused(): ReadonlyMap<string, RefusedFiles> {
    return this.#refusals.byReason;
  }

  /** Open files by the label of their container, `host` for the host's. */
  openFiles(): ReadonlyMap<string, number> {
    return this.#figures.openFiles();
  }

  /** Files with data that lanes with room have not taken yet, and since when nothing was taken of them; for health. */
  waitingFiles(nowMs: number): { path: string; idleMs: number }[] {
    return this.#options.pace.readingAllowed() ? this.#figures.waitingFiles(nowMs) : [];
  }

  // ---- turns ------------------------------------------------------------------------------------------------------

  #pollLater(delayMs: number): void {
    this.#poll = this.#options.clock.after(delayMs, () => {
      this.#pollNow();
      this.#pollLater(POLL_MS);
    });
  }

  /** Says what is due; nothing is looked at or read before the next turn. */
  #pollNow(): void {
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#looks.poll(nowMs)) this.#tidy(nowMs);
    if (this.#turns.askBlocked(true) || this.#looks.waiting || this.#turns.ready) this.#timer.request(0);
  }

  /** Once a second. */
  #tidy(nowMs: number): void {
    this.#lost.giveUpDeleted(this.#options.deletedBytesMax);
    this.#readers.held.makeRoom();
    this.#sweep.run();
    this.#undelivered.run(nowMs);
    this.#tools.arenas.trim(nowMs);
    this.#early.tidy(nowMs);
  }

  #runTurn(): void {
    const { clock, pace } = this.#options;
    const waitMs = pace.waitMs();
    if (waitMs > 0) return this.#timer.request(waitMs);
    const beginMs = clock.monotonicMs();
    const endMs = beginMs + pace.turnMs();
    // First where paths lead, so that all targets of a file share its reads from the first one on.
    const nowMs = this.#looks.run(beginMs, endMs, this.#turns.waiting);
    // At least one file is read in each turn, however many paths there are to look at.
    if (pace.readingAllowed()) this.#turns.run(nowMs, endMs);
    if (this.#looks.waiting || this.#turns.waiting && pace.readingAllowed()) this.#timer.request(0);
  }

  // ---- shared state -------------------------------------------------------------------------------------------------

  #makeShared(): TailShared {
    const { files, clock, keys, store, fromStart, heldBytesMax } = this.#options;
    const life = new LaneLife({
      readers: this.#readers,
      turns: this.#turns,
      tools: this.#tools,
      saver: this.#saver,
      saved: this.#saved,
    });
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
          crowded: () => this.#sayCrowded(),
        }, facts && { facts, desk: this.#desk }),
      settle: (reader) => this.#lost.settle(reader),
      attach: (reader, source, lanes) => life.attach(reader, source, lanes),
      release: (reader, source) => life.release(reader, source),
      withFile: (reader, use) => reader.withFile(use),
      endLane: (reader, lane, nowMs) => life.end(reader, lane, nowMs),
      moved: (lane) => life.moved(lane),
      forget: (key) => this.#saver.remove(key),
      closed: (lane) => life.closed(lane),
      refused: (refusal, label, path, detail) => this.#refusals.add(refusal, label, path, detail),
    };
  }

  #sayCrowded(): void {
    const message =
      "Too many files are open: quiet ones are opened for each read from now on, new ones wait for that";
    const remedy = "a higher limit of open files (LimitNOFILE= of the unit, or ulimit -n)";
    this.#options.log.warnOnce("too many open files", message, { remedy });
  }

  /** What a packed file promised cannot be unpacked. */
  #broke(reader: FileReader, bytes: number): void {
    const label = reader.lanes[0]?.info.label ?? "";
    this.losses.book("packed", label, reader.hostPath, bytes);
    this.#refusals.add("packed_damaged", label, reader.hostPath, "Changed while it was unpacked");
    reader.diskBytes = Math.max(0, reader.diskBytes - bytes);
  }
}
