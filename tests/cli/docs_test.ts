import assert from "node:assert/strict";
import { referencePages } from "../../src/cli/docs.ts";
import { pipelineSchema } from "../../src/cli/docs_json_schema.ts";
import { asOptionSchema, type OptionSchema } from "../../src/config/option_schema.ts";
import { readPipelineFile } from "../../src/config/pipeline_file.ts";
import { printProblems } from "../../src/config/print_problems.ts";
import { PLUGINS } from "../../src/plugins.ts";

const FOLDER = new URL("../../docs/reference/", import.meta.url);

Deno.test("referencePages gives the pages that are committed", () => {
  const pages = referencePages(PLUGINS);
  for (const { name, text } of pages) {
    assert.equal(Deno.readTextFileSync(new URL(name, FOLDER)), text, `${name}: run 'deno task docs'`);
  }
  const known = new Set([...pages.map((page) => page.name), "option-tests.md"]);
  const strangers = [...Deno.readDirSync(FOLDER)].map((entry) => entry.name).filter((name) =>
    !known.has(name)
  );
  assert.deepEqual(strangers, []);
});

/** Each option of a plugin with its path. */
function* optionsOf(schema: OptionSchema, path = ""): Generator<[string, OptionSchema]> {
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    yield [path + name, option];
    yield* optionsOf(option, `${path}${name}.`);
  }
}

for (const plugin of PLUGINS) {
  Deno.test(`${plugin.type} describes itself and each option`, () => {
    assert.match(plugin.summary, /^[A-Z]/);
    for (const [path, option] of optionsOf(asOptionSchema(plugin.schema))) {
      assert.ok(option.description, `${path} has no description`);
    }
    assert.ok(plugin.examples.length > 0, "it has no example");
  });

  for (const example of plugin.examples) {
    Deno.test(`${plugin.type}: the example '${example.title}' is accepted`, () => {
      const item = (text: string) => `  - ${text.trimEnd().replaceAll("\n", "\n    ")}\n`;
      const typed = /^Type:/m.test(example.config)
        ? example.config
        : `Type: ${plugin.type}\n${example.config}`;
      const others = { input: "Type: service_docker_stdout", flusher: "Type: flusher_stdout" };
      const pipeline = ["input", "processor", "flusher"].map((kind) =>
        kind === plugin.kind
          ? `${kind}s:\n${item(typed)}`
          : kind === "processor"
          ? ""
          : `${kind}s:\n${item(others[kind as keyof typeof others])}`
      ).join("");
      const sources = { env: () => undefined, readText: () => "" };
      const { config, problems } = readPipelineFile("example.yaml", pipeline, PLUGINS, sources);
      assert.ok(config !== null, printProblems(problems));
    });
  }
}

Deno.test("pipelineSchema knows every plugin under its kind", () => {
  const schema = pipelineSchema(PLUGINS) as {
    $defs: Record<string, unknown>;
    properties: Record<string, { items: { anyOf: { $ref: string }[] } }>;
  };
  for (const plugin of PLUGINS) {
    assert.ok(schema.$defs[plugin.type]);
    const refs = schema.properties[`${plugin.kind}s`].items.anyOf.map((item) => item.$ref);
    assert.ok(refs.includes(`#/$defs/${plugin.type}`), plugin.type);
  }
});
