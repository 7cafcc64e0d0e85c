import type { LaneKey } from "../core/checkpoint.ts";
import type { Clock } from "../core/host.ts";
import { resumeAt } from "../core/ledger.ts";
import type { FileReader } from "./file_reader.ts";
import type { Lane } from "./lane.ts";
import type { LossLedger } from "./loss_ledger.ts";
import type { ReaderTable } from "./reader_table.ts";
import type { SavedIndex } from "./saved_index.ts";
import type { Saver } from "./saver.ts";

/** How often the ends of files are saved that grow while nothing of them is delivered. */
const SEEN_SAVED_EVERY_MS = 10_000;

/**
 * What was seen of files and is not delivered, as far as the end of the agent is concerned: the next one can book only
 * what is saved, and deleted files end with this one.
 */
export class Undelivered {
  readonly #readers: ReaderTable;
  readonly #saver: Saver;
  readonly #saved: SavedIndex;
  readonly #losses: LossLedger;
  readonly #clock: Clock;
  readonly #isKeptElsewhere: (key: LaneKey) => boolean;
  #savedMs = 0;
  #isOver = false;

  /** `isKeptElsewhere`: of lanes whose flusher keeps resume points itself. */
  constructor(
    readers: ReaderTable,
    saver: Saver,
    saved: SavedIndex,
    losses: LossLedger,
    clock: Clock,
    isKeptElsewhere: (key: LaneKey) => boolean,
  ) {
    this.#isKeptElsewhere = isKeptElsewhere;
    this.#readers = readers;
    this.#saver = saver;
    this.#saved = saved;
    this.#losses = losses;
    this.#clock = clock;
  }

  /** Saves ends of files now and then: a kill comes without a word. */
  run(nowMs: number): void {
    if (nowMs - this.#savedMs < SEEN_SAVED_EVERY_MS) return;
    this.#savedMs = nowMs;
    for (const reader of this.#readers.values()) this.#noteSeen(reader);
  }

  /** Before the last save of an orderly end, when nothing is acknowledged any more. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const reader of [...this.#readers.values()]) {
      if (this.#isDeleted(reader)) this.#book(reader);
      this.#noteSeen(reader);
    }
  }

  /** A row is saved when something was delivered; a file that only grows would be known with the size it had then. */
  #noteSeen(reader: FileReader): void {
    const seenBytes = seenOf(reader);
    for (const lane of reader.lanes) {
      if (lane.closed || lane.abandoned) continue;
      const known = lane.row ?? this.#saved.find(lane.key());
      if ((known?.seenBytes ?? 0) < seenBytes) this.#saver.mark(lane);
    }
  }

  /** Whether the file is there only as long as it is open. */
  #isDeleted(reader: FileReader): boolean {
    // A server would be asked on this thread.
    if (reader.file === null || reader.slow) return false;
    try {
      const { links, sizeBytes } = reader.file.info();
      if (links > 0) return false;
      reader.noteDisk(sizeBytes, this.#clock.monotonicMs());
      return true;
    } catch {
      return false;
    }
  }

  #book(reader: FileReader): void {
    // A row that is kept elsewhere cannot be changed now: the next agent finds it, and books then.
    const lanes = reader.lanes.filter((lane) => !lane.abandoned && !this.#isKeptElsewhere(lane.key()));
    if (lanes.length === 0) return;
    const doneBytes = Math.min(...lanes.map(doneOf));
    const bytes = seenOf(reader) - doneBytes;
    if (bytes <= 0) return;
    this.#losses.book("vanished", lanes[0].info.label, reader.hostPath, bytes);
    // The next agent has nothing more to book. The row stays: a copy may be known by it.
    reader.sizeBytes = reader.diskBytes = doneBytes;
    for (const lane of lanes) this.#saver.mark(lane);
  }
}

function seenOf(reader: FileReader): number {
  return Math.max(reader.sizeBytes, reader.diskBytes);
}

function doneOf(lane: Lane): number {
  return resumeAt(lane.ledger.safe);
}
