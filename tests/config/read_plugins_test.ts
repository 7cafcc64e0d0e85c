import assert from "node:assert/strict";
import { readPlugins } from "../../src/config/read_plugins.ts";
import { readYamlDocument } from "../../src/config/yaml_document.ts";
import { testFlusher, testInput, testProcessor } from "./test_plugins.ts";

function read(yaml: string) {
  const { root, findings } = readYamlDocument("a.yaml", yaml);
  assert.ok(root?.kind === "list", yaml);
  const context = { findings, sources: { env: () => undefined, readText: () => null }, secrets: [] };
  const plugins = [testInput, testFlusher, testProcessor];
  const configs = readPlugins("input", root.items, ["inputs"], plugins, context);
  const problems = findings.list.map((p) => `${p.code} ${p.line}:${p.column} ${p.path}`);
  return { configs, problems, findings };
}

Deno.test("readPlugins names each item by its id, or counts those of one type", () => {
  const { configs, problems } = read(`
- Type: test_input
  Path: /a
- Type: test_input/main
  Path: /b
- Type: test_input
  Path: /c
`);
  assert.deepEqual(problems, []);
  assert.deepEqual(configs.map((config) => config.id), ["test_input#0", "test_input/main", "test_input#1"]);
  assert.deepEqual(configs.map((config) => config.ordinal), [0, 1, 2]);
  assert.deepEqual(configs.map((config) => (config.options as { Path: string }).Path), ["/a", "/b", "/c"]);
});

Deno.test("readPlugins refuses the same id twice, because checkpoints are kept under it", () => {
  const { problems } = read("- Type: test_input/a\n  Path: /a\n- Type: test_input/a\n  Path: /b\n");
  assert.deepEqual(problems, ["CONFIG_TWICE 3:9 inputs[1].Type"]);
});

Deno.test("readPlugins says what is wrong with a type, and reads the other items", () => {
  const { configs, findings } = read(`
- Type: test_inptu
- Type: test_flusher
- Type: metric_mock
- plain
- Path: /x
- Type: [a]
- Type: test_input
  Path: /ok
`);
  assert.deepEqual(configs.map((config) => config.ordinal), [6]);
  const [near, elsewhere, other, plain, missing, noName] = findings.list;
  assert.deepEqual([near.code, near.help], ["CONFIG_UNKNOWN_TYPE", "Did you mean 'test_input'?"]);
  assert.deepEqual([elsewhere.message, elsewhere.help], [
    "'test_flusher' is no input",
    "It belongs under 'flushers'",
  ]);
  assert.equal(other.code, "CONFIG_OTHER_AGENT");
  assert.deepEqual([plain.code, plain.help], ["CONFIG_WRONG_TYPE", "Write '- Type: plain'"]);
  assert.deepEqual([missing.code, missing.line], ["CONFIG_MISSING", 6]);
  assert.deepEqual([noName.code, noName.path], ["CONFIG_WRONG_TYPE", "inputs[5]"]);
});

Deno.test("readPlugins lets a plugin report on its options with the places of the file", () => {
  const { configs, findings } = read("- Type: test_input\n  Path: /a\n");
  configs[0].report.error(["Path"], "CONFIG_BAD_VALUE", "It is no good");
  assert.deepEqual(findings.list.map((p) => `${p.line}:${p.column} ${p.path}`), ["2:9 inputs[0].Path"]);
});
