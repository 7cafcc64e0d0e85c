import type { CharSet } from "./char_set.ts";

/** Places a pattern can ask for without consuming text. Words are ASCII, lines end with `\n` only. */
export type Assertion =
  | "textStart"
  | "textEnd"
  | "lineStart"
  | "lineEnd"
  | "wordBoundary"
  | "notWordBoundary";

/**
 * A parsed RE2 pattern. Flags are gone: case folding is inside the sets, `(?s)` and `(?m)` chose set and
 * assertion, `(?U)` chose `lazy`. A literal character is a set with one member; an empty set never matches.
 */
export type Node =
  | { readonly type: "empty" }
  | { readonly type: "set"; readonly set: CharSet }
  | { readonly type: "assert"; readonly at: Assertion }
  | { readonly type: "concat"; readonly parts: readonly Node[] }
  | { readonly type: "alternate"; readonly options: readonly Node[] }
  | { readonly type: "capture"; readonly index: number; readonly name: string; readonly body: Node }
  | RepeatNode;

/** `body` taken `min` to `max` times (`Infinity` for no limit), fewest first when lazy. */
export interface RepeatNode {
  readonly type: "repeat";
  readonly min: number;
  readonly max: number;
  readonly lazy: boolean;
  readonly body: Node;
}

/** Tells whether the node can match without consuming text. */
export function isNullable(node: Node): boolean {
  switch (node.type) {
    case "empty":
    case "assert":
      return true;
    case "set":
      return false;
    case "concat":
      return node.parts.every(isNullable);
    case "alternate":
      return node.options.some(isNullable);
    case "capture":
      return isNullable(node.body);
    case "repeat":
      return node.min === 0 || isNullable(node.body);
  }
}

/** Direct children, for walks which treat all kinds alike. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.type) {
    case "concat":
      return node.parts;
    case "alternate":
      return node.options;
    case "capture":
    case "repeat":
      return [node.body];
    default:
      return [];
  }
}

/** Number of capture groups inside the node, itself included. */
export function countCaptures(node: Node): number {
  let count = node.type === "capture" ? 1 : 0;
  for (const child of childrenOf(node)) count += countCaptures(child);
  return count;
}

/** Number of capture groups which are set in every match of the node. */
export function countCertainCaptures(node: Node): number {
  switch (node.type) {
    case "capture":
      return 1 + countCertainCaptures(node.body);
    case "concat":
      return node.parts.reduce((sum, part) => sum + countCertainCaptures(part), 0);
    case "alternate":
      // Groups of different branches are different groups, so with two branches none is certain.
      return node.options.length === 1 ? countCertainCaptures(node.options[0]) : 0;
    case "repeat":
      return node.min > 0 ? countCertainCaptures(node.body) : 0;
    default:
      return 0;
  }
}

/**
 * In how many ways the parts of the node can be empty side by side (an upper bound): `(?:a?|b?)` in two,
 * three of them in a row in eight.
 */
export function countEmptyWays(node: Node): number {
  const inner = childrenOf(node).reduce((product, child) => product * countEmptyWays(child), 1);
  if (node.type === "alternate") return inner * Math.max(1, node.options.filter(isNullable).length);
  if (node.type !== "repeat") return inner;
  if (node.max === 1 && node.min === 0 && isNullable(node.body)) return 2 * inner;
  return node.max === Infinity ? inner ** Math.max(1, node.min) : inner ** node.max;
}
