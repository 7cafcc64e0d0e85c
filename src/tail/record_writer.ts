import { type Batch, ESCAPED, IN_SCRATCH } from "../core/batch.ts";
import type { KeyTable } from "../core/keys.ts";
import { SPLIT_KEY, TRUNCATED_KEY } from "./cut_text.ts";

/** Writes decimal digits into the batch's scratch and returns the end; they begin at the old `scratchUsed`. */
export function writeNumber(batch: Batch, value: number): number {
  return writeAscii(batch, String(value));
}

/** Copies short ASCII text into the batch's scratch and returns the end; it begins at the old `scratchUsed`. */
export function writeAscii(batch: Batch, text: string): number {
  const at = batch.reserve(text.length);
  for (let i = 0; i < text.length; i++) batch.scratch[at + i] = text.charCodeAt(i);
  return batch.scratchUsed = at + text.length;
}

/** Copies a span of any array into the batch's scratch and returns where it begins. */
export function copyToScratch(
  batch: Batch,
  bytes: Uint8Array,
  begin: number,
  end: number,
  utf8: number,
): number {
  const at = batch.reserve(end - begin);
  batch.scratch.set(bytes.subarray(begin, end), at);
  batch.scratchUsed = at + end - begin;
  if (utf8 < batch.scratchUtf8) batch.scratchUtf8 = utf8;
  return at;
}

/** The fields that mark records of which a part is missing or elsewhere. */
export class PartMarks {
  readonly #split: number;
  readonly #truncated: number;

  constructor(keys: KeyTable) {
    this.#split = keys.permanent(SPLIT_KEY);
    this.#truncated = keys.permanent(TRUNCATED_KEY);
  }

  /** Marks the record made last as piece `part`; `last` gives `n/n`. */
  split(batch: Batch, part: number, last: boolean): void {
    const begin = batch.scratchUsed;
    const end = writeAscii(batch, last ? `${part}/${part}` : String(part));
    batch.append(batch.count - 1, this.#split, begin, end, IN_SCRATCH | ESCAPED);
  }

  /** Marks the record made last as the head of a longer one. */
  truncated(batch: Batch): void {
    const begin = batch.scratchUsed;
    const end = writeAscii(batch, "true");
    batch.append(batch.count - 1, this.#truncated, begin, end, IN_SCRATCH | ESCAPED);
  }
}

/** Bytes of output a record of this batch needs besides its text: names, tags, envelope. An estimate. */
export function recordOverhead(batch: Batch): number {
  let bytes = 160;
  for (const tag of batch.tags.list) bytes += tag.key.length + tag.value.length + 24;
  return bytes;
}

/** The array a span with these cell flags points into. */
export function spanBytes(batch: Batch, flags: number): Uint8Array {
  return (flags & IN_SCRATCH) === IN_SCRATCH ? batch.scratch : batch.arena;
}
