import { type CharSet, intersect, negate, subtract, union } from "./char_set.ts";

/**
 * Which strings a V8 source is exact for. V8 without the `u` flag sees UTF-16 units:
 * - `units`: every character of the subject is one unit (no surrogates in it);
 * - `pairs`: characters beyond U+FFFF are spelled as surrogate pairs, exact for all well-formed strings.
 */
export type Alphabet = "units" | "pairs";

const SURROGATES: CharSet = [0xd800, 0xdfff];
const BMP: CharSet = [0, 0xffff];
const ASTRAL: CharSet = [0x10000, 0x10ffff];

/** Tells whether the set has members which are two UTF-16 units long. */
export function hasAstral(set: CharSet): boolean {
  return set.length > 0 && set[set.length - 1] > 0xffff;
}

/** The set as V8 source: one class, or an alternation in brackets where pairs are needed. */
export function emitSet(set: CharSet, alphabet: Alphabet): string {
  const astral = intersect(set, ASTRAL);
  // Subjects of `units` have no surrogates: they may be in the class or not, whatever is shorter.
  if (alphabet === "units" && astral.length > 0) return shorterClass(set);
  const units = emitRanges(subtract(intersect(set, BMP), SURROGATES));
  if (astral.length === 0) return units;
  const pairs = emitPairs(astral);
  return units === "[]" ? `(?:${pairs})` : `(?:${units}|${pairs})`;
}

function shorterClass(set: CharSet): string {
  const inside = union(intersect(set, BMP), SURROGATES);
  const outside = intersect(negate(inside), BMP);
  if (outside.length === 0) return "[^]";
  const without = subtract(intersect(set, BMP), SURROGATES);
  return outside.length < without.length ? `[^${rangesText(outside)}]` : emitRanges(without);
}

function emitRanges(set: CharSet): string {
  const text = rangesText(set);
  return /^\w$/.test(text) ? text : `[${text}]`;
}

function rangesText(set: CharSet): string {
  let out = "";
  for (let i = 0; i < set.length; i += 2) {
    out += unit(set[i]);
    if (set[i + 1] > set[i] + 1) out += "-";
    if (set[i + 1] > set[i]) out += unit(set[i + 1]);
  }
  return out;
}

function unit(code: number): string {
  const text = String.fromCharCode(code);
  return /^[A-Za-z0-9]$/.test(text) ? text : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** Pairs, grouped by their low halves: `[\ud83c-\ud83d][\udc00-\udfff]|\ud83e[\udd00-\udd10]`. */
function emitPairs(astral: CharSet): string {
  const highsByLows = new Map<string, number[]>();
  const add = (lows: CharSet, loHigh: number, hiHigh: number) => {
    const key = emitRanges(lows);
    highsByLows.set(key, [...highsByLows.get(key) ?? [], loHigh, hiHigh]);
  };
  for (const [high, lows] of lowsByHigh(astral)) add(lows, high[0], high[1]);
  return [...highsByLows].map(([lows, highs]) => emitRanges(union(highs, [])) + lows).join("|");
}

function lowsByHigh(astral: CharSet): [[number, number], CharSet][] {
  const partial = new Map<number, number[]>();
  const out: [[number, number], CharSet][] = [];
  for (let i = 0; i < astral.length; i += 2) {
    let lo = astral[i];
    const hi = astral[i + 1];
    while (lo <= hi) {
      const high = highOf(lo), blockEnd = lo | 0x3ff;
      if ((lo & 0x3ff) === 0 && hi >= blockEnd) {
        const last = (hi & 0x3ff) === 0x3ff ? highOf(hi) : highOf(hi) - 1;
        out.push([[high, last], [0xdc00, 0xdfff]]);
        lo = ((last - 0xd800) << 10) + 0x10000 + 0x400;
      } else {
        const end = Math.min(hi, blockEnd);
        const lows = partial.get(high) ?? [];
        lows.push(0xdc00 + (lo & 0x3ff), 0xdc00 + (end & 0x3ff));
        partial.set(high, lows);
        lo = end + 1;
      }
    }
  }
  for (const [high, lows] of partial) out.push([[high, high], lows]);
  return out;
}

function highOf(codePoint: number): number {
  return 0xd800 + ((codePoint - 0x10000) >> 10);
}
