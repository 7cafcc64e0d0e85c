import { asOptionSchema, mapValueSchema, type OptionSchema } from "../config/option_schema.ts";
import { formatDuration } from "../config/scalars.ts";
import type { Example, Plugin } from "../core/plugin.ts";

/** The page of one plugin. */
export function pluginPage(plugin: Plugin): string {
  const parts = [`# ${plugin.type}`, "", sentence(plugin.summary), ""];
  if (plugin.aliasOf !== undefined) {
    parts.push(`Another name of [${plugin.aliasOf}](${plugin.aliasOf}.md) with option names of its own.`, "");
  }
  if (plugin.description !== undefined) parts.push(plugin.description, "");
  parts.push("## Options", "", optionTable(asOptionSchema(plugin.schema)));
  if (plugin.examples.length > 0) parts.push("## Examples", "");
  for (const example of plugin.examples) parts.push(...exampleLines(example));
  return parts.join("\n");
}

/** All options of a group as a table; those of a section behind its name and a dot. */
export function optionTable(schema: OptionSchema): string {
  const rows = optionRows(schema, "");
  if (rows.length === 0) return "None.\n";
  const withEffect = rows.filter((row) => row.noEffect === undefined);
  const without = rows.filter((row) => row.noEffect !== undefined);
  const lines = ["| option | type | default | meaning |", "| --- | --- | --- | --- |"];
  for (const row of withEffect) lines.push(tableRow([row.name, row.type, row.fallback, row.meaning]));
  if (without.length > 0) {
    lines.push(
      "",
      "Accepted with a warning, because they have no meaning here:",
      "",
      "| option | why |",
      "| --- | --- |",
    );
    for (const row of without) lines.push(tableRow([row.name, row.noEffect ?? ""]));
  }
  return lines.join("\n") + "\n";
}

interface OptionRow {
  readonly name: string;
  readonly type: string;
  readonly fallback: string;
  readonly meaning: string;
  readonly noEffect: string | undefined;
}

function optionRows(schema: OptionSchema, prefix: string): OptionRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, option]) => {
    const names = [name, ...(option["x-other-names"] ?? [])].map((one) => `\`${prefix}${one}\``).join(", ");
    const row = {
      name: names,
      type: typeWords(option),
      fallback: fallbackWords(option, schema.required?.includes(name) ?? false),
      meaning: sentence(option.description ?? "") + exampleWords(option),
      noEffect: option["x-no-effect"],
    };
    return option.properties === undefined ? [row] : [row, ...optionRows(option, `${prefix}${name}.`)];
  });
}

function typeWords(schema: OptionSchema): string {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${word}\``).join(", ");
  if (schema["x-kind"] === "durationMs") return "time span";
  if (schema["x-kind"] === "regex") return "regular expression";
  const values = mapValueSchema(schema);
  switch (schema.type) {
    case "string":
      return schema["x-secret"] ? "text (secret)" : "text";
    case "boolean":
      return "flag";
    case "integer":
    case "number": {
      const { minimum, maximum } = schema;
      const noun = schema.type === "integer" ? "whole number" : "number";
      if (minimum !== undefined && maximum !== undefined) return `${noun}, ${minimum} … ${maximum}`;
      return minimum === undefined ? noun : `${noun} ≥ ${minimum}`;
    }
    case "array":
      return `list of ${typeWords(schema.items ?? {})}`;
    default:
      return values === undefined ? "section" : `map to ${typeWords(values)}`;
  }
}

function fallbackWords(schema: OptionSchema, required: boolean): string {
  const value = schema.default;
  if (value === undefined) return required ? "required" : "";
  if (schema.properties !== undefined) return "";
  if (schema["x-kind"] === "durationMs" && typeof value === "number") return `\`${formatDuration(value)}\``;
  if (value === "") return "empty";
  return `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function exampleWords(schema: OptionSchema): string {
  if (schema.examples === undefined || schema.examples.length === 0) return "";
  const shown = schema.examples.map((example) =>
    `\`${typeof example === "string" ? example : JSON.stringify(example)}\``
  );
  return ` For instance ${shown.join(", ")}.`;
}

function exampleLines(example: Example): string[] {
  const lines = [`### ${example.title}`, "", "```yaml", example.config.trimEnd(), "```", ""];
  if (example.given !== undefined) lines.push("Given", "", ...records(example.given), "");
  if (example.gives !== undefined) lines.push("gives", "", ...records(example.gives), "");
  return lines;
}

function records(list: readonly (readonly (readonly [string, string])[])[]): string[] {
  const texts = list.map((record) =>
    `{${record.map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`).join(", ")}}`
  );
  return ["```json", ...texts, "```"];
}

/** A row of a Markdown table. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}

function sentence(text: string): string {
  return text === "" || /[.!?:]$/.test(text) ? text : `${text}.`;
}
