/** The table of options without effect in docs/differences.md, made of the plugins' schemas. */
import { asOptionSchema, type OptionSchema } from "../../src/config/option_schema.ts";
import type { Plugin } from "../../src/core/plugin.ts";
import { PLUGINS } from "../../src/plugins.ts";

/** Document that holds the table. */
export const NO_EFFECT_DOCUMENT = "docs/differences.md";

const BEGIN = "<!-- no-effect: written by tests/docs/write_no_effect.ts -->\n";
const END = "<!-- end of no-effect -->\n";

/** The document's text with the table as the schemas have it now. */
export function withNoEffectTable(text: string, plugins: readonly Plugin[] = PLUGINS): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`BUG: '${NO_EFFECT_DOCUMENT}' has no place for the table`);
  return `${text.slice(0, begin + BEGIN.length)}\n${noEffectTable(plugins)}\n${text.slice(end)}`;
}

/** Columns padded as `deno fmt` pads them. */
function noEffectTable(plugins: readonly Plugin[]): string {
  const rows = [["type", "option", "why"]];
  for (const plugin of plugins) {
    for (const [path, why] of withoutEffect(asOptionSchema(plugin.schema), "")) {
      rows.push([`\`${plugin.type}\``, `\`${path}\``, why]);
    }
  }
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (cells: string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |\n`;
  const ruler = line(widths.map((width) => "-".repeat(width)));
  return rows.map(line).toSpliced(1, 0, ruler).join("");
}

function* withoutEffect(schema: OptionSchema, prefix: string): Generator<[string, string]> {
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    const why = option["x-no-effect"];
    if (why !== undefined) yield [prefix + name, why];
    yield* withoutEffect(option, `${prefix}${name}.`);
  }
}
