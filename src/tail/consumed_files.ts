import type { Anchor, HeadHash } from "../core/checkpoint.ts";
import type { FileInfo, Files, PathView } from "../core/host.ts";
import type { FileReader } from "./file_reader.ts";
import { fileKey, HEAD_BYTES_TELLING, holdsSaved } from "./identity.ts";
import type { Lane } from "./lane.ts";
import { openLooked } from "./open_looked.ts";

/** Files remembered per target. */
const FILES_MAX = 1_000;

interface Consumed {
  readonly sizeBytes: number;
  readonly head: HeadHash;
  readonly anchor: Anchor;
}

/** Files that were read to their end and closed: neither they nor copies of them are read again. */
export class ConsumedFiles {
  readonly #files: Files;
  readonly #view: PathView;
  /** `null` as long as there was none. */
  #byFile: Map<string, Consumed> | null = null;

  constructor(files: Files, view: PathView) {
    this.#files = files;
    this.#view = view;
  }

  /** The file of a reader was closed; `lanes`: the target's own on it. */
  add(reader: FileReader, lanes: readonly Lane[]): void {
    const lane = lanes.find((each) => !each.abandoned);
    if (lane === undefined || reader.lost) return;
    const key = fileKey(reader);
    const byFile = this.#byFile ??= new Map();
    byFile.delete(key);
    // An empty file proves nothing: the next one with this inode number begins empty, too.
    if (lane.cursor === 0) return;
    byFile.set(key, { sizeBytes: lane.cursor, head: reader.head, anchor: lane.savedAnchor() });
    if (byFile.size > FILES_MAX) byFile.delete(byFile.keys().next().value!);
  }

  /** Whether this file is one of them, by its bytes, and has nothing more. */
  has(path: string, info: FileInfo): boolean {
    if (this.#byFile === null) return false;
    const own = this.#byFile.get(fileKey(info));
    const copies = [...this.#byFile.values()].filter((each) =>
      each === own || (each.sizeBytes === info.sizeBytes && each.head.length >= HEAD_BYTES_TELLING)
    );
    if (copies.length === 0) return false;
    const opened = openLooked(this.#files, this.#view, path, info);
    if ("refused" in opened) return false;
    try {
      return copies.some((each) => info.sizeBytes === each.sizeBytes && holdsSaved(opened.file, each));
    } finally {
      opened.file.close();
    }
  }
}
