import type { FileInfo, OpenFile } from "../core/host.ts";
import type { Cell, Metrics } from "../core/telemetry.ts";
import { type CopySearch, findCopy, type OpenedCopy } from "./copy_search.ts";
import type { FileReader } from "./file_reader.ts";
import { HEAD_BYTES_MAX } from "./identity.ts";
import type { LossLedger, LossReason } from "./loss_ledger.ts";
import type { ReadTools } from "./read_tools.ts";
import type { Saver } from "./saver.ts";
import type { SourcePath } from "./source_path.ts";

/** What is acted on and with. */
export interface LostFilesParts extends CopySearch {
  readonly saver: Saver;
  readonly losses: LossLedger;
  readonly tools: ReadTools;
  /** The reader has something to read. */
  goOn(reader: FileReader): void;
}

/** What becomes of files whose bytes are not what they were: truncated, deleted, held for too long. */
export class LostFiles {
  readonly #parts: LostFilesParts;
  readonly #truncations: Cell;
  /** Of deleted files that were open when they were counted last. */
  deletedBytes = 0;

  constructor(parts: LostFilesParts, metrics: Metrics) {
    this.#parts = parts;
    this.#truncations = metrics.counter(
      "denotail_truncations_total",
      "Files that were truncated under the reader.",
    );
  }

  /** Acts at once on a file that holds other bytes by now, or is gone. */
  settle(reader: FileReader): void {
    if (reader.reading || !this.#parts.readers.has(reader)) return;
    if (reader.withFile(() => true) === null) this.gone(reader);
    else if (!reader.isUnchanged()) this.changed(reader);
  }

  /** Other bytes before the cursor: truncated. */
  changed(reader: FileReader): void {
    this.replace(reader, "truncated");
    this.#truncations.value++;
  }

  /** A file that may not stay open was deleted: nothing more can be read of it. */
  gone(reader: FileReader): void {
    // As long as the path leads there it may be a matter of the moment.
    if (this.#parts.readers.ownersOf(reader).some((owner) => owner.leadsTo(reader))) return;
    this.replace(reader, "vanished");
  }

  /**
   * The bytes that a reader was at are not in its file any more. What was not read may be in a copy beside it
   * (copytruncate); what the file holds by now is read by another reader.
   */
  replace(reader: FileReader, reason: LossReason): void {
    const owners = this.#parts.readers.ownersOf(reader);
    const was = { device: reader.device, inode: reader.inode };
    const found = this.#isOver(reader, reason) ? null : findCopy(reader, owners, this.#parts);
    // Also a file that was rotated or deleted since then still has its new bytes.
    const next = this.#parts.readers.succeed(reader);
    this.#parts.readers.forget(reader);
    let goesOn: FileReader | null = null;
    if (found === null) this.#giveUp(reader, reason);
    else {
      goesOn = "reader" in found ? this.#joinCopy(reader, owners, found.reader) : this.#goOnIn(reader, found);
      // Known by its own identity from now on, so that nobody reads it again.
      for (const lane of goesOn.lanes) if (!lane.closed) this.#parts.saver.mark(lane);
      this.#parts.goOn(goesOn);
    }
    for (const owner of owners) {
      owner.truncated(owner.generations.reads(reader) ? reader : goesOn!, was, next?.info ?? null);
    }
    if (next !== null) this.#parts.readers.dropUnused(next.reader);
  }

  /** A short rotated file was deleted after it was read. Many begin with the same lines: what looks like its copy is none. */
  #isOver(reader: FileReader, reason: LossReason): boolean {
    return reason === "vanished" && reader.unreadBytes === 0 && reader.head.length < HEAD_BYTES_MAX &&
      !this.#parts.readers.ownersOf(reader).some(({ generations }) =>
        generations.all.at(-1)?.reader === reader
      );
  }

  /** Nothing more of the file can be read: what is held is sent as it is, what was not read is booked. */
  #giveUp(reader: FileReader, reason: LossReason): void {
    const bytes = reader.unreadBytes;
    if (bytes > 0) this.#parts.losses.book(reason, reader.lanes[0]?.info.label ?? "", reader.hostPath, bytes);
    this.#end(reader);
  }

  #end(reader: FileReader): void {
    reader.lost = true;
    const nowMs = this.#parts.tools.clock.monotonicMs();
    for (const lane of reader.lanes) {
      if (lane.closed) continue;
      reader.flushFinal(this.#parts.tools, lane, nowMs);
      lane.abandoned = true;
      lane.close();
    }
  }

  /** The reader goes on in the copy. */
  #goOnIn(reader: FileReader, copy: OpenedCopy): FileReader {
    this.#parts.readers.moveTo(reader, copy.file, copy.inode, copy.reopen);
    return reader;
  }

  /** The copy is read already, by another target: the lanes go on there. */
  #joinCopy(reader: FileReader, owners: readonly SourcePath[], copy: FileReader): FileReader {
    for (const owner of owners) {
      // One that found the copy by itself reads it from its begin.
      if (owner.generations.reads(copy)) continue;
      this.#parts.readers.join(reader, owner, copy);
      owner.generations.move(reader, copy);
    }
    this.#end(reader);
    return copy;
  }

  /**
   * Deleted files that are held open pin disk space: above the limit those that were written longest ago are given up.
   * Files that a path leads to are not asked: they are not deleted.
   */
  giveUpDeleted(bytesMax: number): void {
    const deleted: { readonly reader: FileReader; readonly info: FileInfo }[] = [];
    let bytes = 0;
    for (const reader of this.#parts.readers.values()) {
      if (reader.file === null || reader.lanes.length === 0 || this.#isCurrent(reader)) continue;
      // A server would be asked on this thread, and it is not the node's disk.
      if (reader.slow && !reader.isPacked) continue;
      const info = infoOf(reader.file);
      if (info === null || info.links > 0) continue;
      // Its writer may go on.
      reader.noteDisk(info.sizeBytes, this.#parts.tools.clock.monotonicMs());
      bytes += info.sizeBytes;
      deleted.push({ reader, info });
    }
    if (bytes > bytesMax) {
      deleted.sort((a, b) => a.info.modifiedMs - b.info.modifiedMs);
      for (const { reader, info } of deleted) {
        if (bytes <= bytesMax) break;
        bytes -= info.sizeBytes;
        for (const lane of reader.lanes) if (!lane.closed) this.#parts.saver.remove(lane.key());
        this.#giveUp(reader, "held_limit");
      }
    }
    this.deletedBytes = bytes;
  }

  #isCurrent(reader: FileReader): boolean {
    for (const owner of this.#parts.readers.ownersOf(reader)) {
      if (owner.current?.reader === reader) return true;
    }
    return false;
  }
}

/** `null` where the file system cannot say now (a remote one that was served anew). */
function infoOf(file: OpenFile): FileInfo | null {
  try {
    return file.info();
  } catch {
    return null;
  }
}
