/** What is wrong with a pattern, in RE2's own words. */
export type Re2ErrorReason =
  | "invalid character class range"
  | "invalid escape sequence"
  | "invalid named capture"
  | "invalid or unsupported Perl syntax"
  | "invalid nested repetition operator"
  | "invalid repeat count"
  | "invalid UTF-8"
  | "missing closing ]"
  | "missing closing )"
  | "missing argument to repetition operator"
  | "trailing backslash at end of expression"
  | "unexpected )"
  | "expression nests too deeply"
  | "expression too large";

/**
 * A pattern which RE2 refuses. `message` is a sentence without final period; `position` is an index into
 * the pattern (UTF-16 units) at which a caret may be printed, `fragment` the text RE2 complains about.
 */
export class Re2SyntaxError extends Error {
  override readonly name = "Re2SyntaxError";

  constructor(
    readonly reason: Re2ErrorReason,
    readonly position: number,
    readonly fragment: string,
    readonly hint: string | undefined = hintFor(reason, fragment),
  ) {
    super(
      (fragment === "" ? reason : `${reason}: '${fragment}'`) + ` at character ${position + 1}` +
        (hint ? ` (${hint})` : ""),
    );
  }
}

function hintFor(reason: Re2ErrorReason, fragment: string): string | undefined {
  if (/^\(\?(?:[=!]|<[=!])/.test(fragment)) return "RE2 has no lookahead and no lookbehind";
  if (fragment.startsWith("(?>")) return "RE2 has no atomic groups";
  if (reason === "invalid escape sequence") {
    if (/^\\[1-9k]/.test(fragment)) return "RE2 has no back-references";
    if (fragment === "\\Z") return "use \\z for the end of the text";
    if (fragment === "\\C") return "a single byte cannot be matched";
  }
  if (reason === "invalid nested repetition operator" && fragment.endsWith("+")) {
    return "RE2 has no possessive quantifiers";
  }
  return undefined;
}
