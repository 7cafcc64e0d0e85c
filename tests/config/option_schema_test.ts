import assert from "node:assert/strict";
import { asOptionSchema, expectedWords, optionName, optionNames } from "../../src/config/option_schema.ts";
import { testInput } from "./test_plugins.ts";

const schema = asOptionSchema(testInput.schema);

Deno.test("optionName finds names in any case and other names", () => {
  const cases: [string, string | undefined][] = [
    ["Path", "Path"],
    ["path", "Path"],
    ["FILEPATH", "Path"],
    ["Paths", undefined],
  ];
  for (const [written, want] of cases) assert.equal(optionName(schema, written), want);
});

Deno.test("optionNames lists what may be suggested", () => {
  const names = optionNames(schema);
  assert.ok(names.includes("FilePath"));
  assert.ok(!names.includes("SaveCheckPointSec"));
});

Deno.test("expectedWords says what a value must be", () => {
  const cases: [string, string][] = [
    ["Path", "a text"],
    ["Stdout", "'true' or 'false'"],
    ["MaxDepth", "a whole number from 0 to 1000"],
    ["Begin", "a regular expression"],
    ["Wait", "a time span with a unit, for instance '30s' or '250ms'"],
    ["IncludeEnv", "a map"],
    ["Encoding", "one of 'utf8', 'gbk'"],
    ["Exclude", "a list"],
    ["Multiline", "a map"],
  ];
  for (const [name, want] of cases) assert.equal(expectedWords(schema.properties![name]), want, name);
});
