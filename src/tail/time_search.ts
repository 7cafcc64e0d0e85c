import { makeBytes, makeInts } from "../base/buffers.ts";
import { TimeParser } from "../base/rfc3339.ts";
import type { OpenFile } from "../core/host.ts";
import { alignToLine } from "./first_contact.ts";
import { decodeRuntimeLine, ROW, ROW_FLAGS, ROW_RAW, ROW_TIME, ROW_TIME_END } from "./runtime_lines.ts";

/** Bytes looked through for a timestamp: a runtime's line is shorter, about 100 KiB with docker's escapes. */
export const TIME_SEARCH_BYTES_MAX = 128 * 1024;

const NEWLINE = 10;

/**
 * How many bytes at the begin of a runtime's file are older than a moment (Unix ms), as the timestamps of its lines
 * tell: the offset of the first line that is not. Lines stand almost in the order of time, so it is found by halving.
 * Where no timestamp is found the bytes count as young: more is read then, and nothing is lost.
 */
export function bytesBefore(file: OpenFile, momentMs: number, sizeBytes: number): number {
  const arena = makeBytes(TIME_SEARCH_BYTES_MAX);
  const times = new TimeParser();
  let low = 0;
  let high = sizeBytes;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const timeMs = timeBehind(file, alignToLine(file, middle, arena), arena, times);
    if (timeMs < momentMs) low = middle + 1;
    else high = middle;
  }
  return Math.min(sizeBytes, alignToLine(file, low, arena));
}

/** Time of the first line from `at` on that has one; Infinity when there is none. */
function timeBehind(file: OpenFile, at: number, arena: Uint8Array, times: TimeParser): number {
  const row = makeInts(ROW);
  const got = file.read(arena, 0, arena.length, at);
  for (let begin = 0; begin < got;) {
    const end = arena.subarray(0, got).indexOf(NEWLINE, begin);
    if (end < 0) break;
    decodeRuntimeLine(arena, begin, end, row, 0);
    const timeMs = (row[ROW_FLAGS] & ROW_RAW) !== 0
      ? 0
      : times.parse(arena, row[ROW_TIME], row[ROW_TIME_END]);
    if (timeMs > 0) return timeMs;
    begin = end + 1;
  }
  return Infinity;
}
