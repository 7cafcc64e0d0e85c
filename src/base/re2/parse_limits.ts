import { childrenOf, type Node } from "./ast.ts";
import { Re2SyntaxError } from "./syntax_error.ts";

/** Largest count in `{m,n}`, and largest product of nested counts. */
export const REPEAT_MAX = 1000;
const HEIGHT_MAX = 1000;
const INSTRUCTIONS_MAX = Math.floor((128 << 20) / 40);

/** Tells whether nested counts ask for at most `copies` copies of the innermost thing. */
export function isRepeatValid(node: Node, copies: number): boolean {
  if (node.type === "repeat" && isCounted(node.min, node.max)) {
    if (node.max === 0) return true;
    const count = node.max === Infinity ? node.min : node.max;
    if (count > copies) return false;
    if (count > 0) copies = Math.floor(copies / count);
  }
  return childrenOf(node).every((child) => isRepeatValid(child, copies));
}

/** Refuses what RE2 refuses for its size: 1000 levels, 3.3 million compiled instructions. */
export function checkLimits(root: Node, pattern: string): void {
  // Every level needs a character, so a short pattern cannot be too deep.
  if (pattern.length > HEIGHT_MAX && heightOf(root) > HEIGHT_MAX) {
    throw new Re2SyntaxError("expression nests too deeply", 0, pattern);
  }
  if (sizeOf(root) > INSTRUCTIONS_MAX) throw new Re2SyntaxError("expression too large", 0, pattern);
}

/** Walks level by level, since the depth is what is in doubt. */
function heightOf(root: Node): number {
  let height = 0;
  for (let level: readonly Node[] = [root]; level.length > 0; height++) {
    level = level.flatMap(childrenOf);
  }
  return height;
}

function sizeOf(node: Node): number {
  const inner = childrenOf(node).reduce((sum, child) => sum + sizeOf(child), 0);
  switch (node.type) {
    case "capture":
      return 2 + inner;
    case "alternate":
      return inner + node.options.length - 1;
    case "repeat":
      if (node.max === Infinity) return node.min === 0 ? 2 + inner : 1 + node.min * inner;
      return Math.max(1, node.max * inner + node.max - node.min);
    default:
      return Math.max(1, inner);
  }
}

/** `*`, `+` and `?` do not count as counts, nor do `{0,1}` and the like. */
function isCounted(min: number, max: number): boolean {
  return !(max === Infinity && min <= 1) && !(min === 0 && max === 1);
}
