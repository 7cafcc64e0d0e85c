/** Up to so many paths everything is looked at at every poll. */
const FEW_PATHS = 100;
/**
 * A look at where a path leads costs three times as much as a read at the end of its file. With many files it is taken at
 * every poll only while something happens; else once in this time for each path that is followed, or in the longest.
 */
const LOOK_SHARE_MS = 2;
const LOOK_MS_MAX = 1_000;
/** Many files that were not written for long: this often. */
const IDLE_LOOK_MS = 2_900;

/** How often it is looked at where the paths lead whose files are read or at rest. */
export class LookPace {
  /** There are so few paths that there is nothing to save. */
  few = true;
  readonly #pollMs: number;
  readonly #asMany: boolean;
  #everyMs = 0;

  /** `asMany`: as with many paths, however few there are. */
  constructor(pollMs: number, asMany: boolean) {
    this.#pollMs = pollMs;
    this.#asMany = asMany;
  }

  /** So many paths are followed now. */
  count(paths: number): void {
    this.few = paths <= FEW_PATHS && !this.#asMany;
    const shareMs = this.#asMany ? LOOK_MS_MAX : Math.min(paths * LOOK_SHARE_MS, LOOK_MS_MAX);
    // Polls are not exactly as far from each other as they should be.
    this.#everyMs = shareMs <= this.#pollMs ? 0 : shareMs - this.#pollMs / 2;
  }

  /** `isBusy`: the file was written lately. */
  everyMs(isBusy: boolean): number {
    return isBusy || this.few ? this.#everyMs : IDLE_LOOK_MS;
  }
}
