import assert from "node:assert/strict";
import { readPipelineFile } from "../../src/config/pipeline_file.ts";
import { TEST_PLUGINS } from "./test_plugins.ts";

const sources = { env: (name: string) => name === "ON" ? "yes" : undefined, readText: () => null };
const read = (text: string) => readPipelineFile("sub/web.yaml", text, TEST_PLUGINS, sources);
const codes = (text: string) => read(text).problems.map((p) => `${p.code} ${p.line}:${p.column} ${p.path}`);

const GOOD =
  "inputs:\n  - Type: test_input\n    Path: /x\nflushers:\n  - Type: test_flusher\n    Brokers: [a]\n";

Deno.test("readPipelineFile reads a whole pipeline", () => {
  const { config, problems } = read(
    `global: {TimeSource: RECORD, Tags: {b: 2, a: 1}}\nprocessors:\n  - Type: test_processor\n  - Type: test_processor/x\n  - Type: test_processor\n${GOOD}`,
  );
  assert.deepEqual(problems, []);
  assert.ok(config !== null);
  assert.equal(config.stem, "web");
  assert.equal(config.enabled, true);
  assert.deepEqual(config.globals, {
    timeSource: "record",
    tags: [{ name: "b", value: "2" }, { name: "a", value: "1" }],
    topicFormat: "none",
  });
  assert.deepEqual(config.inputs.map((i) => i.id), ["test_input#0"]);
  assert.deepEqual(config.processors.map((p) => p.id), [
    "test_processor#0",
    "test_processor/x",
    "test_processor#1",
  ]);
  assert.deepEqual(config.flushers[0].options, { Brokers: ["a"] });
});

Deno.test("readPipelineFile reads enable as a flag, missing means true", () => {
  const cases: [string, boolean][] = [["", true], ["enable:\n", true], ["enable: false\n", false], [
    "Enable: 'no'\n",
    false,
  ], ["enable: ${ON}\n", true]];
  for (const [top, want] of cases) assert.equal(read(top + GOOD).config?.enabled, want, top);
});

Deno.test("readPipelineFile warns about keys without effect and still gives the pipeline", () => {
  const { config, problems } = read(
    `version: v1\ntask: {}\nextensions: []\nglobal: {FlushIntervalMs: x}\naggregators:\n  - Type: aggregator_context\n    MaxLogCount: 5\n${GOOD}`,
  );
  assert.ok(config !== null);
  assert.deepEqual(problems.map((p) => `${p.level} ${p.code} ${p.path}`), [
    "warning CONFIG_NO_EFFECT version",
    "warning CONFIG_NO_EFFECT extensions",
    "warning CONFIG_NO_EFFECT task",
    "warning CONFIG_NO_EFFECT aggregators[0].Type",
    "warning CONFIG_NO_EFFECT global.FlushIntervalMs",
  ]);
});

Deno.test("readPipelineFile refuses what is no pipeline", () => {
  const cases: [string, string[]][] = [
    ["- a\n", ["CONFIG_WRONG_TYPE 1:1 "]],
    ["flushers: []\n", ["CONFIG_MISSING 1:1 ", "CONFIG_EMPTY_LIST 1:11 flushers"]],
    [`input: []\n${GOOD}`, ["CONFIG_UNKNOWN_KEY 1:1 input"]],
    [`enable: maybe\n${GOOD}`, ["CONFIG_WRONG_TYPE 1:9 enable"]],
    [`global: 3\n${GOOD}`, ["CONFIG_WRONG_TYPE 1:9 global"]],
    [`global: {Tag: {}}\n${GOOD}`, ["CONFIG_UNKNOWN_OPTION 1:10 global.Tag"]],
    [`processors: {Type: test_processor}\n${GOOD}`, ["CONFIG_WRONG_TYPE 1:13 processors"]],
    [`processors: [test_processor]\n${GOOD}`, ["CONFIG_WRONG_TYPE 1:14 processors[0]"]],
    [`processors: [{}]\n${GOOD}`, ["CONFIG_MISSING 1:14 processors[0]"]],
    [`processors: [{Type: []}]\n${GOOD}`, ["CONFIG_WRONG_TYPE 1:21 processors[0]"]],
    [`processors: [{Type: test_procesor}]\n${GOOD}`, ["CONFIG_UNKNOWN_TYPE 1:21 processors[0].Type"]],
    [`processors: [{Type: test_flusher}]\n${GOOD}`, ["CONFIG_UNKNOWN_TYPE 1:21 processors[0].Type"]],
    [`processors: [{Type: processor_geoip}]\n${GOOD}`, ["CONFIG_OTHER_AGENT 1:21 processors[0].Type"]],
    [`processors: [{Type: test_processor/a}, {Type: test_processor/a}]\n${GOOD}`, [
      "CONFIG_TWICE 1:47 processors[1].Type",
    ]],
    [`aggregators: [{Type: aggregator_skywalking}]\n${GOOD}`, [
      "CONFIG_UNKNOWN_TYPE 1:22 aggregators[0].Type",
    ]],
    [`aggregators: aggregator_base\n${GOOD}`, ["CONFIG_WRONG_TYPE 1:14 aggregators"]],
  ];
  for (const [text, want] of cases) {
    assert.deepEqual(codes(text), want, text);
    assert.equal(read(text).config, null, text);
  }
});

Deno.test("readPipelineFile turns what a plugin reports into problems with places", () => {
  const { config } = read(
    "inputs:\n  - type: test_input\n    filepath: /x\n    Exclude:\n      - a\n      - b\n    IncludeEnv: {A: x}\nflushers:\n  - {Type: test_flusher, Brokers: [a]}\n",
  );
  assert.ok(config !== null);
  const { report } = config.inputs[0];
  report.error(["Exclude", 1], "X_GLOB", "The pattern is bad", "a glob");
  report.warn(["Path"], "X_PATH", "The path is odd");
  report.warn(["IncludeEnv", "A"], "X_ENV", "The rule is odd");
  report.warn(["Multiline", "Mode"], "X_MODE", "The mode is odd");
  assert.deepEqual(
    config.problems.map((p) => `${p.level} ${p.code} ${p.line}:${p.column} ${p.path}`),
    [
      "error X_GLOB 6:9 inputs[0].Exclude[1]",
      "warning X_PATH 3:15 inputs[0].filepath",
      "warning X_ENV 7:21 inputs[0].IncludeEnv.A",
      "warning X_MODE 2:5 inputs[0].Multiline",
    ],
  );
});
