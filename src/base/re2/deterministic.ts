import type { Node } from "./ast.ts";
import { type CharSet, intersect, union } from "./char_set.ts";

/** Each branching part may double the work of a failed attempt, so only a few are let pass. */
const BRANCHES_MAX = 6;

/**
 * Tells whether a backtracking engine does work linear in the text per starting place: every repetition is
 * over one character class, and what may follow it cannot begin inside that class. Deliberately narrow; it
 * decides only where V8's own guard against excessive backtracking is absent.
 */
export function isDeterministic(root: Node): boolean {
  const walk = { branches: 0, ok: true };
  firstOf(root, [], walk);
  return walk.ok && walk.branches <= BRANCHES_MAX;
}

interface Walk {
  branches: number;
  ok: boolean;
}

/** Characters with which `node` followed by `follow` can begin; notes what it finds on the way. */
function firstOf(node: Node, follow: CharSet, walk: Walk): CharSet {
  switch (node.type) {
    case "empty":
    case "assert":
      return follow;
    case "set":
      return node.set;
    case "capture":
      return firstOf(node.body, follow, walk);
    case "concat":
      return node.parts.reduceRight<CharSet>((next, part) => firstOf(part, next, walk), follow);
    case "alternate":
      walk.branches += node.options.length - 1;
      return node.options.reduce<CharSet>(
        (all, option) => union(all, firstOf(option, follow, walk)),
        [],
      );
    case "repeat": {
      if (node.min === 0 && node.max === 1) {
        walk.branches++;
        return union(firstOf(node.body, follow, walk), follow);
      }
      const body = node.body.type === "capture" ? node.body.body : node.body;
      if (body.type !== "set") {
        walk.ok = false;
        return follow;
      }
      if (node.min !== node.max && intersect(body.set, follow).length > 0) walk.ok = false;
      return node.min > 0 ? body.set : union(body.set, follow);
    }
  }
}
