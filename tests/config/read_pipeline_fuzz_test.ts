import assert from "node:assert/strict";
import fc from "fast-check";
import { readPipelineFile } from "../../src/config/pipeline_file.ts";
import { printProblems } from "../../src/config/print_problems.ts";
import { PLUGINS } from "../../src/plugins.ts";

const FOLDER = new URL("../golden/config/", import.meta.url);
const texts = [...Deno.readDirSync(FOLDER)].filter((entry) => entry.name.endsWith(".yaml"))
  .map((entry) => Deno.readTextFileSync(new URL(entry.name, FOLDER)));
const sources = { env: () => undefined, readText: () => null };

/** A file of the corpus with some pieces cut out, doubled or replaced. */
const damaged = fc.tuple(
  fc.constantFrom(...texts),
  fc.array(
    fc.tuple(
      fc.nat(2000),
      fc.nat(6),
      fc.constantFrom(
        "",
        "\n",
        "  ",
        "- ",
        ": ",
        "{",
        "]",
        "'",
        '"',
        "&a ",
        "*a",
        "<<: *a\n",
        "|\n",
        "!!x ",
        "\t",
        "null",
        "${A}",
        "\0",
        "\uD800",
        "#",
        "---\n",
        "? ",
        "\r",
      ),
    ),
    { maxLength: 4 },
  ),
).map(([text, edits]) =>
  edits.reduce((all, [at, length, more]) => all.slice(0, at) + more + all.slice(at + length), text)
);

Deno.test("readPipelineFile answers any damaged file with a pipeline or with problems in places that exist", () => {
  fc.assert(
    fc.property(damaged, (text) => {
      const { config, problems } = readPipelineFile("a.yaml", text, PLUGINS, sources);
      assert.equal(config === null, problems.some((problem) => problem.level === "error"));
      const lines = text.split(/\r\n|\r|\n/).length;
      for (const { line, column } of problems) {
        assert.ok(line >= 0 && line <= lines && column >= 0, `${line}:${column}`);
      }
      assert.ok(printProblems(problems).endsWith("\n"));
    }),
    { numRuns: 2000 },
  );
});
