import { integer, optional } from "../core/schema.ts";
import type { ReadRate } from "../core/tailing.ts";

/** The option that all inputs have under one name. */
export const maxReadBytesPerSecond = optional(
  integer(
    "Bytes per second that are read of one container at most, with a burst of a second; files of the host count together. What is written faster waits on disk (`denotail_limited_backlog_bytes`), and is lost if it is deleted there and more than `--deleted-files-limit` would have to be kept.",
    { minimum: 1024, examples: [1048576] },
  ),
);

/** For one container; `undefined` without a limit. */
export function readRate(bytesPerSecond: number | undefined): ReadRate | undefined {
  return bytesPerSecond === undefined ? undefined : { bytesPerSecond };
}
