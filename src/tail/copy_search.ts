import type { FileInfo, Files, OpenFile } from "../core/host.ts";
import type { FileReader } from "./file_reader.ts";
import { fileKey, holdsSaved, isSameFile } from "./identity.ts";
import { type ReaderTable, reopener } from "./reader_table.ts";
import type { SavedIndex } from "./saved_index.ts";
import { openLooked } from "./open_looked.ts";
import { compareNames, findSiblings, type Sibling, splitPath } from "./siblings.ts";
import type { SourcePath } from "./source_path.ts";

/** Where a copy is looked for. */
export interface CopySearch {
  readonly files: Files;
  readonly readers: ReaderTable;
  readonly saved: SavedIndex;
}

/** A copy of a truncated file that nobody reads yet. */
export interface OpenedCopy {
  readonly file: OpenFile;
  readonly inode: number;
  readonly reopen: (() => OpenFile | null) | null;
}

/** A sibling that holds the bytes this reader was at: same head, same bytes before the cursor. */
export function findCopy(
  reader: FileReader,
  owners: readonly SourcePath[],
  { files, readers, saved }: CopySearch,
): OpenedCopy | { readonly reader: FileReader } | null {
  const lanes = reader.lanes.filter(({ closed }) => !closed);
  // A lane that took nothing yet has no bytes before its cursor: then the head alone must tell.
  const lane = lanes.find(({ cursor }) => cursor > 0) ?? lanes[0];
  if (owners.length === 0 || lane === undefined) return null;
  const [{ spec: { view }, path: ownPath }] = owners;
  const proof = { head: reader.head, anchor: lane.savedAnchor() };
  const siblings = findSiblings(files, view, ownPath);
  const later = siblings.filter(({ info }) => isLater(info, reader, owners, readers));
  for (const sibling of candidates(siblings, owners)) {
    const { path, info } = sibling;
    // Rotated later than what came after those bytes: it only begins as they did.
    if (owners.some(({ generations }) => generations.isElder(sibling, reader))) continue;
    if (later.some((other) => compareNames(splitPath(ownPath).name, other, sibling) < 0)) continue;
    // Too many files begin with the same few bytes.
    if (!owners.some((owner) => owner.mayBeCopy(sibling, reader.head.length))) continue;
    if (info.device !== reader.device || info.sizeBytes < lane.cursor) continue;
    const known = readers.byKey.get(fileKey(info));
    if (known !== undefined) {
      if (known === reader || owners.some((owner) => owner.generations.isOlder(known, reader))) continue;
      if (owners.every((owner) => isReadByItself(known, owner))) continue;
      const isCopy = known.withFile((file) =>
        holdsSaved(file, proof) && !hasBetterClaim(owners, reader, lane.cursor, file)
      );
      if (isCopy !== true) continue;
      for (const owner of owners) owner.prove(sibling);
      return { reader: known };
    }
    const opened = openLooked(files, view, path, info);
    if ("refused" in opened) continue;
    const { file, mayStayOpen } = opened;
    const { inode } = info;
    let isCopy = false;
    try {
      isCopy = holdsSaved(file, proof) &&
        !owners.every((owner) => wasRead(saved, owner, info, file, lane.cursor)) &&
        !hasBetterClaim(owners, reader, lane.cursor, file);
    } finally {
      if (!isCopy) file.close();
    }
    if (!isCopy) continue;
    for (const owner of owners) owner.prove(sibling);
    return { file, inode, reopen: mayStayOpen ? null : reopener(files, view, path, info) };
  }
  return null;
}

/** Whether a file holds what came after the reader's bytes: it is the truncated file itself, or a younger generation. */
function isLater(
  info: FileInfo,
  reader: FileReader,
  owners: readonly SourcePath[],
  { byKey }: ReaderTable,
): boolean {
  if (isSameFile(info, reader)) return true;
  const known = byKey.get(fileKey(info));
  return known !== undefined && owners.some(({ generations }) => generations.isOlder(reader, known));
}

/**
 * Whether the same input reads a file under a path of its own: files may begin alike, and this one is no copy that was
 * made just now. If it is one all the same, its lines come that way.
 */
function isReadByItself(known: FileReader, { spec, path }: SourcePath): boolean {
  const { pipeline, input, origin } = spec;
  return known.lanes.some(({ closed, info }) =>
    !closed && info.pipeline === pipeline && info.input === input &&
    info.source.startsWith(`${origin}:`) && info.path !== path
  );
}

/** Whether a file was read as a generation of its own, and further: then it is no copy that was made just now. */
function wasRead(
  saved: SavedIndex,
  { spec }: SourcePath,
  info: FileInfo,
  file: OpenFile,
  cursor: number,
): boolean {
  return saved.ofFile(spec, info).some((row) => row.anchor.at > cursor && holdsSaved(file, row));
}

/** Whether another generation was read further and to the same bytes: then the file is that one's copy. */
function hasBetterClaim(
  owners: readonly SourcePath[],
  reader: FileReader,
  cursor: number,
  file: OpenFile,
): boolean {
  return owners.some(({ generations }) =>
    generations.all.some((other) =>
      other.reader !== reader &&
      other.lanes.some((lane) =>
        !lane.closed && lane.cursor > cursor &&
        holdsSaved(file, { head: other.reader.head, anchor: lane.savedAnchor() })
      )
    )
  );
}

/** Siblings in the order in which they may be the copy: what appeared just now, oldest first, then what was seen last. */
function candidates(siblings: Sibling[], owners: readonly SourcePath[]): Sibling[] {
  const isNew = (sibling: Sibling) => !owners.every((owner) => owner.saw(sibling));
  return [...siblings.filter(isNew), ...siblings.filter((sibling) => !isNew(sibling)).reverse()];
}
