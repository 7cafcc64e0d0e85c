/** Names that documents give in backticks: options, flags, variables, plugin types, metrics, codes. */
import assert from "node:assert/strict";
import { OPTION_NAMES } from "../../build/options.ts";
import { FLAGS } from "../../src/cli/flags.ts";
import { GLOBAL_SCHEMA } from "../../src/config/global_section.ts";
import { AGGREGATOR_TYPES, OTHER_AGENT_TYPES } from "../../src/config/known_types.ts";
import { asOptionSchema, type OptionSchema } from "../../src/config/option_schema.ts";
import { PLUGINS } from "../../src/plugins.ts";
import { projectRoot } from "../support/paths.ts";
import { codeSpans, documents, prose } from "./markdown.ts";

function* optionPaths(schema: OptionSchema, prefix = ""): Generator<string> {
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    for (const written of [name, ...(option["x-other-names"] ?? [])]) {
      yield prefix + written;
      yield* optionPaths(option, `${prefix}${written}.`);
    }
  }
}

const options = new Set(
  [...PLUGINS.map((plugin) => plugin.schema), GLOBAL_SCHEMA].flatMap((
    schema,
  ) => [...optionPaths(asOptionSchema(schema))]).flatMap((
    path,
  ) => [path, `global.${path}`, path.split(".").at(-1)!]),
);
const types = new Set([
  ...PLUGINS.map((plugin) => plugin.type),
  ...Object.values(OTHER_AGENT_TYPES).flat(),
  ...AGGREGATOR_TYPES,
]);

/** Words that look like options: of this project's code, of Kafka, of Kubernetes, of other programs. */
const OTHER_WORDS = new Set([
  "AgentError",
  "Container",
  "Contents",
  "Deno",
  "Error",
  "Time",
  "Type",
]);

/** Flags of other programs. */
const OTHER_FLAGS = ["only", "unit", "checkpoint memory", ...OPTION_NAMES];

const flags = new Set(Object.values(FLAGS).map((flag) => flag.name));
const variables = new Set(Object.values(FLAGS).flatMap((flag) => flag.env));

function sourceText(folder: string): string {
  let text = "";
  for (const entry of Deno.readDirSync(`${projectRoot}/${folder}`)) {
    if (entry.isDirectory && !entry.name.startsWith(".")) text += sourceText(`${folder}/${entry.name}`);
    else if (entry.name.endsWith(".ts")) {
      text += Deno.readTextFileSync(`${projectRoot}/${folder}/${entry.name}`);
    }
  }
  return text;
}

const sources = sourceText("src");
const tests = sourceText("tests");

for (const page of documents()) {
  Deno.test(`${page.path}: options, types, flags, variables and metrics exist`, () => {
    for (const span of codeSpans(page)) {
      // `MaxLogSize`, `Multiline.Mode`, `DockerFile: true`
      const option = /^((?:global\.)?[A-Z][a-zA-Z0-9]*(?:\.[A-Z][a-zA-Z0-9]*)*)(?:: .*)?$/.exec(span)?.[1];
      if (option !== undefined && /[a-z]/.test(option) && !OTHER_WORDS.has(option)) {
        assert.ok(options.has(option), `no plugin has the option '${option}'`);
      }
      // A message of the own log.
      if (/^[A-Z]\w+( \w+){3,}/.test(span)) assert.ok(sources.includes(span), `nothing says '${span}'`);
      const qualified = /^([a-z0-9_]+)\.([A-Z].*)$/.exec(span);
      if (qualified !== null && qualified[1] !== "global") {
        const plugin = PLUGINS.find((one) => one.type === qualified[1]);
        assert.ok(
          plugin !== undefined && [...optionPaths(asOptionSchema(plugin.schema))].includes(qualified[2]),
          `there is no '${span}'`,
        );
      }
      const type = /^(?:(?:input|service|processor|flusher|aggregator)_\w+|file_log)$/.exec(span)?.[0];
      if (type !== undefined && type !== "processor_trim") assert.ok(types.has(type), `no plugin '${type}'`);
      const flag = /^(?:denotail \w+ )?--([a-z-]+)/.exec(span)?.[1];
      if (flag !== undefined && !flag.startsWith("enable-experimental") && !OTHER_FLAGS.includes(flag)) {
        assert.ok(flags.has(flag), `no flag '--${flag}'`);
      }
      const variable = /^(DENOTAIL_\w+|KAFKA_\w+|ALIYUN_\w+)/.exec(span)?.[1];
      if (variable !== undefined) {
        const known = variables.has(variable) || `${sources}${tests}`.includes(variable);
        assert.ok(known, `nobody reads '${variable}'`);
      }
    }
    for (const [metric] of prose(page).matchAll(/denotail_[a-z_]+_(?:total|bytes|files)/g)) {
      assert.ok(sources.includes(`"${metric}"`), `no metric '${metric}'`);
    }
  });

  Deno.test(`${page.path}: names places that every machine has`, () => {
    for (const span of codeSpans(page)) {
      if (!/^\/\w/.test(span)) continue;
      assert.match(
        span,
        /^\/(?:var|lib|run|etc|proc|sys|tmp\/denotail-demo|logtail_host|metrics|healthz|readyz)\b/,
      );
    }
  });
}

Deno.test("ARCHITECTURE.md has every folder of src in its table", async () => {
  const { layerOf } = await import("../lint/layers.ts");
  const table = Deno.readTextFileSync(`${projectRoot}/ARCHITECTURE.md`);
  for (const entry of Deno.readDirSync(`${projectRoot}/src`)) {
    assert.ok(layerOf(`src/${entry.name}${entry.isDirectory ? "/x.ts" : ""}`) !== undefined);
    assert.ok(table.includes(`| [src/${entry.name}](src/${entry.name})`), `'src/${entry.name}' has no row`);
  }
});
