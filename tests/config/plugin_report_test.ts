import assert from "node:assert/strict";
import { asOptionSchema } from "../../src/config/option_schema.ts";
import { pluginReport } from "../../src/config/plugin_report.ts";
import { readYamlDocument } from "../../src/config/yaml_document.ts";
import { testInput } from "./test_plugins.ts";

const yaml = `path: /x
IncludeEnv:
  app: one
Exclude:
  - first
  - second
`;

/** Reports one error for a path of options; gives code, place and path of the problem. */
function reported(inside: readonly (string | number)[], work: "error" | "warn" = "error") {
  const { root, findings } = readYamlDocument("a.yaml", yaml);
  assert.ok(root?.kind === "map");
  const report = pluginReport(root, asOptionSchema(testInput.schema), ["inputs", 2], findings);
  if (work === "error") report.error(inside, "CONFIG_BAD_VALUE", "It is bad", "a good one");
  else report.warn(inside, "CONFIG_BAD_VALUE", "It is odd");
  const [problem] = findings.list;
  return problem;
}

const placeOf = (inside: readonly (string | number)[]) => {
  const { line, column, path } = reported(inside);
  return `${line}:${column} ${path}`;
};

Deno.test("pluginReport finds an option however it is written, and shows the name in the file", () => {
  assert.equal(placeOf(["Path"]), "1:7 inputs[2].path");
});

Deno.test("pluginReport finds keys of maps and items of lists", () => {
  assert.equal(placeOf(["IncludeEnv", "app"]), "3:8 inputs[2].IncludeEnv.app");
  assert.equal(placeOf(["Exclude", 1]), "6:5 inputs[2].Exclude[1]");
});

Deno.test("pluginReport gives the place of what holds it when the option is not written", () => {
  assert.equal(placeOf(["MaxDepth"]), "1:1 inputs[2].MaxDepth");
  assert.equal(placeOf(["IncludeEnv", "other"]), "2:1 inputs[2].IncludeEnv.other");
  assert.equal(placeOf(["Exclude", 7]), "4:1 inputs[2].Exclude");
  assert.equal(placeOf([]), "1:1 inputs[2]");
});

Deno.test("pluginReport tells errors from warnings", () => {
  const { level, expected } = reported(["Path"]);
  assert.deepEqual([level, expected], ["error", "a good one"]);
  assert.equal(reported(["Path"], "warn").level, "warning");
});

Deno.test("pluginReport leaves out what a plugin says of values that were found wrong before", () => {
  const { root, findings } = readYamlDocument("a.yaml", yaml);
  assert.ok(root?.kind === "map");
  const settled = ["inputs[2].IncludeEnv.app", "inputs[2].Exclude[1]"];
  const report = pluginReport(root, asOptionSchema(testInput.schema), ["inputs", 2], findings, settled);
  report.error(["IncludeEnv", "app"], "CONFIG_BAD_VALUE", "It is bad");
  report.error(["Exclude", 1, "deep"], "CONFIG_BAD_VALUE", "It is bad");
  report.warn(["Exclude", 0], "CONFIG_BAD_VALUE", "It is odd");
  report.error(["Exclude", 0], "CONFIG_BAD_VALUE", "It is bad");
  report.error(["IncludeEnv"], "CONFIG_BAD_VALUE", "It is bad");
  assert.deepEqual(findings.list.map(({ path }) => path), ["inputs[2].Exclude[0]", "inputs[2].IncludeEnv"]);
});
