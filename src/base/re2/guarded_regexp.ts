import { isRescued, linearRegExp } from "./v8_guard.ts";

/**
 * Longer subjects do not go to V8's backtracking engine, whose stack may grow by some dozen bytes per
 * character (64 MiB at most), but to its linear one, which has none.
 */
export const SUBJECT_CHARS_MAX = 1 << 20;

/** The cap without the rescue flag: a deterministic pattern is still quadratic over all starting places. */
export const UNGUARDED_SUBJECT_CHARS_MAX = 4096;

/** A RegExp which gives a subject up, or to V8's linear engine, before it can become slow. */
export class GuardedRegExp {
  /** Subjects which were too long, or too deep for the backtracking stack. */
  slowSubjects = 0;
  readonly #regexp: RegExp;
  readonly #rescued = isRescued();
  readonly #charsMax = this.#rescued ? SUBJECT_CHARS_MAX : UNGUARDED_SUBJECT_CHARS_MAX;
  #linear: RegExp | undefined;

  constructor(readonly source: string) {
    this.#regexp = new RegExp(source);
  }

  /** The match, null for none, undefined when another engine has to answer. */
  exec(text: string): RegExpExecArray | null | undefined {
    if (text.length > this.#charsMax) return this.#execSlowly(text);
    try {
      return this.#regexp.exec(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return this.#execSlowly(text);
    }
  }

  #execSlowly(text: string): RegExpExecArray | null | undefined {
    this.slowSubjects++;
    if (!this.#rescued) return undefined;
    this.#linear ??= linearRegExp(this.source);
    return this.#linear?.exec(text);
  }
}
