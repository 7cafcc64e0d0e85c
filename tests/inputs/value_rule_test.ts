import assert from "node:assert/strict";
import { anyHolds, compilePattern, readRules } from "../../src/inputs/value_rule.ts";
import { testReport } from "../support/plugin_context.ts";

const holds = async (rules: Record<string, string>, values: Record<string, string>) =>
  anyHolds(await readRules(rules, ["Rules"], testReport()), new Map(Object.entries(values)));

Deno.test("readRules compares, searches behind '^', and takes any value when empty", async () => {
  assert.ok(await holds({ a: "x" }, { a: "x" }));
  assert.ok(!await holds({ a: "x" }, { a: "xx" }));
  assert.ok(await holds({ a: "^x" }, { a: "xx" }));
  assert.ok(!await holds({ a: "^x$" }, { a: "xx" }));
  assert.ok(!await holds({ a: ".*" }, { a: "xx" }), "no pattern without '^'");
  assert.ok(await holds({ a: "" }, { a: "" }));
  assert.ok(!await holds({ a: "" }, { b: "" }));
  assert.ok(await holds({ a: "no", b: "yes" }, { a: "x", b: "yes" }), "one is enough");
  assert.ok(!await holds({}, { a: "x" }));
  assert.ok(await holds({ a: "^(?i)PROD" }, { a: "prod" }));
});

Deno.test("readRules reports a wrong pattern at its key", async () => {
  const report = testReport();
  await readRules({ good: "x", bad: "^(" }, ["IncludeEnv"], report);
  assert.deepEqual(report.problems, ["error IncludeEnv.bad REGEX_INVALID"]);
});

Deno.test("compilePattern gives null for a mistake, and anchors when told", async () => {
  const report = testReport();
  assert.equal(await compilePattern("[", ["P"], report), null);
  const whole = await compilePattern("a|ab", ["P"], report, { whole: true });
  assert.ok(whole?.test("ab") && !whole.test("abc"));
});
