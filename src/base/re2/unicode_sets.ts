import { ANY, type CharSet, contains, normalizeRanges, union } from "./char_set.ts";
import { propertyExpression } from "./unicode_names.ts";

const propertySets = new Map<string, CharSet>();
let everyCodePoint: string | undefined;
let foldOrbits: Map<number, readonly number[]> | undefined;

/**
 * Code points with a Unicode category or script, undefined when RE2 knows no such name. The tables are
 * V8's own, so they are as new as the runtime's Unicode version (RE2's may be older).
 */
export function unicodeSet(name: string): CharSet | undefined {
  const expression = propertyExpression(name);
  if (expression === undefined) return undefined;
  if (expression === "Any") return ANY;
  let set = propertySets.get(expression);
  if (set === undefined) {
    set = matchEveryCodePoint(`\\p{${expression}}`);
    propertySets.set(expression, set);
  }
  return set;
}

/** The set with every code point which differs from a member by simple case folding only. */
export function foldCase(set: CharSet): CharSet {
  const max = set.at(-1) ?? 0;
  return union(set, max <= 0x7f ? asciiFolds(set) : unicodeFolds(set));
}

function asciiFolds(set: CharSet): number[] {
  const out: number[] = [];
  for (let upper = 0x41; upper <= 0x5a; upper++) {
    if (!contains(set, upper) && !contains(set, upper + 0x20)) continue;
    out.push(upper, upper, upper + 0x20, upper + 0x20);
    if (upper === 0x4b) out.push(0x212a, 0x212a); // Kelvin sign
    if (upper === 0x53) out.push(0x17f, 0x17f); // long s
  }
  return out;
}

function unicodeFolds(set: CharSet): number[] {
  const out: number[] = [];
  foldOrbits ??= findFoldOrbits();
  for (const [codePoint, orbit] of foldOrbits) {
    if (contains(set, codePoint)) { for (const other of orbit) out.push(other, other); }
  }
  return out;
}

/** All groups of code points which fold to each other, found by asking V8: it has no table to read. */
function findFoldOrbits(): Map<number, readonly number[]> {
  const orbitOf = new Map<number, number[]>();
  const cased = unicodeCased();
  for (let i = 0; i < cased.length; i += 2) {
    for (let codePoint = cased[i]; codePoint <= cased[i + 1]; codePoint++) {
      const text = String.fromCodePoint(codePoint);
      for (const other of [text.toLowerCase(), text.toUpperCase()]) joinOrbits(orbitOf, text, other);
    }
  }
  return orbitOf;
}

function joinOrbits(orbitOf: Map<number, number[]>, text: string, other: string): void {
  const a = text.codePointAt(0)!, b = other.codePointAt(0)!;
  if (a === b || other.length !== (b > 0xffff ? 2 : 1)) return;
  if (!new RegExp(`^\\u{${a.toString(16)}}$`, "iu").test(other)) return;
  const joined = [...new Set([...orbitOf.get(a) ?? [a], ...orbitOf.get(b) ?? [b]])];
  for (const member of joined) orbitOf.set(member, joined);
}

function unicodeCased(): CharSet {
  return matchEveryCodePoint("[\\p{Changes_When_Casemapped}\\p{Changes_When_Casefolded}]");
}

function matchEveryCodePoint(expression: string): CharSet {
  everyCodePoint ??= listEveryCodePoint();
  const ranges: number[] = [];
  // The string is walked run by run; it holds every scalar value once, in order.
  for (const match of everyCodePoint.matchAll(new RegExp(`${expression}+`, "gu"))) {
    const run = match[0];
    const lo = run.codePointAt(0)!;
    const tail = run.charCodeAt(run.length - 1);
    const hi = tail >= 0xdc00 && tail <= 0xdfff ? run.codePointAt(run.length - 2)! : tail;
    // Surrogates are no characters of valid UTF-8; a run over the hole simply skips them.
    ranges.push(lo, hi);
  }
  return normalizeRanges(ranges);
}

function listEveryCodePoint(): string {
  const pieces: string[] = [];
  for (let base = 0; base <= 0x10ffff; base += 0x1000) {
    if (base >= 0xd000 && base < 0xe000) {
      pieces.push(String.fromCodePoint(...Array.from({ length: 0x800 }, (_, i) => 0xd000 + i)));
    } else pieces.push(String.fromCodePoint(...Array.from({ length: 0x1000 }, (_, i) => base + i)));
  }
  return pieces.join("");
}
