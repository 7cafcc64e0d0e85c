import type { Birth } from "../core/checkpoint.ts";
import type { OpenFile } from "../core/host.ts";

/** What decides where a file that no checkpoint knows is read from. */
export interface Contact {
  readonly birth: Birth;
  /** Whether this process made the store: what is there in the first look was there at the birth. */
  readonly firstRun: boolean;
  /** Whether the file was found in the first look at its target. */
  readonly firstLook: boolean;
  /** When the container, or the file in it, was created; -Infinity where nothing tells. */
  readonly createdMs: number;
  /** When this pipeline was first seen, and whether that was in this run. */
  readonly pipelineSeenMs: number;
  readonly pipelineNew: boolean;
  readonly modifiedMs: number;
  readonly sizeBytes: number;
  /** How many of its bytes are older than a moment, where its lines tell; else all of them. */
  readonly bytesBefore: (momentMs: number) => number;
  readonly tailBytesMax: number | null;
  /** Whether a person wrote the limit. */
  readonly written: boolean;
  readonly fromStart: boolean;
}

/**
 * The offset to begin at, not yet aligned to a line. Tail limits apply only to bytes that were there at the birth of
 * the checkpoint store, and, where a person wrote the limit, to bytes that were there when the pipeline was first
 * seen. All else begins at 0: a young file is never cut.
 */
export function firstOffset(contact: Contact): number {
  const { tailBytesMax, sizeBytes, birth, pipelineSeenMs } = contact;
  if (contact.fromStart || tailBytesMax === null || sizeBytes <= tailBytesMax) return 0;
  const atBirth = bytesThere(contact, birth.bornMs, contact.firstRun && birth.kind === "first");
  const atPipeline = contact.written ? bytesThere(contact, pipelineSeenMs, contact.pipelineNew) : 0;
  return Math.max(0, Math.max(atBirth, atPipeline) - tailBytesMax);
}

/**
 * Bytes of the file that were there at a moment; `isNow`: that moment is this start. A file that grows between the
 * start and the first look was shorter then: what came since is not cut off.
 */
function bytesThere(contact: Contact, momentMs: number, isNow: boolean): number {
  if (contact.modifiedMs < momentMs) return contact.sizeBytes;
  if (!isNow || !contact.firstLook) return 0;
  return contact.createdMs <= momentMs ? contact.bytesBefore(momentMs) : 0;
}

/** Bytes searched for a line's end before a start in the middle of a line is accepted. */
export const ALIGN_BYTES_MAX = 1024 * 1024;

/** Moves an offset to the next line's begin, unless it is one already. `wide`: UTF-16, see `LineKind`. */
export function alignToLine(file: OpenFile, offset: number, arena: Uint8Array, wide = false): number {
  if (wide) return alignToLine16(file, offset - offset % 2, arena);
  if (offset === 0) return 0;
  let at = offset - 1;
  const limit = at + ALIGN_BYTES_MAX;
  while (at < limit) {
    const got = file.read(arena, 0, arena.length, at);
    if (got === 0) return at;
    const newline = arena.subarray(0, got).indexOf(10);
    if (newline >= 0) return at + newline + 1;
    at += got;
  }
  return offset;
}

/** The same for an even offset, in characters of two bytes. */
function alignToLine16(file: OpenFile, offset: number, arena: Uint8Array): number {
  if (offset === 0) return 0;
  let at = offset - 2;
  const limit = at + ALIGN_BYTES_MAX;
  while (at < limit) {
    const got = file.read(arena, 0, arena.length, at);
    if (got < 2) return at;
    for (let i = 0; i + 1 < got; i += 2) {
      if (arena[i] + arena[i + 1] === 10 && (arena[i] === 10 || arena[i + 1] === 10)) return at + i + 2;
    }
    at += got - got % 2;
  }
  return offset;
}
