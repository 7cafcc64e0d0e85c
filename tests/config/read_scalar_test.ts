import assert from "node:assert/strict";
import { asOptionSchema } from "../../src/config/option_schema.ts";
import { readScalar } from "../../src/config/read_scalar.ts";
import { readYamlDocument } from "../../src/config/yaml_document.ts";
import { choice, durationMs, flag, integer, options, regex, text } from "../../src/core/schema.ts";

const schema = asOptionSchema(options({
  text: text("Any", { minLength: 1 }),
  secret: text("Hidden", { secret: true }),
  flag: flag("Whether", { default: false }),
  count: integer("How many", { minimum: 1, maximum: 10 }),
  wait: durationMs("How long", { minimum: 10 }),
  mode: choice("Which", ["custom", "JSON"]),
  begin: regex("Where"),
}));

/** Reads `yaml` as the option; gives the value, the problems and the secrets. */
function read(option: string, yaml: string) {
  const { root, findings } = readYamlDocument("a.yaml", `a: ${yaml}\n`);
  assert.ok(root?.kind === "map");
  const node = root.entries[0].value;
  assert.ok(node.kind === "scalar");
  const secrets: string[] = [];
  const sources = {
    env: (name: string) => name === "N" ? "7" : undefined,
    readText: (path: string) => path === "/s" ? "hunter2\n" : null,
  };
  const value = readScalar(node, schema.properties![option], [option], { findings, sources, secrets });
  return { value, secrets, problems: findings.list };
}

const value = (option: string, yaml: string) => {
  const result = read(option, yaml);
  assert.deepEqual(result.problems, [], yaml);
  return result.value;
};

Deno.test("readScalar goes by the option's type, quoted or not", () => {
  assert.equal(value("text", "1.10"), "1.10");
  assert.equal(value("text", "yes"), "yes");
  assert.equal(value("flag", "'yes'"), true);
  assert.equal(value("count", '"5"'), 5);
  assert.equal(value("wait", "1m30s"), 90_000);
  assert.equal(value("mode", "json"), "JSON");
  assert.equal(value("begin", "'(?i)^err'"), "(?i)^err");
});

Deno.test("readScalar puts references in before it looks at the value", () => {
  assert.equal(value("count", "${N}"), 7);
  assert.equal(value("count", "${M:3}"), 3);
  const { value: secret, secrets } = read("secret", "${file:/s}");
  assert.deepEqual([secret, secrets], ["hunter2", ["hunter2"]]);
});

Deno.test("readScalar warns of a variable that is not set, and refuses a file that cannot be read", () => {
  const unset = read("secret", "x${M}");
  assert.deepEqual([unset.value, unset.problems[0].code, unset.problems[0].level], [
    "x",
    "CONFIG_ENV_UNSET",
    "warning",
  ]);
  const unreadable = read("text", "${file:/none}");
  assert.deepEqual([unreadable.value, unreadable.problems[0].code], [undefined, "CONFIG_REFERENCE"]);
});

for (
  const [option, yaml, code] of [
    ["flag", "maybe", "CONFIG_WRONG_TYPE"],
    ["count", "1.5", "CONFIG_WRONG_TYPE"],
    ["count", "11", "CONFIG_BAD_VALUE"],
    ["count", "0", "CONFIG_BAD_VALUE"],
    ["wait", "5ms", "CONFIG_BAD_VALUE"],
    ["wait", "5", "CONFIG_DURATION"],
    ["wait", "soon", "CONFIG_DURATION"],
    ["text", "''", "CONFIG_BAD_VALUE"],
    ["mode", "jsno", "CONFIG_BAD_VALUE"],
    ["begin", "'(a'", "CONFIG_REGEX"],
  ]
) {
  Deno.test(`readScalar refuses ${yaml} as ${option}`, () => {
    const { value, problems } = read(option, yaml);
    assert.equal(value, undefined);
    assert.deepEqual(problems.map((problem) => problem.code), [code]);
  });
}

Deno.test("readScalar shows the place inside a pattern, and helps with a near word and a bare number", () => {
  assert.deepEqual(
    [read("begin", "'a(?=b)'").problems[0].line, read("begin", "'a(?=b)'").problems[0].column],
    [1, 6],
  );
  assert.equal(read("mode", "custm").problems[0].help, "Did you mean 'custom'?");
  assert.match(read("wait", "5").problems[0].help!, /'5s' for seconds/);
});

Deno.test("readScalar never shows what a secret option holds", () => {
  const { problems } = read("secret", "${file:/none}");
  assert.doesNotMatch(JSON.stringify(problems), /hunter2/);
});
