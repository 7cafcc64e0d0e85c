import type { SavedLane } from "../core/checkpoint.ts";
import type { FollowSpec } from "../core/tailing.ts";
import { fileKey } from "./identity.ts";
import type { Sibling } from "./siblings.ts";
import type { TailShared } from "./tail_shared.ts";

/**
 * Says that rotated files were packed while nobody looked, before they were read to their end, and cannot be read since.
 * `gone`: saved lanes of the path whose files are nowhere any more; `unread`: packed files that nobody unpacks. What was
 * seen of the former and not delivered is booked; what was written after that is in the latter, so its amount is unknown.
 */
export function bookPacked(
  shared: TailShared,
  { label }: FollowSpec,
  path: string,
  gone: readonly SavedLane[],
  unread: readonly Sibling[],
): void {
  if (gone.length === 0) return;
  const files = new Map<string, { seen: number; done: number }>();
  let savedMs = 0;
  for (const { key, done, seenBytes, anchor, savedMs: atMs } of gone) {
    const file = files.get(fileKey(key)) ?? { seen: 0, done: Infinity };
    files.set(fileKey(key), file);
    file.seen = Math.max(file.seen, seenBytes ?? anchor.at);
    file.done = Math.min(file.done, ...done);
    savedMs = Math.max(savedMs, atMs);
  }
  let bytes = 0;
  for (const { seen, done } of files.values()) bytes += Math.max(0, seen - done);
  // A packed file has the time of the last byte in it: what was delivered before is older than the save.
  const packed = unread.filter(({ info }) => bytes > 0 || info.modifiedMs > savedMs);
  if (packed.length === 0) return;
  for (const each of packed) {
    shared.refused("packed", label, each.path, "Packed before it was read to its end, and not read since");
  }
  if (bytes > 0) shared.losses.book("packed", label, path, bytes);
  for (const { key } of gone) shared.forget(key);
}
