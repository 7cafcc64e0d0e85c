import assert from "node:assert/strict";
import { DEPTH_MAX, FILE_CHARS_MAX, readYamlDocument } from "../../src/config/yaml_document.ts";
import { NODES_MAX } from "../../src/config/yaml_tree.ts";
import { placeInside, type ScalarNode, type YamlNode } from "../../src/config/yaml_node.ts";

/** The tree as nested arrays, each node with line:column and how a scalar was written. */
function outline(node: YamlNode | null): unknown {
  if (node === null) return null;
  const at = `${node.line}:${node.column}`;
  if (node.kind === "list") return [at, ...node.items.map(outline)];
  if (node.kind === "map") {
    return { at, ...Object.fromEntries(node.entries.map((e) => [e.key, outline(e.value)])) };
  }
  return `${at} ${node.quoted ? "quoted" : "plain"} ${node.text}`;
}

function codes(text: string): string[] {
  return readYamlDocument("a.yaml", text).findings.list.map((p) => `${p.code} ${p.line}:${p.column}`);
}

Deno.test("readYamlDocument gives each value its place and text", () => {
  const text =
    `version: 1.10\nflow: {a: "x\\n", b: [1, 'it''s']}\nblock: |\n  one\n  two\nempty:\nlist:\n  - yes\n  - Type: t\n    n: 007\n`;
  assert.deepEqual(outline(readYamlDocument("a.yaml", text).root), {
    at: "1:1",
    version: "1:10 plain 1.10",
    flow: { at: "2:7", a: "2:11 quoted x\n", b: ["2:21", "2:22 plain 1", "2:25 quoted it's"] },
    block: "4:1 quoted one\ntwo\n",
    empty: "6:1 plain ",
    list: ["8:3", "8:5 plain yes", { at: "9:5", Type: "9:11 plain t", n: "10:8 plain 007" }],
  });
});

Deno.test("readYamlDocument counts lines of every line ending and skips a byte order mark", () => {
  for (const eol of ["\n", "\r\n", "\r"]) {
    const root = readYamlDocument("a.yaml", `\uFEFFa: 1${eol}b: 2${eol}c: [x]${eol}`).root;
    assert.ok(root?.kind === "map");
    assert.deepEqual(root.entries.map((e) => e.value.line), [1, 2, 3]);
  }
});

Deno.test("readYamlDocument resolves anchors, aliases and merge keys", () => {
  const root = readYamlDocument("a.yaml", "base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3}\nsame: *b\n").root;
  assert.deepEqual(outline(root), {
    at: "1:1",
    base: { at: "1:10", x: "1:14 plain 1", y: "1:20 plain 2" },
    use: { at: "2:6", y: "2:18 plain 3", x: "1:14 plain 1" },
    same: { at: "1:10", x: "1:14 plain 1", y: "1:20 plain 2" },
  });
});

Deno.test("readYamlDocument refuses what a pipeline file must not hold", () => {
  const cases: [string, string[]][] = [
    ["", ["CONFIG_EMPTY 0:0"]],
    ["# only a comment\n", ["CONFIG_EMPTY 0:0"]],
    ["a: 1\n---\nb: 2\n", ["CONFIG_MANY_DOCUMENTS 3:1"]],
    ["a: 1\nb: 2\na: 3\n", ["CONFIG_DUPLICATE_KEY 3:1"]],
    ["a: !!js/function 'x'\n", ["CONFIG_TAG 1:4"]],
    ["a: !secret x\n", ["CONFIG_TAG 1:4"]],
    ["a: *nobody\n", ["CONFIG_SYNTAX 1:4"]],
    ["a: &x [*x]\n", ["CONFIG_SYNTAX 1:8"]],
    ["a:\n\tb: 1\n", ["CONFIG_SYNTAX 2:1"]],
    ["a: {{ .Values.x }}\n", ["CONFIG_BAD_KEY 1:5"]],
    ["a: 'open\n", ["CONFIG_SYNTAX 2:1"]],
    ["a: \0\n", ["CONFIG_SYNTAX 1:4"]],
    [`a: ${"[".repeat(DEPTH_MAX)}`, ["CONFIG_TOO_DEEP 1:35"]],
  ];
  for (const [text, want] of cases) assert.deepEqual(codes(text), want, JSON.stringify(text));
});

Deno.test("readYamlDocument refuses a small file that aliases blow up", () => {
  const lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 20; i++) lines.push(`l${i}: &l${i} [${Array(10).fill(`*l${i - 1}`).join(", ")}]`);
  const { root, findings } = readYamlDocument("a.yaml", lines.join("\n"));
  assert.equal(root, null);
  assert.equal(findings.list[0].code, "CONFIG_TOO_MANY_NODES");
  assert.equal(findings.list[0].expected, `at most ${NODES_MAX}, aliases written out`);
});

Deno.test("placeInside points at a character only where the text stands as written", () => {
  const at = (yaml: string, index: number) => {
    const root = readYamlDocument("a.yaml", yaml).root;
    assert.ok(root?.kind === "map");
    return placeInside(root.entries[0].value as ScalarNode, index).column;
  };
  assert.equal(at("a: (b\n", 1), 5);
  assert.equal(at("a: '(b'\n", 1), 6);
  assert.equal(at("a: '(''b'\n", 1), 4);
  assert.equal(at('a: "\\x28b"\n', 1), 4);
});

Deno.test("readYamlDocument refuses what is made to be slow, quickly and with a code", () => {
  const chain = Array.from(
    { length: 30 },
    (_, i) => `a${i}: &a${i} {${i === 0 ? "x: 1" : `<<: *a${i - 1}, k${i}: *a${i - 1}`}}`,
  );
  const cases: [string, string][] = [
    [chain.join("\n"), "CONFIG_TOO_MANY_NODES"],
    ["[".repeat(500_000), "CONFIG_TOO_DEEP"],
    ["- ".repeat(500_000), "CONFIG_TOO_DEEP"],
    ["x".repeat(FILE_CHARS_MAX + 1), "CONFIG_TOO_LARGE"],
    ["a: 1\n".repeat(150_000), "CONFIG_TOO_MANY_NODES"],
    [`a: [${"1,".repeat(400_000)}]`, "CONFIG_TOO_MANY_NODES"],
  ];
  for (const [text, code] of cases) {
    const began = performance.now();
    const { root, findings } = readYamlDocument("a.yaml", text);
    assert.equal(root, null);
    assert.ok(findings.list.some((problem) => problem.code === code), `${code}: ${findings.list[0].code}`);
    // 10 to 100 ms on a quiet machine.
    assert.ok(performance.now() - began < 3_000, `${code} took ${performance.now() - began} ms`);
  }
});
