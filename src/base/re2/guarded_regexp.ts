import { isRescued, linearRegExp } from "./v8_guard.ts";

/**
 * Up to here V8's fastest form of the pattern may run. It can be quadratic without V8 counting it (some
 * milliseconds at this length), so longer subjects take the counted form, which costs about half more.
 */
export const FAST_SUBJECT_CHARS_MAX = 2048;

/**
 * Longer subjects do not go to V8's backtracking engine, whose stack may grow by some dozen bytes per
 * character (64 MiB at most), but to its linear one, which has none.
 */
export const SUBJECT_CHARS_MAX = 1 << 20;

/** A RegExp which gives a subject up, or to V8's linear engine, before it can become slow. */
export class GuardedRegExp {
  /** Subjects which were too long, or too deep for the backtracking stack. */
  slowSubjects = 0;
  readonly source: string;
  readonly #emit: (counted: boolean) => string;
  readonly #rescued = isRescued();
  readonly #fast: RegExp;
  #counted: RegExp | undefined;
  #linear: RegExp | undefined;

  /** `emit(counted)` writes the source, see EmitMode. */
  constructor(emit: (counted: boolean) => string) {
    this.#emit = emit;
    this.source = emit(false);
    this.#fast = new RegExp(this.source);
  }

  /** The match, null for none, undefined when another engine has to answer. */
  exec(text: string): RegExpExecArray | null | undefined {
    if (text.length <= FAST_SUBJECT_CHARS_MAX) return this.#fast.exec(text);
    if (!this.#rescued || text.length > SUBJECT_CHARS_MAX) return this.#execSlowly(text);
    try {
      this.#counted ??= new RegExp(this.#emit(true));
      return this.#counted.exec(text);
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
