import { GLOBAL_SCHEMA } from "../config/global_section.ts";
import { asOptionSchema, mapValueSchema, type OptionSchema } from "../config/option_schema.ts";
import type { Plugin, PluginKind } from "../core/plugin.ts";

type JsonSchema = Record<string, unknown>;

/**
 * JSON Schema (draft 2020-12) of a pipeline file for editors: names in their own spelling, scalars as loosely typed
 * as the reader takes them. `denotail validate` knows more.
 */
export function pipelineSchema(plugins: readonly Plugin[]): JsonSchema {
  const definitions: JsonSchema = {};
  for (const plugin of plugins) definitions[plugin.type] = pluginSchema(plugin);
  const items = (kind: PluginKind) => ({
    anyOf: plugins.filter((plugin) => plugin.kind === kind).map((plugin) => ({
      $ref: `#/$defs/${plugin.type}`,
    })),
  });
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Pipeline of denotail",
    type: "object",
    properties: {
      enable: { type: ["boolean", "string"], default: true },
      global: groupSchema(asOptionSchema(GLOBAL_SCHEMA)),
      inputs: { type: "array", minItems: 1, items: items("input") },
      processors: { type: "array", minItems: 1, items: items("processor") },
      flushers: { type: "array", minItems: 1, items: items("flusher") },
      aggregators: { type: "array" },
      extensions: { type: "array" },
      version: {},
      task: {},
      createTime: {},
    },
    required: ["inputs", "flushers"],
    additionalProperties: false,
    $defs: definitions,
  };
}

function pluginSchema(plugin: Plugin): JsonSchema {
  const group = groupSchema(asOptionSchema(plugin.schema));
  return {
    ...group,
    description: plugin.summary,
    properties: {
      Type: { type: "string", pattern: `^${plugin.type}(/.*)?$`, examples: [plugin.type] },
      ...(group.properties as JsonSchema),
    },
    required: ["Type", ...(group.required as string[])],
  };
}

function groupSchema(schema: OptionSchema): JsonSchema {
  const properties: JsonSchema = {};
  const required: string[] = [];
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    for (const written of [name, ...(option["x-other-names"] ?? [])]) {
      properties[written] = optionSchema(option);
    }
    const named = option["x-other-names"] === undefined && option["x-no-effect"] === undefined;
    if (named && option.default === undefined && schema.required?.includes(name)) required.push(name);
  }
  return { type: "object", properties, required, additionalProperties: false };
}

function optionSchema(schema: OptionSchema): JsonSchema {
  const noEffect = schema["x-no-effect"];
  if (noEffect !== undefined) return { description: `No effect here: ${noEffect}`, deprecated: true };
  const about = {
    ...(schema.description === undefined ? {} : { description: schema.description }),
    ...(schema.examples === undefined ? {} : { examples: schema.examples }),
  };
  const values = mapValueSchema(schema);
  if (values !== undefined) {
    return { ...about, type: ["object", "null"], additionalProperties: optionSchema(values) };
  }
  if (schema.properties !== undefined) return { ...about, ...groupSchema(schema) };
  if (schema.type === "array") {
    const least = schema.minItems === undefined ? {} : { minItems: schema.minItems };
    return { ...about, type: "array", items: optionSchema(schema.items ?? {}), ...least };
  }
  const fallback = schema.default === undefined || schema["x-kind"] === "durationMs"
    ? {}
    : { default: schema.default };
  return { ...about, ...fallback, ...scalarSchema(schema) };
}

/** References (`${…}`) are strings everywhere, and any scalar may be quoted. */
function scalarSchema(schema: OptionSchema): JsonSchema {
  if (schema.enum !== undefined) return { anyOf: [{ enum: schema.enum }, { type: "string" }] };
  if (schema["x-kind"] === "durationMs") return { type: ["string", "integer", "null"] };
  switch (schema.type) {
    case "boolean":
      return { type: ["boolean", "string", "null"] };
    case "integer":
    case "number": {
      const { minimum, maximum } = schema;
      return {
        type: [schema.type, "string", "null"],
        ...(minimum === undefined ? {} : { minimum }),
        ...(maximum === undefined ? {} : { maximum }),
      };
    }
    default:
      return { type: ["string", "number", "boolean", "null"] };
  }
}
