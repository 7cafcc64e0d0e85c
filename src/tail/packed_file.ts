import { RetriableError } from "../core/errors.ts";
import type { FileInfo, Files, Opened, OpenFile, PathView } from "../core/host.ts";
import { isSameFile, unpackedOf } from "./identity.ts";
import type { PackedDesk } from "./packed_desk.ts";
import { PackedStream } from "./packed_stream.ts";
import type { PackedFacts } from "./packed_survey.ts";
import { openLooked } from "./open_looked.ts";
import { findPacked, type Sibling } from "./siblings.ts";

/** Places of one file that are unpacked at the same time: flushers may be at different ones. */
const STREAMS_MAX = 2;
/** Bytes unpacked between two timer turns on the way to a place. */
export const SLICE_BYTES = 4 * 1024 * 1024;

/**
 * A packed file as the file it was: positions, sizes and bytes are those of the unpacked stream. Reading forwards costs
 * what unpacking costs; going back begins anew, except for the bytes that the look through it kept.
 */
export class PackedFile implements OpenFile {
  readonly hostPath: string;
  /** What was promised and cannot be unpacked: the file was changed, or is gone. */
  broke: (bytes: number) => void = () => {};
  readonly #desk: PackedDesk;
  readonly #facts: PackedFacts;
  readonly #reopen: (() => OpenFile | null) | null;
  #raw: OpenFile | null;
  #unpackedBytes: number;
  /** The one that was used last is the last. */
  #streams: PackedStream[] = [];
  #closed = false;

  /** `reopen`: the file may not stay open, and is opened for each read. */
  constructor(
    raw: OpenFile,
    facts: PackedFacts,
    desk: PackedDesk,
    reopen: (() => OpenFile | null) | null = null,
  ) {
    this.hostPath = raw.hostPath;
    this.#facts = facts;
    this.#desk = desk;
    this.#reopen = reopen;
    this.#raw = raw;
    this.#unpackedBytes = facts.unpackedBytes;
    if (reopen !== null) this.#leave();
  }

  /** A place at the desk, without which nothing is unpacked in turns. */
  ready(): boolean {
    return this.#desk.take(this);
  }

  read(into: Uint8Array, begin: number, length: number, at: number): number {
    const want = this.#clip(length, at);
    if (want <= 0) return 0;
    if (this.#readSpot(into, begin, want, at)) return want;
    const stream = this.#streamFor(at, want);
    const raw = this.#enter();
    try {
      while (stream.end < at + want && stream.state === "more") stream.advance(raw);
    } finally {
      this.#leave();
    }
    return this.#finish(stream, into, begin, want, at);
  }

  async readSlowly(into: Uint8Array, begin: number, length: number, at: number): Promise<number> {
    const want = this.#clip(length, at);
    if (want <= 0) return 0;
    if (this.#readSpot(into, begin, want, at)) return want;
    const stream = this.#streamFor(at, want);
    const raw = this.#enter();
    try {
      for (let until = stream.end + SLICE_BYTES; stream.end < at + want && stream.state === "more";) {
        stream.advance(raw);
        if (stream.end < until) continue;
        until += SLICE_BYTES;
        await new Promise<void>((resolve) => this.#desk.clock.after(0, resolve));
        if (this.#closed) return 0;
        this.#desk.take(this);
      }
    } finally {
      this.#leave();
    }
    return this.#finish(stream, into, begin, want, at);
  }

  info(): FileInfo {
    const info = this.#raw?.info() ?? this.#facts.info;
    return unpackedOf({ ...info, sizeBytes: this.#unpackedBytes });
  }

  /** Everything was read: what it takes to unpack is given back until somebody reads again. */
  leave(): void {
    this.#desk.give(this);
    this.rest();
  }

  rest(): void {
    for (const stream of this.#streams) stream.close();
    this.#streams = [];
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.leave();
    this.#raw?.close();
    this.#raw = null;
  }

  #clip(length: number, at: number): number {
    if (this.#closed) throw new Error(`BUG: '${this.hostPath}' is read after close`);
    return Math.min(length, this.#unpackedBytes - at);
  }

  #readSpot(into: Uint8Array, begin: number, length: number, at: number): boolean {
    for (const spot of this.#facts.spots) {
      const from = at - spot.at;
      if (from < 0 || from + length > spot.bytes.length) continue;
      into.set(spot.bytes.subarray(from, from + length), begin);
      return true;
    }
    return false;
  }

  /** The pass that has the place in its window, else the one that is nearest before it, else a new one. */
  #streamFor(at: number, want: number): PackedStream {
    let best: PackedStream | null = null;
    for (const stream of this.#streams) {
      if (stream.begin <= at && (best === null || stream.end > best.end)) best = stream;
    }
    if (best === null) {
      if (this.#streams.length >= STREAMS_MAX) this.#streams.shift()!.close();
      best = new PackedStream(this.#desk.inflater());
    } else this.#streams.splice(this.#streams.indexOf(best), 1);
    this.#streams.push(best);
    best.keep(want);
    return best;
  }

  #finish(stream: PackedStream, into: Uint8Array, begin: number, want: number, at: number): number {
    if (stream.state === "closed") {
      throw new RetriableError("FILE_READ_FAILED", `Unpacking '${this.hostPath}' was interrupted`);
    }
    if (stream.end < at + want) {
      const missing = this.#unpackedBytes - stream.end;
      this.#unpackedBytes = stream.end;
      this.broke(missing);
    }
    return stream.read(into, begin, want, at);
  }

  #enter(): OpenFile {
    this.#raw ??= this.#reopen?.() ?? null;
    if (this.#raw !== null) return this.#raw;
    throw new RetriableError("FILE_READ_FAILED", `'${this.hostPath}' cannot be opened again`);
  }

  #leave(): void {
    if (this.#reopen === null) return;
    this.#raw?.close();
    this.#raw = null;
  }
}

/** A file to be opened by name, or that which was looked at there. */
export type SiblingToOpen = Pick<Sibling, "path"> & Partial<Sibling>;

/** Opens a sibling, that very file if it was looked at (`info`); a packed one as if it were unpacked. */
export function openSibling(
  { files, desk }: { readonly files: Files; readonly desk: PackedDesk },
  view: PathView,
  { path, info, packed }: SiblingToOpen,
): Opened {
  if (packed === undefined) {
    return info === undefined ? files.open(view, path) : openLooked(files, view, path, info);
  }
  const opened = openPacked(files, view, path, packed.info);
  if ("refused" in opened) return opened;
  const reopen = () => {
    const again = openPacked(files, view, path, packed.info);
    return "refused" in again ? null : again.file;
  };
  const file = new PackedFile(opened.file, packed, desk, opened.mayStayOpen ? null : reopen);
  return { file, mayStayOpen: true };
}

/** Opens a packed file that was looked through, under the name it has by now: numbers go up while others are packed. */
function openPacked(files: Files, view: PathView, path: string, was: FileInfo): Opened {
  const base = path.replace(/\.\d+\.\w+$/, "");
  for (const each of [{ path }, ...findPacked(files, view, base)]) {
    const opened = files.open(view, each.path, was);
    if ("refused" in opened) continue;
    const info = opened.file.info();
    if (isSameFile(info, was) && info.sizeBytes === was.sizeBytes) return opened;
    opened.file.close();
  }
  return { refused: "failed", detail: `'${path}' changed while it was looked through` };
}
