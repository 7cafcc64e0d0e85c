/**
 * The leftmost-first match. `[0]` is the matched text, `[i]` that of group i, undefined when the group took
 * no part. `index` is where the match begins, in UTF-16 units.
 */
export interface Re2Match extends ArrayLike<string | undefined> {
  readonly [group: number]: string | undefined;
  readonly 0: string;
  readonly index: number;
}

/** How a pattern is compiled and what counts as a match. */
export interface Re2Options {
  /** As if the pattern began with `(?s)`: the dot matches newlines. Default false. */
  readonly dotAll?: boolean;
  /**
   * Only a leftmost-first match which spans the whole text counts: `(a|ab)` does not match `ab`.
   * iLogtail's `FullMatch`. Default false.
   */
  readonly anchoredFull?: boolean;
  /**
   * The pattern has to match the whole text in any way: `(a|ab)` matches `ab`. The rule of multi-line
   * patterns and of the native processors. Default false.
   */
  readonly whole?: boolean;
}

/** A compiled pattern. Matching is synchronous, keeps no state between calls, and takes linear time. */
export interface Re2 {
  readonly pattern: string;
  /** `re2js` is about 30 times slower than `v8`. */
  readonly engine: "v8" | "re2js";
  /** For the user, when the slower engine was taken: which one and why. No final period. */
  readonly notice: string | undefined;
  /** Number of capture groups; `exec()` answers have one more entry. */
  readonly groupCount: number;
  /** Name of each group, "" without one; `[0]` is the whole match. Names may occur twice, as in RE2. */
  readonly groupNames: readonly string[];
  /** Subjects so far which were too long or too deep for the fast path and took the slow one. */
  readonly slowSubjects: number;
  /** First match, or null. Half surrogate pairs in `text` count, and come back, as U+FFFD. */
  exec(text: string): Re2Match | null;
  /** Whether there is a match. */
  test(text: string): boolean;
  /**
   * As `exec()`, but writes where the groups are: `out[2i]` begin and `out[2i+1]` end of group i in UTF-16
   * units (byte offsets when the text is ASCII), -1 for a group which took no part. `out` has room for
   * `2 * (groupCount + 1)` numbers and holds nothing of use when there is no match. Cheaper than `exec()` for
   * callers which copy bytes, since no captured string is ever read.
   */
  offsets(text: string, out: Int32Array): boolean;
  /**
   * The match of the ASCII text `bytes[begin, end)` if it begins at `begin` and the pattern is simple: `out` as of
   * `offsets()`, no string is made. False says nothing: ask `offsets()`.
   */
  scan(bytes: Uint8Array, begin: number, end: number, out: Int32Array): boolean;
}
