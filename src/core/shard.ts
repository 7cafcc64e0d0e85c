import { crc32c } from "../base/crc32c.ts";
import type { LaneKey } from "./checkpoint.ts";

/** One worker's part of all that is followed: part `index` (from 0) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Origin of targets on the host itself, see `FollowSpec.origin`. */
const HOST = "host";
const encoder = new TextEncoder();

/**
 * The part that a target belongs to. All that one container writes stays together, and so does all that one input
 * follows on the host: a file, its rotated generations and copies, and whatever else a target compares it with are never
 * in two workers. It follows from names that outlive a restart, so saved lanes find their part under any count.
 */
export function shardOf(
  target: { readonly origin: string; readonly pipeline: string; readonly input: string },
  count: number,
): number {
  const { origin, pipeline, input } = target;
  // The files of one container are read once for all pipelines; on the host an input of each may go its own way.
  const bytes = encoder.encode(origin === HOST ? `${HOST}\n${pipeline}\n${input}` : origin);
  return mixed(crc32c(bytes, 0, bytes.length)) % count;
}

/** A check sum of names that differ in one digit differs in few bits; murmur3's last step spreads them over all. */
function mixed(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The part that a saved lane belongs to: that of the target it was a lane of. */
export function shardOfLane({ pipeline, input, source }: LaneKey, count: number): number {
  // `<origin>:<absolute path>`.
  return shardOf({ pipeline, input, origin: source.slice(0, source.indexOf(":/")) }, count);
}

/** The part that a container belongs to. */
export function shardOfContainer(id: string, count: number): number {
  return shardOf({ origin: id, pipeline: "", input: "" }, count);
}
