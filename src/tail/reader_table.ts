import type { Clock, FileIdentity, FileInfo, Files, OpenFile, PathView } from "../core/host.ts";
import { describeError } from "../core/errors.ts";
import { FileReader } from "./file_reader.ts";
import { HeldFiles } from "./held_files.ts";
import { fileKey } from "./identity.ts";
import type { Lane } from "./lane.ts";
import type { PackedDesk } from "./packed_desk.ts";
import { openSibling, PackedFile } from "./packed_file.ts";
import type { PackedFacts } from "./packed_survey.ts";
import { laneKey } from "./saved_index.ts";
import { openAgain, openLooked } from "./open_looked.ts";
import type { SourcePath } from "./source_path.ts";

const NOBODY: readonly SourcePath[] = [];

/** What is found out about files when they are opened, or later. */
export interface LateFindings {
  gone(reader: FileReader): void;
  changed(reader: FileReader): void;
  broke(reader: FileReader, bytes: number): void;
  /** No more files may be open. */
  crowded(): void;
}

/** The open files: one reader for each device and inode, whoever follows it. */
export class ReaderTable {
  readonly held: HeldFiles;
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #byKey: Map<string, FileReader> = new Map();
  /** Mostly one. */
  readonly #owners: Map<FileReader, readonly SourcePath[]> = new Map();
  /** The newest lane of each identity; only that one is saved. */
  readonly #lanes: Map<string, Lane> = new Map();
  #attached = 0;

  constructor(files: Files, clock: Clock) {
    this.#files = files;
    this.#clock = clock;
    this.held = new HeldFiles(files, this);
  }

  get size(): number {
    return this.#byKey.size;
  }

  get byKey(): ReadonlyMap<string, FileReader> {
    return this.#byKey;
  }

  values(): IterableIterator<FileReader> {
    return this.#byKey.values();
  }

  /** Whether this reader is the one of its file. */
  has(reader: FileReader): boolean {
    return this.#byKey.get(reader.key) === reader;
  }

  ownersOf(reader: FileReader): readonly SourcePath[] {
    return this.#owners.get(reader) ?? NOBODY;
  }

  /** Whether another generation is before or behind the file in one of its sources. */
  hasNeighbours(reader: FileReader): boolean {
    const owners = this.#owners.get(reader);
    if (owners !== undefined) {
      for (const owner of owners) {
        if (owner.generations.all.length > 1) return true;
      }
    }
    return false;
  }

  /**
   * The reader of a file, made when there is none; `null` when the file was refused. `gone` is called for a reader whose
   * file is not there any more and whose inode number this file has now; `changed` for one whose file holds other bytes
   * by now, which those who come only now must not share; `broke` for one of a packed file that cannot be unpacked to
   * its end. `packed`: what a look through a packed file found.
   */
  acquire(
    view: PathView,
    path: string,
    info: FileInfo,
    refused: (refusal: string, detail: string) => void,
    late: LateFindings,
    packed?: { readonly facts: PackedFacts; readonly desk: PackedDesk },
  ): FileReader | null {
    const known = this.#byKey.get(fileKey(info));
    if (known !== undefined) {
      // An open descriptor keeps its inode number from being given away; a file that may not stay open does not.
      const isThere = known.file !== null || known.withFile(() => true) === true;
      if (isThere && (known.reading || known.isUnchanged())) return known;
      if (isThere) late.changed(known);
      else late.gone(known);
      const next = this.#byKey.get(fileKey(info));
      if (next !== undefined) return next;
    }
    const open = () =>
      packed === undefined
        ? openLooked(this.#files, view, path, info)
        : openSibling({ files: this.#files, desk: packed.desk }, view, { path, packed: packed.facts });
    this.held.makeRoom();
    let opened = open();
    if ("refused" in opened && opened.refused === "too_many_open") {
      late.crowded();
      if (this.held.crowded()) opened = open();
    }
    if ("refused" in opened) {
      // It waits for others to be quiet, and was said for all.
      if (opened.refused !== "too_many_open") refused(opened.refused, opened.detail);
      return null;
    }
    try {
      const { file, mayStayOpen } = opened;
      const reader = this.#open(view, path, file, mayStayOpen);
      if (file instanceof PackedFile && reader.file === file) {
        reader.unpacks(file);
        file.broke = (bytes) => late.broke(reader, bytes);
      }
      return reader;
    } catch (error) {
      opened.file.close();
      refused("failed", describeError(error));
      return null;
    }
  }

  /** Adds lanes to a reader. */
  attach(reader: FileReader, source: SourcePath, lanes: readonly Lane[]): void {
    for (const lane of lanes) {
      lane.reader = reader;
      this.#register(lane);
    }
    reader.lanes.push(...lanes);
    const owners = this.ownersOf(reader);
    if (!owners.includes(source)) this.#owners.set(reader, [...owners, source]);
  }

  /** The source is done with its lanes; the last one closes the file. Returns whether it did. */
  release(reader: FileReader, source: SourcePath): boolean {
    reader.lanes = reader.lanes.filter((lane) => !lane.closed);
    this.#disown(reader, source);
    if (reader.lanes.length > 0) return false;
    this.forget(reader);
    this.#owners.delete(reader);
    // A read that waits still needs the descriptor.
    if (!reader.reading) close(reader);
    return true;
  }

  /** Closes a reader that nobody uses. */
  dropUnused(reader: FileReader): void {
    if (reader.lanes.length > 0 || this.#owners.has(reader)) return;
    this.forget(reader);
    close(reader);
  }

  /** A slow read came back for a reader that was released meanwhile. */
  closeIfReleased(reader: FileReader): void {
    if (!this.#owners.has(reader)) close(reader);
  }

  /** Its file is not what it was: another reader may stand for that device and inode. */
  forget(reader: FileReader): void {
    if (this.has(reader)) this.#byKey.delete(fileKey(reader));
  }

  /**
   * A new reader takes the file over, from its begin: other bytes are in it now. One that may not stay open is looked for
   * by its identity, under whatever name it has. `null` when nothing leads to it. The old reader has no file then.
   */
  succeed(reader: FileReader): { readonly reader: FileReader; readonly info: FileInfo } | null {
    const file = reader.file ?? reader.reopen?.() ?? null;
    if (file === null) return null;
    const info = file.info();
    const next = new FileReader(file, reader.device, reader.inode, this.#clock.monotonicMs());
    next.sizeBytes = info.sizeBytes;
    next.slow = reader.slow;
    next.noteHead();
    if (reader.file === null) {
      file.close();
      next.file = null;
      next.reopen = reader.reopen;
    }
    this.forget(reader);
    reader.file = reader.reopen = null;
    next.key = fileKey(next);
    this.#byKey.set(next.key, next);
    return { reader: next, info };
  }

  /** The reader goes on in a copy of its file. */
  moveTo(reader: FileReader, file: OpenFile, inode: number, reopen: (() => OpenFile | null) | null): void {
    reader.file?.close();
    reader.goesOnIn(file.info().sizeBytes, this.#clock.monotonicMs());
    // One that may not stay open (a containerd rootfs) is opened again for each turn.
    if (reopen !== null) file.close();
    reader.file = reopen === null ? file : null;
    reader.reopen = reopen;
    for (const lane of reader.lanes) this.#unregister(lane);
    reader.inode = inode;
    reader.key = fileKey(reader);
    for (const lane of reader.lanes) this.#register(lane);
    this.#byKey.set(fileKey(reader), reader);
  }

  /** The lanes of a source go on in another reader, which holds the same bytes. */
  join(reader: FileReader, source: SourcePath, other: FileReader): void {
    const own = source.generations.ofReader(reader)?.lanes ?? [];
    const lanes = reader.lanes.filter((lane) => own.includes(lane));
    for (const lane of lanes) {
      this.#unregister(lane);
      lane.atEnd = false;
    }
    reader.lanes = reader.lanes.filter((lane) => !lanes.includes(lane));
    this.#disown(reader, source);
    this.attach(other, source, lanes);
  }

  #open(view: PathView, path: string, file: OpenFile, mayStayOpen: boolean): FileReader {
    const now = file.info();
    const again = this.#byKey.get(fileKey(now));
    if (again !== undefined) {
      file.close();
      return again;
    }
    const reader = new FileReader(file, now.device, now.inode, this.#clock.monotonicMs());
    reader.sizeBytes = now.sizeBytes;
    reader.writtenMs -= Math.max(0, this.#clock.wallMs() - now.modifiedMs);
    reader.noteHead();
    reader.slow = this.#files.isRemote(file.hostPath);
    if (!mayStayOpen) {
      file.close();
      reader.file = null;
      reader.reopen = reopener(this.#files, view, path, reader);
    }
    this.#byKey.set(fileKey(reader), reader);
    return reader;
  }

  #register(lane: Lane): void {
    const key = laneKey(lane.key());
    lane.attachedAs = ++this.#attached;
    const before = this.#lanes.get(key);
    // What the earlier lane still has in flight settles, but the newer one knows better where to begin again.
    if (before !== undefined && before !== lane) before.abandoned = true;
    this.#lanes.set(key, lane);
  }

  #disown(reader: FileReader, source: SourcePath): void {
    const owners = this.#owners.get(reader);
    if (owners !== undefined) this.#owners.set(reader, owners.filter((owner) => owner !== source));
  }

  /** A closed lane has nothing in flight any more. */
  forgetLane(lane: Lane): void {
    if (lane.reader !== null) this.#unregister(lane);
  }

  #unregister(lane: Lane): void {
    const key = laneKey(lane.key());
    if (this.#lanes.get(key) === lane) this.#lanes.delete(key);
  }
}

/** Opens the file again under the name it has by now. */
export function reopener(
  files: Files,
  view: PathView,
  path: string,
  identity: FileIdentity,
): () => OpenFile | null {
  const { device, inode } = identity;
  let name = path;
  return () => {
    const again = openAgain(files, view, name, { device, inode });
    if (again === null) return null;
    name = again.path;
    return again.file;
  };
}

function close(reader: FileReader): void {
  reader.file?.close();
  reader.file = null;
  reader.reopen = null;
}
