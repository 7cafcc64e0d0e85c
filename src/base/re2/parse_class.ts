import { type CharSet, negate, normalizeRanges } from "./char_set.ts";
import { type NamedSet, perlSet, posixSet } from "./named_sets.ts";
import { parseCharEscape } from "./parse_escape.ts";
import type { PatternReader } from "./pattern_reader.ts";
import { Re2SyntaxError } from "./syntax_error.ts";
import { foldCase, unicodeSet } from "./unicode_sets.ts";

/** Reads `[…]`, the cursor being on the bracket. Folding comes before negation, as in RE2. */
export function parseClass(reader: PatternReader, fold: boolean): CharSet {
  const start = reader.at;
  reader.at++;
  const negated = reader.peek() === "^";
  if (negated) reader.at++;
  const plain: number[] = []; // single characters and ranges, folded at the end
  const named: number[] = []; // classes inside the class, folded already
  for (let first = true; first || reader.peek() !== "]"; first = false) {
    const set = parsePosixClass(reader, fold) ?? parseClassEscape(reader, fold);
    if (set) { for (const edge of set) named.push(edge); }
    else parseRange(reader, start, plain);
  }
  reader.at++;
  const singles = normalizeRanges(plain);
  const set = normalizeRanges([...(fold ? foldCase(singles) : singles), ...named]);
  return negated ? negate(set) : set;
}

/** Reads `\d`, `\W`, `\pL`, `\P{Greek}`, … where one stands at the cursor. */
export function parseClassEscape(reader: PatternReader, fold: boolean): CharSet | undefined {
  if (reader.peek() !== "\\") return undefined;
  const letter = reader.peek(1);
  if (letter === "p" || letter === "P") return parseUnicodeClass(reader, fold);
  const named = letter === "" ? undefined : perlSet(letter);
  if (named) reader.at += 2;
  return named && applySign(named, fold);
}

function parseUnicodeClass(reader: PatternReader, fold: boolean): CharSet {
  const start = reader.at;
  let negated = reader.peek(1) === "P";
  reader.at += 2;
  let name = reader.atEnd ? "" : String.fromCodePoint(reader.take());
  if (name === "{") {
    const end = reader.pattern.indexOf("}", reader.at);
    if (end < 0) {
      throw new Re2SyntaxError("invalid character class range", start, reader.pattern.slice(start));
    }
    name = reader.pattern.slice(reader.at, end);
    reader.at = end + 1;
  }
  if (name.startsWith("^")) {
    negated = !negated;
    name = name.slice(1);
  }
  const set = unicodeSet(name);
  if (!set) throw new Re2SyntaxError("invalid character class range", start, reader.since(start));
  return applySign({ set, negated }, fold);
}

function parsePosixClass(reader: PatternReader, fold: boolean): CharSet | undefined {
  if (!reader.startsWith("[:")) return undefined;
  const end = reader.pattern.indexOf(":]", reader.at + 2);
  if (end < 0) return undefined;
  const start = reader.at;
  const named = posixSet(reader.pattern.slice(start + 2, end));
  reader.at = end + 2;
  if (!named) throw new Re2SyntaxError("invalid character class range", start, reader.since(start));
  return applySign(named, fold);
}

function applySign({ set, negated }: NamedSet, fold: boolean): CharSet {
  const folded = fold ? foldCase(set) : set;
  return negated ? negate(folded) : folded;
}

function parseRange(reader: PatternReader, classStart: number, out: number[]): void {
  const start = reader.at;
  const lo = parseClassChar(reader, classStart);
  let hi = lo;
  // A dash before the closing bracket is a dash.
  if (reader.peek() === "-" && reader.peek(1) !== "" && reader.peek(1) !== "]") {
    reader.at++;
    hi = parseClassChar(reader, classStart);
    if (hi < lo) throw new Re2SyntaxError("invalid character class range", start, reader.since(start));
  }
  out.push(lo, hi);
}

function parseClassChar(reader: PatternReader, classStart: number): number {
  if (reader.atEnd) {
    throw new Re2SyntaxError("missing closing ]", classStart, reader.pattern.slice(classStart));
  }
  return reader.peek() === "\\" ? parseCharEscape(reader) : reader.take();
}
