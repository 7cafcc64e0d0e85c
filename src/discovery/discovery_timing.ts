/** Intervals and deadlines of discovery, in milliseconds. */
export interface DiscoveryTiming {
  /** Between two lists of a runtime that answers. */
  readonly listIntervalMs: number;
  /** Between two tries while a runtime is away: a restarted daemon is seen well within 5 s. */
  readonly retryMs: number;
  /** Between two looks at a runtime that refuses us or has no CRI service. */
  readonly refusedRetryMs: number;
  /** From a hint to the list; several hints within it make one list. */
  readonly hintDelayMs: number;
  /** Lists that hints may lead to right after each other. */
  readonly listBurst: number;
  /** After the burst, the least time between two lists, however many hints come. */
  readonly listGapMs: number;
  /** Deadline of a list: with `retryMs`, a runtime that hangs on an old connection only is back within 5 s. */
  readonly listTimeoutMs: number;
  /** Deadline of a list after one that took too long: the runtime may be slow, and would never be heard. */
  readonly slowListTimeoutMs: number;
  /** Deadline of one inspection; one stuck container must not hold up the others. */
  readonly inspectTimeoutMs: number;
  /** A container whose inspection failed is tried again after this. */
  readonly inspectRetryMs: number;
  /** Between two looks at the static file. */
  readonly staticIntervalMs: number;
  /** How long a container that is gone stays in the snapshot. */
  readonly goneMs: number;
}

/** iLogtail's list period (`docker_config_update_interval`, 3 s); the rest is ours. */
export const DEFAULT_TIMING: DiscoveryTiming = Object.freeze({
  listIntervalMs: 3_000,
  retryMs: 1_000,
  refusedRetryMs: 30_000,
  hintDelayMs: 50,
  listBurst: 8,
  listGapMs: 500,
  listTimeoutMs: 3_500,
  slowListTimeoutMs: 10_000,
  inspectTimeoutMs: 3_000,
  inspectRetryMs: 10_000,
  staticIntervalMs: 1_000,
  goneMs: 600_000,
});
