import { type CharSet, negate, normalizeRanges } from "./char_set.ts";

const DIGIT: CharSet = [0x30, 0x39];
const WORD: CharSet = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
// Unlike Perl and JavaScript, RE2's \s has neither \v nor any space beyond ASCII.
const SPACE: CharSet = [0x09, 0x0a, 0x0c, 0x0d, 0x20, 0x20];

const PERL: Readonly<Record<string, CharSet>> = { d: DIGIT, s: SPACE, w: WORD };

const POSIX: Readonly<Record<string, CharSet>> = {
  alnum: normalizeRanges([0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]),
  alpha: normalizeRanges([0x41, 0x5a, 0x61, 0x7a]),
  ascii: [0x00, 0x7f],
  blank: [0x09, 0x09, 0x20, 0x20],
  cntrl: [0x00, 0x1f, 0x7f, 0x7f],
  digit: DIGIT,
  graph: [0x21, 0x7e],
  lower: [0x61, 0x7a],
  print: [0x20, 0x7e],
  punct: [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e],
  space: [0x09, 0x0d, 0x20, 0x20],
  upper: [0x41, 0x5a],
  word: WORD,
  xdigit: [0x30, 0x39, 0x41, 0x46, 0x61, 0x66],
};

/** A class before its sign is applied: RE2 folds case first and negates then. */
export interface NamedSet {
  readonly set: CharSet;
  readonly negated: boolean;
}

/** The set of `\d \s \w` or, for a capital, their negation; undefined for another letter. */
export function perlSet(letter: string): NamedSet | undefined {
  const lower = letter.toLowerCase();
  const set = Object.hasOwn(PERL, lower) ? PERL[lower] : undefined;
  return set && { set, negated: letter !== lower };
}

/** The set of `[:alpha:]`, written `alpha` or `^alpha` here; undefined when there is no such class. */
export function posixSet(name: string): NamedSet | undefined {
  const negated = name.startsWith("^");
  const plain = negated ? name.slice(1) : name;
  const set = Object.hasOwn(POSIX, plain) ? POSIX[plain] : undefined;
  return set && { set, negated };
}

/** Code points which are no ASCII word characters. */
export const NOT_WORD: CharSet = negate(WORD);
