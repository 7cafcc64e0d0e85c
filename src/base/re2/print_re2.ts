import type { Assertion, Node } from "./ast.ts";
import type { CharSet } from "./char_set.ts";

const ASSERTIONS: Readonly<Record<Assertion, string>> = {
  textStart: "\\A",
  textEnd: "\\z",
  lineStart: "(?m:^)",
  lineEnd: "(?m:$)",
  wordBoundary: "\\b",
  notWordBoundary: "\\B",
};

/**
 * Writes a parsed pattern in the part of the syntax on which all RE2 kin agree: classes by code point, no
 * flags, no names. So re2js gets the same classes as V8 and its own parser decides nothing.
 */
export function printRe2(node: Node): string {
  switch (node.type) {
    case "empty":
      return "(?:)";
    case "set":
      return printSet(node.set);
    case "assert":
      return ASSERTIONS[node.at];
    case "capture":
      return `(${printRe2(node.body)})`;
    case "concat":
      return node.parts.map(printRe2).join("");
    case "alternate":
      return `(?:${node.options.map(printRe2).join("|")})`;
    case "repeat": {
      const count = node.max === Infinity
        ? (node.min === 0 ? "*" : node.min === 1 ? "+" : `{${node.min},}`)
        : node.min === 0 && node.max === 1
        ? "?"
        : `{${node.min},${node.max}}`;
      return `(?:${printRe2(node.body)})${count}${node.lazy ? "?" : ""}`;
    }
  }
}

function printSet(set: CharSet): string {
  if (set.length === 0) return "[^\\x{0}-\\x{10FFFF}]";
  let out = "";
  for (let i = 0; i < set.length; i += 2) {
    out += `\\x{${set[i].toString(16)}}-\\x{${set[i + 1].toString(16)}}`;
  }
  return `[${out}]`;
}
