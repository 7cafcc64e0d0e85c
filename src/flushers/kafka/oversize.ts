import { type Batch, IN_TEXTS, PLACE_MASK, TAGS } from "../../core/batch.ts";
import { truncateText } from "./shrink_json.ts";

/** A value is not cut into pieces shorter than this. */
const PIECE_CHARS_MIN = 64;

/** Tries to append the record as it is now; says whether its value was short enough. */
export type TryAppend = () => boolean;

/** The record's field with the longest value, tags left out; -1 if there is none. */
export function longestField(batch: Batch, record: number): number {
  let longest = -1;
  let length = -1;
  for (let cell = batch.first[record]; cell >= 0; cell = batch.cells[cell + 4]) {
    if (batch.cells[cell] === TAGS) continue;
    const [, begin, end, flags] = batch.cells.subarray(cell, cell + 4);
    const size = (flags & PLACE_MASK) === IN_TEXTS ? batch.texts[begin].length : end - begin;
    if (size > length) {
      longest = cell;
      length = size;
    }
  }
  return longest;
}

/**
 * Sends a record that is too long in pieces: its longest value is cut, everything else is repeated, and `_split_` is
 * 1, 2, … and `n/n` in the last. False when even short pieces are too long; then nothing was appended.
 */
export function appendPieces(
  batch: Batch,
  record: number,
  splitKey: number,
  bytesMax: number,
  append: TryAppend,
): boolean {
  const field = longestField(batch, record);
  if (field < 0) return false;
  const restore = remember(batch, record);
  const whole = batch.text(field);
  const before = batch.find(record, splitKey);
  const prefix = before < 0 ? "" : `${batch.text(before)}.`;
  if (before < 0) batch.appendText(record, splitKey, "");
  const mark = batch.find(record, splitKey);
  let chars = Math.floor(bytesMax / 2);
  let piece = 0;
  for (let at = 0; at < whole.length;) {
    const end = pieceEnd(whole, at, chars);
    batch.setText(field, whole.slice(at, end));
    batch.setText(mark, `${prefix}${piece + 1}` + (end === whole.length ? `/${piece + 1}` : ""));
    if (append()) {
      at = end;
      piece++;
    } else if (chars > (piece === 0 ? PIECE_CHARS_MIN : 2)) chars = Math.ceil((end - at) / 2);
    else break;
  }
  if (before < 0) batch.remove(record, mark);
  restore();
  return piece > 0;
}

/** Never between the halves of a surrogate pair, and always at least one character. */
function pieceEnd(whole: string, at: number, chars: number): number {
  const end = Math.min(whole.length, at + Math.max(2, chars));
  const code = whole.charCodeAt(end - 1);
  return code >= 0xd800 && code < 0xdc00 && end < whole.length ? end - 1 : end;
}

/** How to put a record's values back: other flushers may look at the same batch. */
function remember(batch: Batch, record: number): () => void {
  const saved: number[] = [];
  for (let cell = batch.first[record]; cell >= 0; cell = batch.cells[cell + 4]) {
    saved.push(cell, batch.cells[cell + 1], batch.cells[cell + 2], batch.cells[cell + 3]);
  }
  return () => {
    for (let i = 0; i < saved.length; i += 4) batch.cells.set(saved.slice(i + 1, i + 4), saved[i] + 1);
  };
}

/**
 * Cuts the longest values of a record, one after the other, until it is short enough. Returns the bytes that are
 * lost, -1 when the record cannot be made short enough.
 */
export function appendTruncated(
  batch: Batch,
  record: number,
  excessBytes: number,
  append: TryAppend,
): number {
  const restore = remember(batch, record);
  const lost = truncateUntil(batch, record, excessBytes, append);
  restore();
  return lost;
}

function truncateUntil(batch: Batch, record: number, excessBytes: number, append: TryAppend): number {
  const encoder = new TextEncoder();
  let lost = 0;
  for (let tries = 0; tries < 8; tries++) {
    const field = longestField(batch, record);
    if (field < 0) return -1;
    const text = batch.text(field);
    const textBytes = encoder.encode(text).length;
    // Escaping only makes longer, so this many bytes of text are at least as many of the value.
    const kept = Math.max(0, textBytes - excessBytes - 64);
    batch.setText(field, truncateText(text, kept, textBytes));
    lost += textBytes - kept;
    if (append()) return lost;
    if (kept === 0 && textBytes < 128) return -1;
  }
  return -1;
}
