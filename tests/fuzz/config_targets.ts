/** Pipeline files, and what people write into them. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readPipelineFile } from "../../src/config/pipeline_file.ts";
import { printProblems } from "../../src/config/print_problems.ts";
import { NODES_MAX } from "../../src/config/yaml_tree.ts";
import type { YamlNode } from "../../src/config/yaml_node.ts";
import { readYamlDocument } from "../../src/config/yaml_document.ts";
import { PLUGINS } from "../../src/plugins.ts";
import { damagedText } from "./damaged.ts";
import { type FuzzTarget, target } from "./target.ts";

const FOLDER = new URL("../golden/config/", import.meta.url);
const files = [...Deno.readDirSync(FOLDER)].filter((entry) => entry.name.endsWith(".yaml"))
  .map((entry) => Deno.readTextFileSync(new URL(entry.name, FOLDER)));

/** Levels of anchors, each with some aliases of the level before. */
const bomb = fc.tuple(
  fc.integer({ min: 1, max: 30 }),
  fc.integer({ min: 1, max: 12 }),
  fc.constantFrom("[", "{"),
).map(
  ([levels, width, open]) => {
    const value = (one: string) =>
      open === "["
        ? `[${Array(width).fill(one).join(", ")}]`
        : `{${Array.from({ length: width }, (_, i) => `k${i}: ${one}`).join(", ")}}`;
    return Array.from({ length: levels }, (_, i) => `l${i}: &l${i} ${value(i === 0 ? "x" : `*l${i - 1}`)}`)
      .join("\n");
  },
);

const words = [
  ...[
    "\n",
    "  ",
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "&a ",
    "*a",
    "*l1",
    "<<: *a\n",
    "<<: [*a, *b]\n",
    "|\n",
  ],
  ...[
    ">-\n",
    "!!x ",
    "!!binary ",
    "!<tag:x> ",
    "%YAML 1.2\n",
    "---\n",
    "...\n",
    "? ",
    "#",
    "\t",
    "\r",
    "null",
    "~",
  ],
  ...[
    "${A}",
    "${A:-b}",
    "${file:/x}",
    "${",
    "\0",
    "\ud800",
    "\ufeff",
    "\u2028",
    "\\x",
    "[".repeat(40),
    "- ".repeat(40),
  ],
];

const text = damagedText(fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...files) }, bomb), words);
const sources = { env: (name: string) => name === "A" ? "value" : undefined, readText: () => null };

function countNodes(node: YamlNode, most: number): number {
  const inner = node.kind === "list"
    ? node.items
    : node.kind === "map"
    ? node.entries.map(({ value }) => value)
    : [];
  let sum = 1;
  for (const one of inner) if (sum <= most) sum += countNodes(one, most);
  return sum;
}

export const configTargets: readonly FuzzTarget[] = [
  target(
    "pipeline files",
    "damaged YAML, with chains of aliases: a pipeline or problems in places that exist, never more values than allowed",
    text,
    (text) => {
      const { root } = readYamlDocument("a.yaml", text);
      if (root !== null) assert.ok(countNodes(root, NODES_MAX) <= NODES_MAX, "more values than allowed");
      const { config, problems } = readPipelineFile("a.yaml", text, PLUGINS, sources);
      assert.equal(config === null, problems.some((problem) => problem.level === "error"));
      const lines = text.split(/\r\n|\r|\n/).length;
      for (const { line, column } of problems) {
        assert.ok(line >= 0 && line <= lines && column >= 0, `${line}:${column}`);
      }
      const printed = printProblems(problems);
      // deno-lint-ignore no-control-regex
      assert.doesNotMatch(
        printed,
        /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028]/,
        "control characters reach a terminal",
      );
    },
  ),
];
