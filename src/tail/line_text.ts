import { type Batch, ESCAPED, UTF8_ASCII } from "../core/batch.ts";
import { isAscii, TextSlicer } from "../base/text.ts";
import { cutText } from "./cut_text.ts";
import { unescapeText } from "./reescape.ts";
import { spanBytes } from "./record_writer.ts";

const slicer = new TextSlicer();

/** The text of a span with cell flags, at most its first `bytesMax` bytes, for a pattern to look at. */
export function lineText(batch: Batch, begin: number, end: number, flags: number, bytesMax: number): string {
  const bytes = spanBytes(batch, flags);
  const escaped = (flags & ESCAPED) !== 0;
  const to = end - begin > bytesMax ? cutText(bytes, begin, end, bytesMax, escaped) : end;
  const text = batch.utf8Of(flags) === UTF8_ASCII || isAscii(bytes, begin, to)
    ? slicer.ascii(bytes, begin, to)
    : slicer.utf8(bytes, begin, to);
  return escaped ? unescapeText(text) : text;
}
