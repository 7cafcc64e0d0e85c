import type { Matcher, RE2JS } from "re2js";
import type { Node } from "./ast.ts";
import { printRe2 } from "./print_re2.ts";
import type { Re2Match } from "./re2.ts";

let re2jsClass: typeof RE2JS | undefined;

/** Loads re2js, which costs start time and is needed by few pipelines. */
export async function loadRe2js(): Promise<void> {
  re2jsClass ??= (await import("re2js")).RE2JS;
}

/** Whether it is there. */
export function isRe2jsLoaded(): boolean {
  return re2jsClass !== undefined;
}

/** One pattern on re2js. `loadRe2js()` must have ended before. */
export class Re2jsMatcher {
  readonly engine = "re2js";
  readonly slowSubjects = 0;
  readonly #program: RE2JS;

  constructor(root: Node, readonly groupCount: number) {
    if (!re2jsClass) throw new Error("BUG: re2js is not loaded");
    this.#program = re2jsClass.compile(printRe2(root));
  }

  exec(text: string): Re2Match | null {
    const subject = wellFormed(text);
    const found = this.#find(subject);
    if (!found) return null;
    const groups: (string | undefined)[] = [];
    for (let i = 0; i <= this.groupCount; i++) {
      groups.push(found.start(i) < 0 ? undefined : subject.slice(found.start(i), found.end(i)));
    }
    return Object.assign(groups, { index: found.start(0) }) as unknown as Re2Match;
  }

  offsets(text: string, out: Int32Array): boolean {
    const found = this.#find(wellFormed(text));
    if (!found) return false;
    for (let i = 0; i <= this.groupCount; i++) {
      out[2 * i] = found.start(i);
      out[2 * i + 1] = found.end(i);
    }
    return true;
  }

  #find(subject: string): Matcher | undefined {
    // Whether there is a match at all is told by an automaton of at most 8 MiB, ten and more times as fast as groups are.
    if (!this.#program.test(subject)) return undefined;
    const matcher = this.#program.matcher(subject);
    return matcher.find() ? matcher : undefined;
  }
}

/** Half pairs never come from UTF-8; JSON escapes can make them. RE2 would see U+FFFD. */
export function wellFormed(text: string): string {
  return text.isWellFormed() ? text : text.toWellFormed();
}
