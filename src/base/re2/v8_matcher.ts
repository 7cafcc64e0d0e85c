import type { Node } from "./ast.ts";
import type { Alphabet } from "./emit_set.ts";
import { GuardedRegExp } from "./guarded_regexp.ts";
import { OffsetProgram } from "./offsets.ts";
import type { Re2Match } from "./re2.ts";
import { Re2jsMatcher, wellFormed } from "./re2js_matcher.ts";
import { emitNode, needsPairs } from "./translate.ts";

// On a one-byte string V8 answers this without looking at it.
const SURROGATE = /[\ud800-\udfff]/;

/**
 * One translatable pattern on V8. Subjects with characters beyond U+FFFF take a second, slower RegExp which
 * spells them as pairs; it is made when the first such subject comes.
 */
export class V8Matcher {
  readonly engine = "v8";
  readonly #hasPairs: boolean;
  readonly #units: GuardedRegExp;
  #pairs: GuardedRegExp | undefined;
  #unitOffsets: OffsetProgram | undefined;
  #pairOffsets: OffsetProgram | undefined;
  #re2js: Re2jsMatcher | undefined;

  /** Throws UntranslatableError, or SyntaxError when V8 finds the source too large. */
  constructor(readonly root: Node, readonly groupCount: number) {
    this.#hasPairs = needsPairs(root);
    this.#units = this.#compile("units");
  }

  /** V8 source for subjects without surrogates. */
  get source(): string {
    return this.#units.source;
  }

  get slowSubjects(): number {
    const programs = [this.#units, this.#pairs, this.#unitOffsets?.regexp, this.#pairOffsets?.regexp];
    return programs.reduce((sum, program) => sum + (program?.slowSubjects ?? 0), 0);
  }

  exec(text: string): Re2Match | null {
    if (!this.#hasPairs || !SURROGATE.test(text)) return this.#exec(this.#units, text);
    return this.#exec(this.#pairs ??= this.#compile("pairs"), wellFormed(text));
  }

  offsets(text: string, out: Int32Array): boolean {
    if (this.#hasPairs && SURROGATE.test(text)) {
      return this.#writeOffsets(
        this.#pairOffsets ??= new OffsetProgram(this.root, "pairs"),
        wellFormed(text),
        out,
      );
    }
    return this.#writeOffsets(this.#unitOffsets ??= new OffsetProgram(this.root, "units"), text, out);
  }

  #exec(regexp: GuardedRegExp, text: string): Re2Match | null {
    const match = regexp.exec(text);
    return match === undefined ? this.#onRe2js().exec(text) : match;
  }

  #writeOffsets(program: OffsetProgram, text: string, out: Int32Array): boolean {
    return program.run(text, out) ?? this.#onRe2js().offsets(text, out);
  }

  #compile(alphabet: Alphabet): GuardedRegExp {
    return new GuardedRegExp(emitNode(this.root, alphabet).source);
  }

  #onRe2js(): Re2jsMatcher {
    return this.#re2js ??= new Re2jsMatcher(this.root, this.groupCount);
  }
}
