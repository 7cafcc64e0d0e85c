import assert from "node:assert/strict";
import { describeNode, isNull, placeInside, type YamlNode } from "../../src/config/yaml_node.ts";
import { readYamlDocument } from "../../src/config/yaml_document.ts";

/** The value of `a` in a small file. */
function valueOf(yaml: string): YamlNode {
  const { root } = readYamlDocument("a.yaml", yaml);
  assert.ok(root?.kind === "map");
  return root.entries[0].value;
}

Deno.test("isNull knows the words for nothing, unless they are quoted", () => {
  for (const text of ["", "~", "null", "Null", "NULL"]) {
    assert.equal(isNull(valueOf(`a: ${text}\n`)), true, text);
  }
  for (const text of ["'null'", '"~"', "nULL", "none", "[]"]) {
    assert.equal(isNull(valueOf(`a: ${text}\n`)), false, text);
  }
});

Deno.test("placeInside counts from the text of a scalar, behind its quote", () => {
  const place = (yaml: string, index: number) => {
    const node = valueOf(yaml);
    assert.ok(node.kind === "scalar");
    const { line, column } = placeInside(node, index);
    return `${line}:${column}`;
  };
  assert.equal(place("a: (x\n", 0), "1:4");
  assert.equal(place("a: (x\n", 1), "1:5");
  assert.equal(place("a: '(x'\n", 1), "1:6");
  // With an escape in it, nobody knows where: the begin.
  assert.equal(place('a: "\\t(x"\n', 2), "1:4");
});

Deno.test("describeNode says what stands there, shortened and on one line", () => {
  assert.equal(describeNode(valueOf("a: [1]\n")), "a list");
  assert.equal(describeNode(valueOf("a: {b: 1}\n")), "a map");
  assert.equal(describeNode(valueOf("a:\n")), "nothing");
  assert.equal(describeNode(valueOf("a: 1.10\n")), "'1.10'");
  assert.equal(describeNode(valueOf('a: "x\\ny"\n')), "'x\\ny'");
  assert.equal(describeNode(valueOf(`a: ${"x".repeat(100)}\n`)), `'${"x".repeat(80)}…'`);
});
