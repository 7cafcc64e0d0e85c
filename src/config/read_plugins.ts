import type { Plugin, PluginKind } from "../core/plugin.ts";
import { OTHER_AGENT_TYPES } from "./known_types.ts";
import { asOptionSchema } from "./option_schema.ts";
import type { PluginConfig } from "./pipeline_config.ts";
import { pluginReport } from "./plugin_report.ts";
import { type KeyPath, pathText } from "./problem.ts";
import type { ReadContext } from "./read_scalar.ts";
import { readOptions } from "./read_options.ts";
import { fillStandIns } from "./stand_ins.ts";
import { suggest } from "./suggest.ts";
import { describeNode, type MapNode, type ScalarNode, type YamlNode } from "./yaml_node.ts";

/** `Type: processor_json/main` taken apart. */
export interface PluginType {
  readonly type: string;
  readonly id: string | undefined;
  readonly node: ScalarNode;
}

/** The items of `inputs`, `processors` or `flushers`. Items with errors are left out; the errors are reported. */
export function readPlugins<K extends PluginKind>(
  kind: K,
  items: readonly YamlNode[],
  path: KeyPath,
  plugins: readonly Plugin[],
  context: ReadContext,
): PluginConfig<K>[] {
  const configs: PluginConfig<K>[] = [];
  const perType = new Map<string, number>();
  const ids = new Map<string, number>();
  items.forEach((item, ordinal) => {
    const at = [...path, ordinal];
    const found = readType(item, at, context);
    const plugin = found === undefined ? undefined : findPlugin(kind, found, at, plugins, context);
    if (item.kind !== "map" || found === undefined || plugin === undefined) return;
    const number = perType.get(plugin.type) ?? 0;
    if (found.id === undefined) perType.set(plugin.type, number + 1);
    const id = found.id === undefined ? `${plugin.type}#${number}` : `${plugin.type}/${found.id}`;
    if (ids.has(id)) {
      context.findings.error("CONFIG_TWICE", found.node, [...at, "Type"], `'${id}' stands twice`, {
        help: "Give each its own id behind the '/': it is part of the checkpoint keys",
      });
    }
    ids.set(id, ordinal);
    configs.push(readPlugin(plugin, id, ordinal, item, at, context));
  });
  return configs;
}

function readPlugin<K extends PluginKind>(
  plugin: Plugin<K>,
  id: string,
  ordinal: number,
  node: MapNode,
  path: KeyPath,
  context: ReadContext,
): PluginConfig<K> {
  const schema = asOptionSchema(plugin.schema);
  const { findings } = context;
  const before = findings.list.length;
  const read = readOptions(node, schema, path, context, {
    skip: ["Type"],
    page: `docs/reference/${plugin.type}.md`,
  });
  const wrong = findings.list.slice(before).filter(({ level, code }) =>
    level === "error" && code !== "CONFIG_UNKNOWN_OPTION"
  );
  const { options, standIns } = fillStandIns(read, schema);
  const said = [...wrong.map((problem) => problem.path), ...standIns.map((at) => pathText([...path, ...at]))];
  // An error of the whole plugin, such as a missing option, says nothing of the others.
  const settled = said.filter((at) => at !== pathText(path));
  return { plugin, id, ordinal, options, report: pluginReport(node, schema, path, findings, settled) };
}

/** The `Type` of one item; `undefined` after an error. */
export function readType(item: YamlNode, path: KeyPath, context: ReadContext): PluginType | undefined {
  if (item.kind !== "map") {
    context.findings.error("CONFIG_WRONG_TYPE", item, path, "An item must be a map with a 'Type'", {
      found: describeNode(item),
      ...(item.kind === "scalar" && /^\w+$/.test(item.text) ? { help: `Write '- Type: ${item.text}'` } : {}),
    });
    return undefined;
  }
  const entry = item.entries.find(({ key }) => key.toLowerCase() === "type");
  if (entry === undefined || entry.value.kind !== "scalar" || entry.value.text === "") {
    const code = entry === undefined ? "CONFIG_MISSING" : "CONFIG_WRONG_TYPE";
    context.findings.error(
      code,
      entry?.value ?? item,
      path,
      entry === undefined ? "'Type' is missing" : "'Type' is not a name",
      {
        expected: "the name of a plugin",
      },
    );
    return undefined;
  }
  const text = entry.value.text;
  const slash = text.indexOf("/");
  if (slash < 0) return { type: text, id: undefined, node: entry.value };
  return { type: text.slice(0, slash), id: text.slice(slash + 1) || undefined, node: entry.value };
}

function findPlugin<K extends PluginKind>(
  kind: K,
  { type, node }: PluginType,
  path: KeyPath,
  plugins: readonly Plugin[],
  context: ReadContext,
): Plugin<K> | undefined {
  const here = plugins.filter((plugin) => plugin.kind === kind);
  const plugin = here.find((one) => one.type === type);
  if (plugin !== undefined) return plugin as unknown as Plugin<K>;
  const at = [...path, "Type"];
  const elsewhere = plugins.find((one) => one.type === type);
  if (elsewhere !== undefined) {
    context.findings.error("CONFIG_UNKNOWN_TYPE", node, at, `'${type}' is no ${kind}`, {
      help: `It belongs under '${elsewhere.kind}s'`,
    });
    return undefined;
  }
  const types = here.map((one) => one.type);
  if (OTHER_AGENT_TYPES[kind].includes(type)) {
    context.findings.error(
      "CONFIG_OTHER_AGENT",
      node,
      at,
      `'${type}' is a plugin of iLogtail that does not exist here`,
      {
        expected: `one of ${types.map((name) => `'${name}'`).join(", ")}`,
      },
    );
    return undefined;
  }
  const near = suggest(type, types);
  context.findings.error("CONFIG_UNKNOWN_TYPE", node, at, `There is no ${kind} '${type}'`, {
    expected: `one of ${types.map((name) => `'${name}'`).join(", ")}`,
    ...(near === undefined ? {} : { help: `Did you mean '${near}'?` }),
  });
  return undefined;
}
