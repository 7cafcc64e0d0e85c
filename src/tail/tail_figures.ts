import { resumeAt } from "../core/ledger.ts";
import type { Metrics } from "../core/telemetry.ts";
import type { LostFiles } from "./lost_files.ts";
import type { ReaderTable } from "./reader_table.ts";

/** What is said of the open files: for metrics, health and the stop. Nothing of it is kept, all is counted when asked for. */
export class TailFigures {
  readonly #readers: ReaderTable;

  constructor(readers: ReaderTable, lost: LostFiles, metrics: Metrics) {
    this.#readers = readers;
    metrics.observe("denotail_open_files", "Log files held open.", () => readers.held.count);
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
      () => lost.deletedBytes,
    );
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
}
