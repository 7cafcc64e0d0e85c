import assert from "node:assert/strict";
import { printProblem, printProblems } from "../../src/config/print_problems.ts";
import type { Problem } from "../../src/config/problem.ts";

const problem: Problem = {
  code: "CONFIG_UNKNOWN_OPTION",
  level: "error",
  file: "nginx.yaml",
  line: 8,
  column: 5,
  path: "flushers[0].Brokrs",
  message: "Unknown option 'Brokrs'",
  source: "    Brokrs:",
  help: "Did you mean 'Brokers'?",
};

Deno.test("printProblem shows place, path, line, caret and help", () => {
  assert.equal(
    printProblem(problem),
    `error CONFIG_UNKNOWN_OPTION  nginx.yaml:8:5
  flushers[0].Brokrs: Unknown option 'Brokrs'
    8 |     Brokrs:
      |     ^
  help: Did you mean 'Brokers'?`,
  );
});

Deno.test("printProblem cuts a long line around the column", () => {
  const lines = printProblem({ ...problem, source: "x".repeat(1000) + "Y" + "x".repeat(1000), column: 1001 })
    .split("\n");
  assert.ok(lines[2].length < 200);
  assert.equal(lines[2][lines[3].indexOf("^")], "Y");
});

Deno.test("printProblems counts, and stops printing at its limit", () => {
  const text = printProblems(
    [problem, { ...problem, level: "warning" }, problem],
    "the running configuration is unchanged",
    2,
  );
  assert.equal(text.match(/CONFIG_UNKNOWN_OPTION/g)?.length, 2);
  assert.ok(
    text.endsWith("\n2 errors, 1 warning (1 more not shown); the running configuration is unchanged\n"),
  );
  assert.equal(printProblems([]), "no problems\n");
});

Deno.test("printProblems goes through the files by name, and through each by line, whoever found what", () => {
  const at = (file: string, line: number) => ({ ...problem, file, line });
  const text = printProblems([at("b.yaml", 2), at("a.yaml", 9), at("b.yaml", 1), at("a.yaml", 3)]);
  assert.deepEqual(text.match(/\w\.yaml:\d/g), ["a.yaml:3", "a.yaml:9", "b.yaml:1", "b.yaml:2"]);
});
