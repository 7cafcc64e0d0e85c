import type { Node } from "./ast.ts";
import { ByteScanner } from "./byte_scanner.ts";
import { isDeterministic } from "./deterministic.ts";
import { parseRe2 } from "./parse.ts";
import type { Re2, Re2Match, Re2Options } from "./re2.ts";
import { loadRe2js, Re2jsMatcher } from "./re2js_matcher.ts";
import { UntranslatableError } from "./translate.ts";
import { isRescued } from "./v8_guard.ts";
import { V8Matcher } from "./v8_matcher.ts";

export type { Re2, Re2Match, Re2Options } from "./re2.ts";
export { Re2SyntaxError } from "./syntax_error.ts";
export { configureRe2 } from "./v8_guard.ts";

/**
 * Compiles a pattern of the RE2 dialect; it runs on V8 where that is exact and linear, else on re2js, which
 * is loaded when the first pattern needs it (hence the promise). Throws {@linkcode Re2SyntaxError}.
 */
export async function compileRe2(pattern: string, options: Re2Options = {}): Promise<Re2> {
  const { root, groupNames } = parseRe2(pattern, options.dotAll);
  const anchored = anchor(root, options);
  const groupCount = groupNames.length - 1;
  const v8 = chooseV8(anchored, groupCount);
  // Without the rescue flags even a V8 pattern hands long subjects on.
  if (typeof v8 === "string" || !isRescued()) await loadRe2js();
  const matcher = typeof v8 === "string" ? new Re2jsMatcher(anchored, groupCount) : v8;
  const notice = typeof v8 === "string"
    ? `the regular expression '${pattern}' runs on the slower engine because ${v8}`
    : undefined;
  const scanner = ByteScanner.of(anchored);
  return new CompiledRe2(pattern, groupNames, matcher, scanner, notice, options.anchoredFull === true);
}

/** The matcher, or the reason why V8 is not for this pattern. */
function chooseV8(root: Node, groupCount: number): V8Matcher | string {
  if (!isRescued() && !isDeterministic(root)) {
    return "this runtime was started without V8's linear regexp flags";
  }
  try {
    return new V8Matcher(root, groupCount);
  } catch (error) {
    if (error instanceof UntranslatableError) return error.message;
    throw error;
  }
}

/** A match that must span the text has to begin where the text begins, so the search is spared. */
function anchor(root: Node, { anchoredFull, whole }: Re2Options): Node {
  if (whole) {
    return {
      type: "concat",
      parts: [{ type: "assert", at: "textStart" }, root, { type: "assert", at: "textEnd" }],
    };
  }
  return anchoredFull ? { type: "concat", parts: [{ type: "assert", at: "textStart" }, root] } : root;
}

class CompiledRe2 implements Re2 {
  readonly engine: "v8" | "re2js";
  readonly groupCount: number;

  constructor(
    readonly pattern: string,
    readonly groupNames: readonly string[],
    readonly matcher: V8Matcher | Re2jsMatcher,
    readonly scanner: ByteScanner | null,
    readonly notice: string | undefined,
    readonly mustSpan: boolean,
  ) {
    this.engine = matcher.engine;
    this.groupCount = groupNames.length - 1;
  }

  get slowSubjects(): number {
    return this.matcher.slowSubjects;
  }

  exec(text: string): Re2Match | null {
    const match = this.matcher.exec(text);
    return match !== null && this.mustSpan && match[0].length !== text.length ? null : match;
  }

  test(text: string): boolean {
    return this.exec(text) !== null;
  }

  offsets(text: string, out: Int32Array): boolean {
    return this.matcher.offsets(text, out) && !(this.mustSpan && out[1] !== text.length);
  }

  scan(bytes: Uint8Array, begin: number, end: number, out: Int32Array): boolean {
    if (this.scanner === null || !this.scanner.run(bytes, begin, end, out)) return false;
    return !this.mustSpan || out[1] === end - begin;
  }
}
