/**
 * Which test covers which option of the inputs, read off the tests. A test says so in a comment right above it:
 *
 *     // covers: file_log.TailSizeKB, input_file.TailSizeKB, file_log.Multiline.*
 *     Deno.test("first contact reads the tail only", () => {
 *
 * `deno run -A tests/cli/option_tests.ts` writes docs/reference/option-tests.md; option_tests_test.ts compares.
 */
import { asOptionSchema, type OptionSchema } from "../../src/config/option_schema.ts";
import type { Plugin } from "../../src/core/plugin.ts";
import { PLUGINS } from "../../src/plugins.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGE = new URL("docs/reference/option-tests.md", ROOT);

/** A test that covers an option. */
export interface CoveringTest {
  readonly file: string;
  readonly name: string;
}

/** One option of an input. */
export interface CoveredOption {
  /** `file_log.Multiline.Mode`. */
  readonly path: string;
  /** Whether it is accepted with a warning only; one test covers all of these. */
  readonly noEffect: boolean;
}

/** Pattern behind `covers:` for all options without effect. */
const NO_EFFECT = "no-effect options";

/** All options of the inputs; a section counts through its own options. */
export function inputOptions(plugins: readonly Plugin[] = PLUGINS): CoveredOption[] {
  return plugins.filter((plugin) => plugin.kind === "input")
    .flatMap((plugin) => [...leaves(asOptionSchema(plugin.schema), `${plugin.type}.`)]);
}

function* leaves(schema: OptionSchema, prefix: string): Generator<CoveredOption> {
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    if (option.properties !== undefined) yield* leaves(option, `${prefix}${name}.`);
    else yield { path: prefix + name, noEffect: option["x-no-effect"] !== undefined };
  }
}

/** Markers of one file: what is behind `covers:` to the test below it. */
export function markersOf(
  file: string,
  text: string,
): { readonly pattern: string; readonly test: CoveringTest }[] {
  const markers: { pattern: string; test: CoveringTest }[] = [];
  for (const match of text.matchAll(/^[ \t]*\/\/ covers: (.+)\n((?:[ \t]*\/\/.*\n)*)/gm)) {
    const below = text.slice(match.index + match[0].length);
    const name = /^\s*(?:await )?[\w.]+\(\s*(?:\{\s*name:\s*)?(["'`])(.*?)\1/.exec(below)?.[2];
    if (name === undefined) throw new Error(`${file}: no test stands below '// covers: ${match[1]}'`);
    const more = [...match[2].matchAll(/\/\/ covers: (.+)/g)].map((line) => line[1]);
    for (const pattern of [match[1], ...more].flatMap((line) => line.split(","))) {
      markers.push({ pattern: pattern.trim(), test: { file, name } });
    }
  }
  return markers;
}

/** Tests per option, by its path. */
export function coverage(): Map<string, CoveringTest[]> {
  const options = inputOptions();
  const covered = new Map<string, CoveringTest[]>(options.map(({ path }) => [path, []]));
  for (const file of testFiles("tests/")) {
    for (const { pattern, test } of markersOf(file, Deno.readTextFileSync(new URL(file, ROOT)))) {
      const hits = options.filter((option) => covers(pattern, option));
      if (hits.length === 0) throw new Error(`${file}: '// covers: ${pattern}' names no option`);
      for (const { path } of hits) covered.get(path)?.push(test);
    }
  }
  return covered;
}

function covers(pattern: string, option: CoveredOption): boolean {
  if (pattern === NO_EFFECT) return option.noEffect;
  return pattern.endsWith(".*") ? option.path.startsWith(pattern.slice(0, -1)) : option.path === pattern;
}

function* testFiles(folder: string): Generator<string> {
  const entries = [...Deno.readDirSync(new URL(folder, ROOT))].sort((a, b) => a.name < b.name ? -1 : 1);
  for (const entry of entries) {
    if (entry.isDirectory && entry.name !== ".cache") yield* testFiles(`${folder}${entry.name}/`);
    if (entry.isFile && entry.name.endsWith("_test.ts")) yield folder + entry.name;
  }
}

/** The page, whole. */
export function optionTestsPage(covered = coverage()): string {
  const lines = [
    "<!-- Written by `deno task docs` from the `// covers:` comments of the tests; a test compares. -->",
    "",
    "# Options of the inputs and their tests",
    "",
    "| option | tests |",
    "| --- | --- |",
  ];
  for (const [path, tests] of covered) {
    const shown = tests.map(({ file, name }) => `[${name.replaceAll("|", "\\|")}](../../${file})`).join("; ");
    lines.push(`| \`${path}\` | ${shown} |`);
  }
  return lines.join("\n") + "\n";
}

if (import.meta.main) Deno.writeTextFileSync(PAGE, optionTestsPage());
