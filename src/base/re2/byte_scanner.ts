import type { Node } from "./ast.ts";
import { type CharSet, contains } from "./char_set.ts";

/** Sets a pattern may use: one bit each. */
const SETS_MAX = 31;
/** Elements a pattern may have; more would rather be a program than a log format. */
const STEPS_MAX = 400;

/** Kinds of steps; each step is five numbers: kind, a, b, c, d. */
const ONE = 0; // one byte of the set with bit a
const RUN = 1; // the longest run of the set with bit a, less b bytes at its end, at least c; group at out[d] if d > 0
const MARK = 2; // the position goes to out[a]
const END = 3; // the text must end here
const STEP = 5;

/** An element before it is known whether the pattern can be scanned. */
type Element =
  | { kind: "one"; bit: number }
  | { kind: "run"; bit: number; min: number; lazy: boolean }
  | { kind: "mark"; slot: number }
  | { kind: "end" };

/**
 * Matches simple patterns on ASCII bytes, at their begin only, without making a string: a row of characters and
 * repeated sets in which no choice is ever open. A repeated set is closed when after k characters that all lie in it
 * something follows that begins outside of it:
 *
 *     (\S+) \[        k = 0: the blank is not in \S, so the run ends at the first blank
 *     \S+\] "         k = 1: `]` is in \S, the blank behind it is not: the run ends one before the first blank
 *
 * So there is one way at most to match from the begin on, and if there is one, it is the leftmost-first match. If there
 * is none, a match may still begin further on: the caller asks the regular expression.
 */
export class ByteScanner {
  readonly #steps: Int32Array;
  readonly #masks: Int32Array;

  private constructor(steps: Int32Array, masks: Int32Array) {
    this.#steps = steps;
    this.#masks = masks;
  }

  /** `null` when the pattern is not of this kind. */
  static of(root: Node): ByteScanner | null {
    const sets: CharSet[] = [];
    const elements: Element[] = [];
    if (!flatten(root, sets, elements) || elements.length > STEPS_MAX || sets.length > SETS_MAX) return null;
    const masks = new Int32Array(256);
    for (let byte = 0; byte < 128; byte++) {
      sets.forEach((set, bit) => masks[byte] |= contains(set, byte) ? 1 << bit : 0);
    }
    const steps: number[] = [];
    for (let at = 0; at < elements.length; at++) {
      // Most groups hold one run: that is one step, not three.
      const slot = runsGroup(elements, at);
      if (slot > 0) at++;
      const step = stepOf(elements[at], elements, at, masks);
      if (step === null) return null;
      steps.push(...step, slot);
      if (slot > 0) at++;
    }
    return new ByteScanner(Int32Array.from(steps), masks);
  }

  /**
   * Matches ASCII `bytes[begin, end)` from `begin` on; writes begin and end of each group to `out`, counted from
   * `begin`, as `Re2.offsets` does. False: no match there, `out` holds nothing of use.
   */
  run(bytes: Uint8Array, begin: number, end: number, out: Int32Array): boolean {
    const steps = this.#steps, masks = this.#masks;
    let at = begin;
    for (let i = 0; i < steps.length; i += STEP) {
      const a = steps[i + 1];
      switch (steps[i]) {
        case ONE:
          if (at >= end || (masks[bytes[at]] >>> a & 1) === 0) return false;
          at++;
          break;
        case RUN: {
          const bit = 1 << a;
          const from = at;
          while (at < end && (masks[bytes[at]] & bit) !== 0) at++;
          at -= steps[i + 2];
          if (at < from + steps[i + 3]) return false;
          const slot = steps[i + 4];
          if (slot > 0) {
            out[slot] = from - begin;
            out[slot + 1] = at - begin;
          }
          break;
        }
        case MARK:
          out[a] = at - begin;
          break;
        default:
          if (at !== end) return false;
      }
    }
    out[0] = 0;
    out[1] = at - begin;
    return true;
  }
}

/** The pattern as a row; false when it has anything else in it. */
function flatten(node: Node, sets: CharSet[], elements: Element[]): boolean {
  switch (node.type) {
    case "empty":
      return true;
    case "set":
      elements.push({ kind: "one", bit: bitOf(node.set, sets) });
      return true;
    case "concat":
      return node.parts.every((part) => flatten(part, sets, elements));
    case "capture":
      elements.push({ kind: "mark", slot: 2 * node.index });
      if (!flatten(node.body, sets, elements)) return false;
      elements.push({ kind: "mark", slot: 2 * node.index + 1 });
      return true;
    case "repeat":
      if (node.body.type !== "set" || node.max !== Infinity || node.min > 1) return false;
      elements.push({ kind: "run", bit: bitOf(node.body.set, sets), min: node.min, lazy: node.lazy });
      return true;
    case "assert":
      if (node.at === "textStart") return elements.every(({ kind }) => kind === "mark");
      elements.push({ kind: "end" });
      return node.at === "textEnd";
    default:
      return false;
  }
}

/** Where the group goes that opens here and holds a run and nothing else; 0: there is none. */
function runsGroup(elements: Element[], at: number): number {
  const [open, run, close] = elements.slice(at, at + 3);
  return open?.kind === "mark" && run?.kind === "run" && close?.kind === "mark" &&
      close.slot === open.slot + 1
    ? open.slot
    : 0;
}

function bitOf(set: CharSet, sets: CharSet[]): number {
  const known = sets.findIndex((other) =>
    other.length === set.length && other.every((at, i) => at === set[i])
  );
  return known >= 0 ? known : sets.push(set) - 1;
}

function stepOf(element: Element, elements: Element[], at: number, masks: Int32Array): number[] | null {
  switch (element.kind) {
    case "one":
      return [ONE, element.bit, 0, 0];
    case "mark":
      return [MARK, element.slot, 0, 0];
    case "end":
      return [END, 0, 0, 0];
    case "run": {
      const back = charactersBehind(element, elements.slice(at + 1), masks);
      return back < 0 ? null : [RUN, element.bit, back, element.min];
    }
  }
}

/** The k of the class comment; -1 when the end of the run is open. */
function charactersBehind(run: Element & { kind: "run" }, rest: Element[], masks: Int32Array): number {
  let k = 0;
  for (const next of rest) {
    if (next.kind === "mark") continue;
    if (next.kind === "end") return k;
    const { inside, outside } = compare(next.bit, run.bit, masks);
    if (!inside) return next.kind === "one" || next.min > 0 ? k : -1;
    if (outside || next.kind !== "one") return -1;
    k++;
  }
  // At the end of the pattern a greedy run takes all it can.
  return k === 0 && !run.lazy ? 0 : -1;
}

/** Whether ASCII members of the one set lie inside and outside of the other. */
function compare(bit: number, other: number, masks: Int32Array): { inside: boolean; outside: boolean } {
  let inside = false, outside = false;
  for (let byte = 0; byte < 128; byte++) {
    if ((masks[byte] >>> bit & 1) === 0) continue;
    if ((masks[byte] >>> other & 1) === 1) inside = true;
    else outside = true;
  }
  return { inside, outside };
}
