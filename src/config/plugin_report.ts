import type { Report } from "../core/plugin.ts";
import type { Findings } from "./findings.ts";
import { mapValueSchema, optionName, type OptionSchema } from "./option_schema.ts";
import { type KeyPath, pathText, type ProblemLevel } from "./problem.ts";
import type { Place, YamlNode } from "./yaml_node.ts";

/**
 * Turns what a plugin says about its options into problems of the file: option paths become places. What it says at
 * or below one of the `settled` paths is left out: there the value was found wrong before, and the plugin saw a
 * default or a stand-in.
 */
export function pluginReport(
  node: YamlNode,
  schema: OptionSchema,
  path: KeyPath,
  findings: Findings,
  settled: readonly string[] = [],
): Report {
  const add = (
    level: ProblemLevel,
    [inside, code, message, expected]: Parameters<Report["error"]>,
  ) => {
    const found = findOption(node, schema, inside);
    const at = [...path, ...found.path];
    if (isAtOrBelow(at, settled)) return;
    findings.add(level, code, found.place, at, message, expected === undefined ? {} : { expected });
  };
  return {
    error: (...said) => add("error", said),
    warn: (...said) => settled.length === 0 && add("warning", said),
  };
}

function isAtOrBelow(path: KeyPath, settled: readonly string[]): boolean {
  return path.some((_, i) => settled.includes(pathText(path.slice(0, i + 1))));
}

/** Follows a path of option names; an option that is not written (a default) has the place of what holds it. */
function findOption(root: YamlNode, schema: OptionSchema, inside: KeyPath): { place: Place; path: KeyPath } {
  let node: YamlNode = root;
  let place: Place = root;
  let at: OptionSchema | undefined = schema;
  const path: (string | number)[] = [];
  for (const step of inside) {
    if (typeof step === "number") {
      const item: YamlNode | undefined = node.kind === "list" ? node.items[step] : undefined;
      if (item === undefined) break;
      path.push(step);
      node = item;
      place = item;
      at = at?.items;
      continue;
    }
    const group: OptionSchema | undefined = at;
    const named: boolean = group?.properties !== undefined;
    const entry = node.kind === "map"
      ? node.entries.find(({ key }) => named ? optionName(group as OptionSchema, key) === step : key === step)
      : undefined;
    path.push(entry?.key ?? step);
    if (entry === undefined) break;
    node = entry.value;
    place = node.kind === "scalar" ? node : entry.keyPlace;
    at = named ? group?.properties?.[step] : group === undefined ? undefined : mapValueSchema(group);
  }
  return { place, path };
}
