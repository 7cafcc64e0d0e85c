import type { FileReader } from "./file_reader.ts";
import type { Lane } from "./lane.ts";
import type { ReadTools } from "./read_tools.ts";
import type { ReaderTable } from "./reader_table.ts";
import type { ReaderTurns } from "./reader_turns.ts";
import type { SavedIndex } from "./saved_index.ts";
import { savedRow, type Saver } from "./saver.ts";
import type { SourcePath } from "./source_path.ts";

/** What is told of lanes, and what ends them. */
export interface LaneLifeParts {
  readonly readers: ReaderTable;
  readonly turns: ReaderTurns;
  readonly tools: ReadTools;
  readonly saver: Saver;
  readonly saved: SavedIndex;
}

/** What becomes of lanes from the opening of their file to its end: when they are read, saved, over, and forgotten. */
export class LaneLife {
  readonly #parts: LaneLifeParts;

  constructor(parts: LaneLifeParts) {
    this.#parts = parts;
  }

  /** Lanes were made for a file that was opened. */
  attach(reader: FileReader, source: SourcePath, lanes: readonly Lane[]): void {
    this.#parts.readers.attach(reader, source, lanes);
    // A generation is known from the moment in which it was opened, also when nothing of it is delivered before the next
    // one is: what no row tells of was never seen.
    for (const lane of lanes) {
      const row = this.#parts.saved.find(lane.key());
      if (row?.anchor.at !== lane.cursor || row.head.hash !== reader.head.hash) this.#parts.saver.mark(lane);
    }
    this.#parts.turns.goOn(reader);
  }

  /** The source is done with its lanes on the file. */
  release(reader: FileReader, source: SourcePath): void {
    if (!this.#parts.readers.release(reader, source)) return;
    this.#parts.turns.delete(reader);
  }

  /** The safe resume point moved. */
  moved(lane: Lane): void {
    this.#parts.saver.mark(lane);
    if (lane.closed && lane.ledger.openCount === 0) this.#parts.readers.forgetLane(lane);
  }

  /** Where the lane was is remembered, also while the disk refuses to save. */
  closed(lane: Lane): void {
    const row = lane.abandoned ? null : savedRow(lane, this.#parts.tools.clock.wallMs());
    if (row !== null) this.#parts.saved.note(row);
    if (lane.ledger.openCount === 0) this.#parts.readers.forgetLane(lane);
  }

  /** Sends what the lane still holds; true once it has nothing to read, to send or to settle any more. */
  end(reader: FileReader, lane: Lane, nowMs: number): boolean {
    reader.final = true;
    if (!lane.reachedEnd || !lane.endTried) {
      // One more turn, in which an unterminated last line ends.
      lane.atEnd = false;
      this.#parts.turns.enqueue(reader);
      return false;
    }
    if (lane.info.output.room() <= 0) return false;
    if (reader.flushFinal(this.#parts.tools, lane, nowMs)) lane.info.output.caughtUp();
    return lane.ledger.openCount === 0;
  }
}
