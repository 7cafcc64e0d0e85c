import { describeError } from "../core/errors.ts";
import type { Files } from "../core/host.ts";
import type { Log, Metrics } from "../core/telemetry.ts";
import { BlockedReaders } from "./blocked_readers.ts";
import type { FileReader, TurnResult } from "./file_reader.ts";
import type { LossLedger } from "./loss_ledger.ts";
import type { LostFiles } from "./lost_files.ts";
import type { ReadTools } from "./read_tools.ts";
import { ReaderQueue } from "./reader_queue.ts";
import type { ReaderTable } from "./reader_table.ts";
import type { SourcePath } from "./source_path.ts";
import { TurnQueue } from "./turn_queue.ts";
import type { TurnTimer } from "./turn_timer.ts";

/** Slow (remote) files that are read at the same time. */
const SLOW_READS_MAX = 2;
/** After a failed read the file rests: this long at first, twice as long each time. */
export const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;

/** What is read with, and who is told what was found. */
export interface ReaderTurnsParts {
  readonly files: Files;
  readonly readers: ReaderTable;
  readonly tools: ReadTools;
  readonly timer: TurnTimer;
  readonly lost: LostFiles;
  readonly losses: LossLedger;
  readonly log: Log;
  readonly metrics: Metrics;
  /** A file of the source grew. */
  grew(source: SourcePath): void;
}

/**
 * Which open file is read next, and what becomes of it: files with something to read, those without room, slow ones, and
 * those whose reading failed.
 */
export class ReaderTurns {
  readonly #parts: ReaderTurnsParts;
  readonly #ready: ReaderQueue = new ReaderQueue();
  readonly #blocked: BlockedReaders = new BlockedReaders();
  readonly #slowReady: TurnQueue<FileReader> = new TurnQueue();
  #slowReads = 0;

  constructor(parts: ReaderTurnsParts) {
    this.#parts = parts;
  }

  /** Whether a file is to be read. */
  get ready(): boolean {
    return this.#ready.size > 0;
  }

  /** The same, or there may be room for one that waits for it. */
  get waiting(): boolean {
    return this.#ready.size > 0 || this.#blocked.asking;
  }

  /** Whether the file waits for its turn or for room. */
  has(reader: FileReader): boolean {
    return this.#ready.has(reader) || this.#blocked.has(reader);
  }

  /** There may be something to read, if there is room. */
  add(reader: FileReader): void {
    if (!this.#blocked.has(reader)) this.#ready.add(reader);
  }

  /** The same, whether there was room or not. */
  enqueue(reader: FileReader): void {
    this.#blocked.delete(reader);
    this.#ready.add(reader);
  }

  /** There is something to read: at once. */
  goOn(reader: FileReader): void {
    this.#ready.add(reader);
    this.#parts.timer.request(0);
  }

  /** The file is closed. */
  delete(reader: FileReader): void {
    this.#ready.delete(reader);
    this.#slowReady.delete(reader);
    this.#blocked.delete(reader);
  }

  /** Room may have appeared: `all` are asked, or some in turn. Returns whether there are any that wait for it. */
  askBlocked(all: boolean): boolean {
    return this.#blocked.ask(all);
  }

  /** Reads until `endMs`, one file at least. */
  run(beginMs: number, endMs: number): void {
    const { timer, tools: { clock } } = this.#parts;
    let nowMs = beginMs;
    let reader = this.#nextReader();
    while (reader !== undefined && !timer.stopped) {
      this.#turnReader(reader, nowMs);
      nowMs = clock.monotonicMs();
      reader = nowMs < endMs ? this.#nextReader() : undefined;
    }
  }

  /** Those that waited for room come first, so that those that go on do not take all of it again. */
  #nextReader(): FileReader | undefined {
    return this.#blocked.next() ?? this.#ready.take();
  }

  #turnReader(reader: FileReader, nowMs: number): void {
    if (!this.#parts.readers.has(reader) || reader.reading || nowMs < reader.retryAtMs) return;
    if (!reader.slow) {
      const { writtenMs } = reader;
      const result = reader.turn(this.#parts.tools);
      // It grew: polled often from now on.
      if (reader.writtenMs !== writtenMs) {
        for (const owner of this.#parts.readers.ownersOf(reader)) this.#parts.grew(owner);
      }
      return this.#afterTurn(reader, result);
    }
    if (this.#slowReads < SLOW_READS_MAX) this.#turnSlowly(reader);
    else this.#slowReady.add(reader);
  }

  #turnSlowly(reader: FileReader): void {
    this.#slowReads++;
    const goesOn = () => !this.#parts.timer.stopped && this.#parts.readers.has(reader);
    const { touch } = this.#parts.files;
    // What a turn asks of the file before it reads would wait on this thread: the server has to answer first.
    reader.reading = touch !== undefined;
    const turn = touch === undefined
      ? reader.turnSlowly(this.#parts.tools, goesOn)
      : touch(reader.hostPath).then(() => {
        reader.reading = false;
        return goesOn() ? reader.turnSlowly(this.#parts.tools, goesOn) : "waiting";
      });
    turn.then((result) => {
      this.#slowReads--;
      if (!this.#parts.readers.has(reader)) this.#parts.readers.closeIfReleased(reader);
      else if (!this.#parts.timer.stopped) this.#afterTurn(reader, result);
      // In the order in which they came, so that none waits for ever.
      const next = this.#parts.timer.stopped ? undefined : this.#slowReady.take();
      if (next !== undefined) this.#turnReader(next, this.#parts.tools.clock.monotonicMs());
    });
  }

  #afterTurn(reader: FileReader, result: TurnResult): void {
    const cutBytes = reader.takeCutBytes();
    if (cutBytes > 0) {
      const label = reader.lanes[0]?.info.label ?? "";
      this.#parts.losses.book("truncated", label, reader.hostPath, cutBytes);
    }
    if (result === "more") {
      this.#ready.addAgain(reader);
      this.#parts.timer.request(0);
    } else if (result === "blocked") this.#blocked.add(reader);
    else if (result === "changed") this.#tryOther(reader, () => this.#parts.lost.changed(reader));
    else if (result === "gone") this.#tryOther(reader, () => this.#parts.lost.gone(reader));
    else if (result === "failed") this.#handleFailure(reader);
    else this.#passOn(reader, result);
  }

  /** Younger generations wait for the end of this one, or this one for older ones: they need not wait for a poll. */
  #passOn(reader: FileReader, result: TurnResult): void {
    if (!this.#parts.readers.hasNeighbours(reader)) return;
    for (const owner of this.#parts.readers.ownersOf(reader)) {
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
    if (this.#ready.size > 0) this.#parts.timer.request(0);
  }

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
    reader.retryAtMs = this.#parts.tools.clock.monotonicMs() + reader.retryMs;
    if (reader.failure !== null) this.sayFailed(reader.hostPath, reader.failure);
    reader.failure = null;
  }

  /** A file could not be read, or a path not be looked at. */
  sayFailed(path: string, error: unknown): void {
    this.#parts.metrics.counter("denotail_read_failures_total", "Reads that failed.").value++;
    this.#parts.log.warn("Reading failed, trying again", { path, error: describeError(error) });
  }
}
