import { viewOf } from "../../base/byte_views.ts";
import {
  copyBytes,
  copyRepaired,
  copyShort,
  escapedBytesMax,
  escapedTextMax,
  escapeJsonRepaired,
  escapeJsonText,
  escapeView,
  JSON_ESCAPE_GROWTH,
  SHORT_COPY_BYTES,
} from "../../base/json_escape.ts";
import { type Batch, ESCAPED, IN_ARENA, IN_TEXTS, PLACE_MASK, UTF8_UNCHECKED } from "../batch.ts";

/** Values longer than this are scanned for a close bound: six times half a megabyte would seal a wire batch early. */
const ROUGH_BOUND_BYTES = 512;

/** An upper bound of what {@linkcode writeValue} writes for the field. */
export function valueBytesMax(batch: Batch, cell: number): number {
  const flags = batch.cells[cell + 3];
  const begin = batch.cells[cell + 1];
  const place = flags & PLACE_MASK;
  if (place === IN_TEXTS) {
    const text = batch.texts[begin];
    return text.length > ROUGH_BOUND_BYTES ? escapedTextMax(text) : text.length * JSON_ESCAPE_GROWTH;
  }
  const end = batch.cells[cell + 2];
  if ((flags & ESCAPED) !== 0 && batch.utf8Of(flags) !== UTF8_UNCHECKED) return end - begin;
  if (end - begin <= ROUGH_BOUND_BYTES) return (end - begin) * JSON_ESCAPE_GROWTH;
  return escapedBytesMax(place === IN_ARENA ? batch.arena : batch.scratch, begin, end);
}

/**
 * Writes the field's value as the inside of a JSON string, valid UTF-8 always; returns the position behind it.
 * `outView` is the view of `out`.
 */
export function writeValue(
  batch: Batch,
  cell: number,
  out: Uint8Array,
  outView: DataView,
  at: number,
): number {
  const cells = batch.cells;
  const flags = cells[cell + 3];
  const begin = cells[cell + 1];
  const place = flags & PLACE_MASK;
  if (place === IN_TEXTS) return escapeJsonText(batch.texts[begin], out, at);
  const bytes = place === IN_ARENA ? batch.arena : batch.scratch;
  const end = cells[cell + 2];
  if (batch.utf8Of(flags) === UTF8_UNCHECKED) {
    return (flags & ESCAPED) !== 0
      ? copyRepaired(bytes, begin, end, out, at)
      : escapeJsonRepaired(bytes, begin, end, out, at);
  }
  if ((flags & ESCAPED) === 0) return escapeView(viewOf(bytes), begin, end, outView, at);
  return end - begin < SHORT_COPY_BYTES
    ? copyShort(viewOf(bytes), begin, end, outView, at)
    : copyBytes(bytes, begin, end, out, at);
}
