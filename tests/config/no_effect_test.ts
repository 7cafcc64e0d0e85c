import assert from "node:assert/strict";
import { asOptionSchema, type OptionSchema } from "../../src/config/option_schema.ts";
import { readPipelineFile } from "../../src/config/pipeline_file.ts";
import { PLUGINS } from "../../src/plugins.ts";

/** Paths of options without effect, under each of their names. */
function* withoutEffect(schema: OptionSchema, path: readonly string[] = []): Generator<readonly string[]> {
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    if (option["x-no-effect"] !== undefined) {
      for (const written of [name, ...(option["x-other-names"] ?? [])]) yield [...path, written];
    } else yield* withoutEffect(option, [...path, name]);
  }
}

// covers: no-effect options
Deno.test("readPipelineFile accepts each option without effect with one warning, whatever its value", () => {
  let count = 0;
  for (const plugin of PLUGINS) {
    for (const path of withoutEffect(asOptionSchema(plugin.schema))) {
      const nested = path.reduceRight((value, name) => `{${name}: ${value}}`, "[what, ever]");
      const item = `  - {Type: ${plugin.type}, ${nested.slice(1, -1)}}\n`;
      const { problems } = readPipelineFile("a.yaml", `${plugin.kind}s:\n${item}`, PLUGINS, {
        env: () => undefined,
        readText: () => null,
      });
      const found = problems.filter((problem) => problem.path.endsWith(path.join(".")));
      assert.deepEqual(
        found.map((problem) => problem.code),
        ["CONFIG_NO_EFFECT"],
        `${plugin.type} ${path.join(".")}`,
      );
      count++;
    }
  }
  assert.ok(count > 20);
});
