/** Exit codes of the program; docs/reference/cli.md is made of this. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 64,
  config: 78,
  /** A second SIGINT or SIGTERM: 128 and the signal's number. */
  interrupted: 130,
  terminated: 143,
} as const;

export const EXIT_MEANINGS: readonly (readonly [number, string])[] = [
  [EXIT.ok, "Done; for `run`: stopped by a signal, progress saved"],
  [EXIT.failed, "Could not start or go on; the reason is in the log"],
  [EXIT.usage, "The command line or an environment variable is wrong"],
  [
    EXIT.config,
    "`validate` found errors in pipeline files, or `doctor` found something wrong; warnings do not count",
  ],
  [EXIT.interrupted, "A second SIGINT: stopped at once, nothing more was saved"],
  [EXIT.terminated, "A second SIGTERM: stopped at once, nothing more was saved"],
];
