import assert from "node:assert/strict";
import fc from "fast-check";
import { Value } from "typebox/value";
import { asOptionSchema } from "../../src/config/option_schema.ts";
import { readOptions } from "../../src/config/read_options.ts";
import { readYamlDocument } from "../../src/config/yaml_document.ts";
import { testInput } from "./test_plugins.ts";

const schema = asOptionSchema(testInput.schema);
const env = (name: string) => name === "DEPTH" ? "7" : undefined;
const readText = (path: string) => path === "/secret" ? "hunter2\n" : null;

function read(yaml: string) {
  const { root, findings } = readYamlDocument("a.yaml", yaml);
  assert.ok(root?.kind === "map", yaml);
  const secrets: string[] = [];
  const values = readOptions(root, schema, ["inputs", 0], { findings, sources: { env, readText }, secrets });
  return { values, problems: findings.list, secrets };
}

function problems(yaml: string): string[] {
  return read(yaml).problems.map((p) => `${p.code} ${p.line}:${p.column} ${p.path}`);
}

Deno.test("readOptions fills in defaults, of sections too", () => {
  const { values, problems } = read("Path: /x\n");
  assert.deepEqual(problems, []);
  assert.deepEqual(values, {
    Path: "/x",
    Stdout: true,
    MaxDepth: 0,
    Wait: 3000,
    IncludeEnv: {},
    Encoding: "utf8",
    Exclude: [],
    Multiline: { Mode: "custom" },
  });
});

Deno.test("readOptions leaves an optional section absent, and fills a written one", () => {
  assert.equal("Filters" in read("Path: /x\n").values, false);
  assert.deepEqual(read("Path: /x\nFilters: {}\n").values.Filters, { Name: "any" });
});

Deno.test("readOptions reads scalars by the option's type, quoted or not", () => {
  const { values, problems } = read(
    `filepath: 1.10\nSTDOUT: "no"\nmaxdepth: '3'\nEncoding: GBK\nIncludeEnv: {DEBUG: , A: true, B: 007}\nExclude: [1, 2.50]\nMultiline: {mode: json}\nWait: 1m30s\n`,
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(values, {
    Path: "1.10",
    Stdout: false,
    MaxDepth: 3,
    Wait: 90_000,
    IncludeEnv: { DEBUG: "", A: "true", B: "007" },
    Encoding: "gbk",
    Exclude: ["1", "2.50"],
    Multiline: { Mode: "JSON" },
  });
});

Deno.test("readOptions keeps the default when the value is null, and takes a quoted null as text", () => {
  assert.equal(read("Path: 'null'\nMaxDepth: ~\n").values.MaxDepth, 0);
  assert.equal(read("Path: 'null'\n").values.Path, "null");
});

Deno.test("readOptions reports each mistake with its place", () => {
  const cases: [string, string[]][] = [
    ["Stdout: true", ["CONFIG_MISSING 1:1 inputs[0]"]],
    ["Path:", ["CONFIG_MISSING 1:1 inputs[0]"]],
    ["Path: [a]", ["CONFIG_WRONG_TYPE 1:7 inputs[0].Path"]],
    ["Path: a\nfilePath: b", ["CONFIG_TWICE 2:1 inputs[0].filePath"]],
    ["Path: a\npath: b", ["CONFIG_TWICE 2:1 inputs[0].path"]],
    ["Path: a\nStdot: true", ["CONFIG_UNKNOWN_OPTION 2:1 inputs[0].Stdot"]],
    ["Path: a\nStdout: 1", ["CONFIG_WRONG_TYPE 2:9 inputs[0].Stdout"]],
    ["Path: a\nMaxDepth: deep", ["CONFIG_WRONG_TYPE 2:11 inputs[0].MaxDepth"]],
    ["Path: a\nMaxDepth: 1001", ["CONFIG_BAD_VALUE 2:11 inputs[0].MaxDepth"]],
    ["Path: a\nWait: 30", ["CONFIG_DURATION 2:7 inputs[0].Wait"]],
    ["Path: a\nWait: 5ms", ["CONFIG_BAD_VALUE 2:7 inputs[0].Wait"]],
    ["Path: a\nBegin: 'a(b'", ["CONFIG_REGEX 2:10 inputs[0].Begin"]],
    ["Path: a\nEncoding: utf9", ["CONFIG_BAD_VALUE 2:11 inputs[0].Encoding"]],
    ["Path: a\nExclude: x", ["CONFIG_WRONG_TYPE 2:10 inputs[0].Exclude"]],
    ["Path: a\nExclude: [x, ]\n", []],
    ["Path: a\nExclude:\n  - x\n  -\n", ["CONFIG_WRONG_TYPE 3:5 inputs[0].Exclude[1]"]],
    ["Path: a\nTopics: []", ["CONFIG_EMPTY_LIST 2:9 inputs[0].Topics"]],
    ["Path: a\nTopics: ['']", ["CONFIG_BAD_VALUE 2:10 inputs[0].Topics[0]"]],
    ["Path: a\nIncludeEnv: [x]", ["CONFIG_WRONG_TYPE 2:13 inputs[0].IncludeEnv"]],
    ["Path: a\nIncludeEnv: {a.b/c: [x]}", ["CONFIG_WRONG_TYPE 2:21 inputs[0].IncludeEnv['a.b/c']"]],
    ["Path: a\nMultiline: {Start: x}", ["CONFIG_UNKNOWN_OPTION 2:13 inputs[0].Multiline.Start"]],
    ["Path: a\nSaveCheckPointSec: often", ["CONFIG_NO_EFFECT 2:1 inputs[0].SaveCheckPointSec"]],
    ["Path: ${NOBODY}", ["CONFIG_ENV_UNSET 1:7 inputs[0].Path"]],
    ["Path: ${file:/gone}", ["CONFIG_REFERENCE 1:7 inputs[0].Path"]],
    ["Stdot: a\nMaxDepth: x\nWait: 1", [
      "CONFIG_UNKNOWN_OPTION 1:1 inputs[0].Stdot",
      "CONFIG_MISSING 1:1 inputs[0]",
      "CONFIG_WRONG_TYPE 2:11 inputs[0].MaxDepth",
      "CONFIG_DURATION 3:7 inputs[0].Wait",
    ]],
  ];
  for (const [yaml, want] of cases) assert.deepEqual(problems(yaml), want, yaml);
});

Deno.test("readOptions reads references by the option's type and prints no secret", () => {
  const { values, problems, secrets } = read("Path: a\nMaxDepth: ${DEPTH}\nPassword: ${file:/secret}\n");
  assert.deepEqual(problems, []);
  assert.equal(values.MaxDepth, 7);
  assert.equal(values.Password, "hunter2");
  assert.deepEqual(secrets, ["hunter2"]);
  const wrong = read("Path: a\nPassword: [hunter2]\nPasword: hunter2\nMaxDepth: ${file:/secret}\n");
  assert.equal(wrong.problems.length, 3);
  assert.doesNotMatch(JSON.stringify(wrong.problems), /hunter2/);
});

Deno.test("readOptions keeps map keys that mean something in JavaScript", () => {
  const { values } = read("Path: a\nIncludeEnv: {__proto__: x, constructor: y}\n");
  assert.deepEqual(Object.entries(values.IncludeEnv as object), [["__proto__", "x"], ["constructor", "y"]]);
});

Deno.test("readOptions gives only values that the schema's own checker accepts", () => {
  const scalar = fc.constantFrom(
    "a",
    "1",
    "-3",
    "true",
    "no",
    "30s",
    "20",
    "~",
    "''",
    "gbk",
    "json",
    "[x]",
    "{a: b}",
    "'(('",
    "1.5",
  );
  const names = fc.constantFrom(...Object.keys(schema.properties ?? {}), "filepath");
  fc.assert(fc.property(fc.dictionary(names, scalar), (options) => {
    const yaml = [
      "Path: base",
      ...Object.entries(options).filter(([n]) => n !== "Path" && n !== "filepath").map(([n, v]) =>
        `${n}: ${v}`
      ),
    ].join("\n");
    const { values, problems } = read(yaml);
    if (problems.every((problem) => problem.level === "warning")) {
      assert.ok(Value.Check(testInput.schema, values), yaml);
    }
  }));
});
