/**
 * The corpus of configurations: `*.bad.yaml` with the exact text a user gets, `*.good.yaml` with their warnings.
 * `DENOTAIL_GOLDEN=write` rewrites the texts; read the difference before committing it.
 */
import assert from "node:assert/strict";
import { readPipelineFile } from "../../src/config/pipeline_file.ts";
import { printProblems } from "../../src/config/print_problems.ts";
import { PROBLEM_CODES } from "../../src/config/problem_codes.ts";
import { hasErrors, type Problem } from "../../src/config/problem.ts";
import { PLUGINS } from "../../src/plugins.ts";
import { createPlugins } from "./create_plugins.ts";

const FOLDER = new URL("../golden/config/", import.meta.url);
const REWRITE = Deno.env.get("DENOTAIL_GOLDEN") === "write";

/** Codes that no single file can show: they are of folders (load_folder_test.ts) or of the agent. */
const OF_FOLDERS = [
  "CONFIG_PLUGIN",
  "CONFIG_FOLDER",
  "CONFIG_UNREADABLE",
  "CONFIG_SAME_NAME",
  "CONFIG_TOO_LARGE",
];

const names = [...Deno.readDirSync(FOLDER)].map((entry) => entry.name).filter((name) =>
  name.endsWith(".yaml")
).sort();
const seen = new Set<string>();

async function problemsOf(name: string): Promise<readonly Problem[]> {
  const text = Deno.readTextFileSync(new URL(name, FOLDER));
  const { config, draft, problems } = readPipelineFile(name, text, PLUGINS, {
    env: () => undefined,
    readText: () => null,
  });
  const made = config ?? draft;
  if (made !== null) await createPlugins(made);
  // Whether a pattern is slow depends on the flags that the test run was started with.
  return problems.filter((problem) => problem.code !== "REGEX_SLOW");
}

function compare(name: string, found: string): void {
  const at = new URL(name.replace(/yaml$/, "txt"), FOLDER);
  if (REWRITE) Deno.writeTextFileSync(at, found);
  assert.equal(found, Deno.readTextFileSync(at));
}

for (const name of names.filter((one) => one.endsWith(".bad.yaml"))) {
  Deno.test(`validate answers ${name} as written beside it`, async () => {
    const problems = await problemsOf(name);
    for (const problem of problems) seen.add(problem.code);
    assert.ok(hasErrors(problems));
    compare(name, printProblems(problems));
  });
}

for (const name of names.filter((one) => one.endsWith(".good.yaml"))) {
  Deno.test(`validate accepts ${name}`, async () => {
    const problems = await problemsOf(name);
    for (const problem of problems) seen.add(problem.code);
    assert.equal(hasErrors(problems), false, printProblems(problems));
    compare(name, printProblems(problems));
  });
}

Deno.test("the corpus shows every code of a file's problems", () => {
  const missing = Object.keys(PROBLEM_CODES).filter((code) => !seen.has(code) && !OF_FOLDERS.includes(code));
  assert.deepEqual(missing, []);
});

Deno.test("the corpus prints no secret", () => {
  for (const name of names) {
    const text = Deno.readTextFileSync(new URL(name.replace(/yaml$/, "txt"), FOLDER));
    assert.doesNotMatch(text, /hunter2/, name);
  }
});
