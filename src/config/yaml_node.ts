/** A place in a file; both count from 1. Columns count UTF-16 units, as editors do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Text between two separators, before anyone decided what type it has. */
export interface ScalarNode extends Place {
  readonly kind: "scalar";
  /** The value as text: escapes and foldings undone, quotes removed, and otherwise as written (`1.10` stays). */
  readonly text: string;
  /** True for quoted and block scalars: then `null`, `~` and nothing are texts like any other. */
  readonly quoted: boolean;
  /** True when `text` stands in the file character for character, from `column` (+ 1 for the quote) on. */
  readonly verbatim: boolean;
}

export interface ListNode extends Place {
  readonly kind: "list";
  readonly items: readonly YamlNode[];
}

export interface MapEntry {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: YamlNode;
}

export interface MapNode extends Place {
  readonly kind: "map";
  /** In the order of the file, each key once. */
  readonly entries: readonly MapEntry[];
}

/** A value with its place. An alias (`*name`) is the node of its anchor itself, so the tree may share branches. */
export type YamlNode = ScalarNode | ListNode | MapNode;

/** Whether the node says "nothing here": an empty value, `~` or `null`, unquoted. */
export function isNull(node: YamlNode): boolean {
  return node.kind === "scalar" && !node.quoted && /^(|~|null|Null|NULL)$/.test(node.text);
}

/** Place of the character with this index of the scalar's text, where that can be known; else where it begins. */
export function placeInside(node: ScalarNode, index: number): Place {
  if (!node.verbatim) return node;
  return { line: node.line, column: node.column + index + (node.quoted ? 1 : 0) };
}

/** What the node is, for a message: `a list`, `a map`, `nothing` or the scalar in quotes (shortened). */
export function describeNode(node: YamlNode): string {
  if (node.kind === "list") return "a list";
  if (node.kind === "map") return "a map";
  if (isNull(node)) return "nothing";
  const text = node.text.length > FOUND_CHARS_MAX ? `${node.text.slice(0, FOUND_CHARS_MAX)}…` : node.text;
  return `'${text.replaceAll("\n", "\\n")}'`;
}

const FOUND_CHARS_MAX = 80;
