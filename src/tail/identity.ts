import type { Anchor, HeadHash, SavedLane } from "../core/checkpoint.ts";
import type { FileIdentity, OpenFile } from "../core/host.ts";

/**
 * Which bytes a file is: device and inode alone do not say (ext4 gives a freed inode number to the next new file at
 * once), so a generation is known by a hash of its first bytes and by the bytes just before the cursor.
 *
 *   |head ≤ 1024|………………………|anchor 64|cursor
 */
export const HEAD_BYTES_MAX = 1024;
export const ANCHOR_BYTES = 64;
/** Below this, an equal head says too little to call two files the same. */
export const HEAD_BYTES_TELLING = 32;

/** What is known of a file of which nothing was read. */
export const NO_HEAD: HeadHash = { length: 0, hash: 0x811c9dc5 };

/** FNV-1a, 32 bits: an identity check, not a defence. */
export function hashBytes(bytes: Uint8Array, begin: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let i = begin; i < end; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash >>> 0;
}

const probe = new Uint8Array(HEAD_BYTES_MAX);

/** Hash of the first `length` bytes, or of fewer if the file is shorter. */
export function readHead(file: OpenFile, length: number): HeadHash {
  const got = file.read(probe, 0, Math.min(length, HEAD_BYTES_MAX), 0);
  return { length: got, hash: hashBytes(probe, 0, got) };
}

/** More of a head than is known of it; the known one where the file begins otherwise by now: it was truncated. */
export function longerHead(file: OpenFile, known: HeadHash): HeadHash {
  const got = file.read(probe, 0, HEAD_BYTES_MAX, 0);
  if (got <= known.length || hashBytes(probe, 0, known.length) !== known.hash) return known;
  return { length: got, hash: hashBytes(probe, 0, got) };
}

/** The same of bytes that were read already: `arena[begin, end)` is the begin of the file. */
export function headOf(arena: Uint8Array, begin: number, end: number): HeadHash {
  const length = Math.min(end - begin, HEAD_BYTES_MAX);
  return { length, hash: hashBytes(arena, begin, begin + length) };
}

/** Hash of the bytes that end at `at`; `length` is smaller than asked for when the file is shorter. */
export function readAnchor(file: OpenFile, at: number): Anchor {
  const length = Math.min(ANCHOR_BYTES, at);
  const got = length === 0 ? 0 : file.read(probe, 0, length, at - length);
  return { at, length: got, hash: hashBytes(probe, 0, got) };
}

/** Whether the file holds what was there when the lane was saved: equal head and equal anchor, at equal lengths. */
export function holdsSaved(file: OpenFile, saved: Pick<SavedLane, "head" | "anchor">): boolean {
  const head = readHead(file, saved.head.length);
  if (head.length !== saved.head.length || head.hash !== saved.head.hash) return false;
  const anchor = readAnchor(file, saved.anchor.at);
  return anchor.length === saved.anchor.length && anchor.hash === saved.anchor.hash;
}

const tail = new Uint8Array(ANCHOR_BYTES);

/**
 * Whether a file's bytes are the first bytes of another one: equal beginning, and equal bytes before the end of the
 * shorter. That is a copy (copytruncate, `cp`), finished or still being written.
 */
export function isPrefixOf(shorter: OpenFile, sizeBytes: number, longer: OpenFile): boolean {
  // Many files begin with the same few bytes.
  if (sizeBytes < HEAD_BYTES_TELLING) return false;
  const own = readHead(shorter, sizeBytes);
  if (own.length < Math.min(sizeBytes, HEAD_BYTES_MAX)) return false;
  const other = readHead(longer, own.length);
  if (own.length !== other.length || own.hash !== other.hash) return false;
  const begin = Math.max(0, sizeBytes - ANCHOR_BYTES);
  const got = shorter.read(probe, 0, sizeBytes - begin, begin);
  if (got < sizeBytes - begin) return false;
  if (longer.read(tail, 0, got, begin) !== got) return false;
  for (let i = 0; i < got; i++) if (probe[i] !== tail[i]) return false;
  return true;
}

/** Device and inode as one text, for maps. */
export function fileKey(file: FileIdentity): string {
  return `${file.device}:${file.inode}`;
}

/** Whether two say the same device and inode; not yet that the bytes are the same. */
export function isSameFile(
  a: FileIdentity,
  b: FileIdentity,
): boolean {
  return a.device === b.device && a.inode === b.inode;
}

/**
 * The identity of what a packed file unpacks to. It is another one than that of the file: a pattern may ask for the packed
 * bytes themselves, and both may be read and saved.
 */
export function unpackedOf<T extends { readonly device: number }>(file: T): T {
  return { ...file, device: -1 - file.device };
}
