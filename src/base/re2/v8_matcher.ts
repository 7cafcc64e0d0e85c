import { countEmptyWays, type Node } from "./ast.ts";
import type { Alphabet } from "./emit_set.ts";
import { GuardedRegExp } from "./guarded_regexp.ts";
import { OffsetProgram, offsetSource } from "./offsets.ts";
import type { Re2Match } from "./re2.ts";
import { isRe2jsLoaded, loadRe2js, Re2jsMatcher, wellFormed } from "./re2js_matcher.ts";
import { SlowWatch } from "./slow_watch.ts";
import { type EmitMode, emitNode, needsPairs, UntranslatableError } from "./translate.ts";
import { clockOfRe2, isRescued, linearRegExp } from "./v8_guard.ts";

// On a one-byte string V8 answers this without looking at it.
const SURROGATE = /[\ud800-\udfff]/;

/** V8's regexp compiler tries them all: 4 million such ways take it seconds. */
const EMPTY_WAYS_MAX = 256;

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
  readonly #watch = new SlowWatch(clockOfRe2());

  /** Throws UntranslatableError when this cannot be done exactly, or not in linear time. */
  constructor(readonly root: Node, readonly groupCount: number) {
    if (countEmptyWays(root) > EMPTY_WAYS_MAX) {
      throw new UntranslatableError("too many of its parts can be empty in several ways");
    }
    this.#hasPairs = needsPairs(root);
    checkForms(root, this.#hasPairs ? ["units", "pairs"] : ["units"]);
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
    const steady = this.#steady();
    if (steady !== null) return steady.exec(text);
    const beganMs = this.#watch.begin(text.length);
    const match = this.#execOnV8(text);
    if (beganMs >= 0) this.#watched(beganMs, text.length);
    return match;
  }

  offsets(text: string, out: Int32Array): boolean {
    const steady = this.#steady();
    if (steady !== null) return steady.offsets(text, out);
    const beganMs = this.#watch.begin(text.length);
    const matched = this.#offsetsOnV8(text, out);
    if (beganMs >= 0) this.#watched(beganMs, text.length);
    return matched;
  }

  /** re2js never has more than one way to go: quicker where V8 goes many. */
  #steady(): Re2jsMatcher | null {
    if (!this.#watch.isSlow || !isRe2jsLoaded()) return null;
    this.#watch.countAway();
    return this.#onRe2js();
  }

  #watched(beganMs: number, chars: number): void {
    // Until it is loaded, or if it never is, V8 goes on.
    if (this.#watch.end(beganMs, chars)) loadRe2js().catch(() => {});
  }

  #execOnV8(text: string): Re2Match | null {
    if (!this.#hasPairs || !SURROGATE.test(text)) return this.#exec(this.#units, text);
    return this.#exec(this.#pairs ??= this.#compile("pairs"), wellFormed(text));
  }

  #offsetsOnV8(text: string, out: Int32Array): boolean {
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
    return new GuardedRegExp((counted) => emitSource(this.root, { alphabet, counted }));
  }

  #onRe2js(): Re2jsMatcher {
    return this.#re2js ??= new Re2jsMatcher(this.root, this.groupCount);
  }
}

/** Most forms are made when a subject asks for them; that they can be made has to be known before. */
function checkForms(root: Node, alphabets: readonly Alphabet[]): void {
  for (const alphabet of alphabets) {
    for (const counted of [false, true]) {
      for (const emit of [offsetSource, emitSource]) checkSource(emit(root, { alphabet, counted }));
    }
  }
}

function checkSource(source: string): void {
  if (isRescued()) {
    if (!linearRegExp(source)) throw new UntranslatableError("V8 cannot run it in linear time");
    return;
  }
  try {
    new RegExp(source);
  } catch (error) {
    throw new UntranslatableError("it is too large for V8", { cause: error });
  }
}

function emitSource(root: Node, mode: EmitMode): string {
  return emitNode(root, mode).source;
}
