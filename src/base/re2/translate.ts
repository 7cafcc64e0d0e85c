import {
  type Assertion,
  countCaptures,
  countCertainCaptures,
  isNullable,
  type Node,
  type RepeatNode,
} from "./ast.ts";
import { type Alphabet, emitSet, hasAstral } from "./emit_set.ts";

/** V8's linear engine refuses counts whose nested product is larger. */
const REPLICATION_MAX = 16;
/** Longer sources (counts written out as copies) compile slowly; such patterns go to re2js. */
const SOURCE_CHARS_MAX = 50_000;

/** Raised while translating; `message` says in words why V8 cannot be exact or linear here. */
export class UntranslatableError extends Error {
  override readonly name = "UntranslatableError";
}

/** How to write the source. */
export interface EmitMode {
  readonly alphabet: Alphabet;
  /**
   * Whether every turn of an unbounded loop leaves something to backtrack to. V8 runs loops over plain
   * characters without any, so its count of excessive backtracks never sees `\d+x` go quadratic.
   */
  readonly counted: boolean;
}

// After a turn that consumed text the first is true and the second false, which V8 does not know.
const COUNTED_TURN = "(?:(?<=[^])|(?<![^]))";

/** V8 source and the largest nested product of the counts in it. */
export interface Emitted {
  readonly source: string;
  readonly replication: number;
}

/**
 * Writes a pattern as V8 source which needs no flags, which V8's linear engine accepts, and which gives
 * RE2's leftmost-first answer, groups included. Throws {@linkcode UntranslatableError} where that is not so:
 * - a repeated part that can be empty (RE2 takes the empty turn, JavaScript does not; and written out as
 *   copies such a part can be matched in so many ways that V8's compiler does not come to an end);
 * - a loop with groups that not every turn sets (JavaScript forgets them each turn, RE2 keeps the last);
 * - `(?m)$`, which would need a lookahead.
 */
export function emitNode(node: Node, mode: EmitMode): Emitted {
  switch (node.type) {
    case "empty":
      return plain("(?:)");
    case "set":
      return plain(emitSet(node.set, mode.alphabet));
    case "assert":
      return plain(emitAssertion(node.at, mode.alphabet));
    case "capture":
      return wrap("(", emitNode(node.body, mode), ")");
    case "concat":
      return join(node.parts.map((part) => asTerm(part, emitNode(part, mode))), "");
    case "alternate":
      return join(node.options.map((option) => emitNode(option, mode)), "|");
    case "repeat":
      return emitRepeat(node, emitNode(node.body, mode), mode.counted);
  }
}

/** Tells whether `units` and `pairs` sources differ, so that the subject decides which one is right. */
export function needsPairs(node: Node): boolean {
  switch (node.type) {
    case "set":
      return hasAstral(node.set);
    case "assert":
      return node.at === "notWordBoundary";
    case "concat":
      return node.parts.some(needsPairs);
    case "alternate":
      return node.options.some(needsPairs);
    case "capture":
    case "repeat":
      return needsPairs(node.body);
    default:
      return false;
  }
}

/** Brackets an emitted alternation so that it can stand in a sequence. */
export function asTerm(node: Node, emitted: Emitted): Emitted {
  return node.type === "alternate" ? wrap("(?:", emitted, ")") : emitted;
}

export function plain(source: string): Emitted {
  return { source, replication: 1 };
}

export function wrap(before: string, { source, replication }: Emitted, after: string): Emitted {
  return { source: before + source + after, replication };
}

export function join(parts: readonly Emitted[], separator: string): Emitted {
  const source = parts.map((part) => part.source).join(separator);
  if (source.length > SOURCE_CHARS_MAX) throw new UntranslatableError("its counts make it too large");
  return { source, replication: parts.reduce((max, part) => Math.max(max, part.replication), 1) };
}

function emitAssertion(at: Assertion, alphabet: Alphabet): string {
  switch (at) {
    case "textStart":
      return "^";
    case "textEnd":
      return "$";
    case "lineStart":
      return "(?<![^\\n])";
    case "lineEnd":
      throw new UntranslatableError("'$' with (?m) looks ahead");
    case "wordBoundary":
      return "\\b";
    case "notWordBoundary":
      // Between the halves of a pair is no place in the text.
      return alphabet === "pairs" ? "\\B(?<![\\ud800-\\udbff])" : "\\B";
  }
}

/** Writes a repetition of `node.body`, which is given as `body` already (perhaps with more groups). */
export function emitRepeat(node: RepeatNode, body: Emitted, counted: boolean): Emitted {
  const { min, max, lazy } = node;
  const nullable = isNullable(node.body);
  const captures = countCaptures(node.body);
  if (max === 0) {
    if (captures > 0) throw new UntranslatableError("a group is repeated zero times");
    return plain("(?:)");
  }
  if (min === 1 && max === 1) return wrap("(?:", body, ")");
  if (min === 0 && max === 1) return emitOptional(body, nullable, lazy);
  if (captures > countCertainCaptures(node.body)) {
    throw new UntranslatableError("a repeated part has a group which not every turn sets");
  }
  if (nullable) {
    throw new UntranslatableError("a repeated part can be empty");
  }
  if (max === Infinity && counted) body = wrap("(?:", body, `)${COUNTED_TURN}`);
  const factor = max === Infinity ? Math.max(min, 1) : max;
  const replication = factor * body.replication;
  if (replication <= REPLICATION_MAX) {
    return { source: `(?:${body.source})${quantifier(min, max)}${lazy ? "?" : ""}`, replication };
  }
  if (captures > 0) throw new UntranslatableError("a group is repeated more than 16 times");
  return emitCopies(node, body);
}

/** JavaScript skips an optional part that matches empty, RE2 does not; an alternation has no such rule. */
function emitOptional(body: Emitted, nullable: boolean, lazy: boolean): Emitted {
  if (!nullable) return wrap("(?:", body, lazy ? ")??" : ")?");
  return lazy ? wrap("(?:|", body, ")") : wrap("(?:", body, "|)");
}

/** `x{2,4}` as `xx(?:x(?:x)?)?`, with the certain copies in blocks which the linear engine takes. */
function emitCopies({ min, max, lazy }: RepeatNode, body: Emitted): Emitted {
  const block = Math.max(1, Math.floor(REPLICATION_MAX / body.replication));
  const optional = max === Infinity ? 1 : max - min;
  if ((optional + Math.ceil(min / block) + 1) * body.source.length > SOURCE_CHARS_MAX) {
    throw new UntranslatableError("its counts make it too large");
  }
  let source = `(?:${body.source}){${block}}`.repeat(Math.floor(min / block));
  if (min % block > 0) source += `(?:${body.source}){${min % block}}`;
  if (max === Infinity) source += `(?:${body.source})*${lazy ? "?" : ""}`;
  else {
    let tail = plain("");
    for (let i = min; i < max; i++) {
      tail = emitOptional(plain(`${group(body)}${tail.source}`), false, lazy);
    }
    source += tail.source;
  }
  return { source, replication: Math.max(body.replication, Math.min(min, block) * body.replication) };
}

function group(body: Emitted): string {
  return `(?:${body.source})`;
}

function quantifier(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? "*" : min === 1 ? "+" : `{${min},}`;
  return min === max ? `{${min}}` : `{${min},${max}}`;
}
