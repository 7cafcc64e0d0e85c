import type { Plugin } from "../core/plugin.ts";
import { checkGlobals, GLOBAL_SCHEMA, pipelineGlobals } from "./global_section.ts";
import { AGGREGATOR_TYPES } from "./known_types.ts";
import { asOptionSchema } from "./option_schema.ts";
import type { PipelineConfig } from "./pipeline_config.ts";
import { pluginReport } from "./plugin_report.ts";
import type { Problem } from "./problem.ts";
import { readOptions } from "./read_options.ts";
import { readPlugins, readType } from "./read_plugins.ts";
import { type ReadContext, readScalar, wrongType } from "./read_scalar.ts";
import type { ReferenceSources } from "./references.ts";
import { suggest } from "./suggest.ts";
import { readYamlDocument } from "./yaml_document.ts";
import { describeNode, isNull, type MapEntry, type MapNode, type YamlNode } from "./yaml_node.ts";

/** Keys at the top of a file. */
const TOP_KEYS = [
  "enable",
  "global",
  "inputs",
  "processors",
  "aggregators",
  "flushers",
  "extensions",
  "version",
  "task",
  "createTime",
] as const;

/** Keys that iLogtail knows and that say nothing here. */
const KEYS_WITHOUT_EFFECT: Readonly<Record<string, string>> = {
  version: "there is one pipeline runtime",
  extensions: "no plugin here uses extensions",
  task: "there are no one-shot tasks",
  createTime: "several pipelines may read one file, so none has to be the older one",
};

/** Result for one file. `config` is null when it has errors. */
export interface ReadPipeline {
  readonly config: PipelineConfig | null;
  /** A file with errors as far as it could be read: never run, but its plugins say what else they find. */
  readonly draft: PipelineConfig | null;
  readonly problems: readonly Problem[];
}

/**
 * Text of one pipeline file -> checked configuration, or its problems. `file` is its name as printed, `plugins` the
 * list of all there are.
 */
export function readPipelineFile(
  file: string,
  text: string,
  plugins: readonly Plugin[],
  sources: ReferenceSources,
): ReadPipeline {
  const { root, findings } = readYamlDocument(file, text);
  if (root === null) return { config: null, draft: null, problems: findings.list };
  if (root.kind !== "map") {
    findings.error("CONFIG_WRONG_TYPE", root, [], "A pipeline file must be a map", {
      found: describeNode(root),
      expected: "'inputs', 'processors' and 'flushers'",
    });
    return { config: null, draft: null, problems: findings.list };
  }
  const secrets: string[] = [];
  const context: ReadContext = { findings, sources, secrets };
  const top = topEntries(root, context);
  warnWithoutEffect(top, context);
  const config: PipelineConfig = {
    stem: stemOf(file),
    file,
    enabled: readEnable(top.get("enable"), context),
    globals: pipelineGlobals(readGlobal(top.get("global"), context)),
    inputs: readPlugins("input", readItems("inputs", true, root, top, context), ["inputs"], plugins, context),
    processors: readPlugins(
      "processor",
      readItems("processors", false, root, top, context),
      ["processors"],
      plugins,
      context,
    ),
    flushers: readPlugins(
      "flusher",
      readItems("flushers", true, root, top, context),
      ["flushers"],
      plugins,
      context,
    ),
    problems: findings.list,
    secrets,
  };
  const { hasErrors } = findings;
  return { config: hasErrors ? null : config, draft: hasErrors ? config : null, problems: findings.list };
}

/** `nginx_stdout.yaml` -> `nginx_stdout`. */
export function stemOf(file: string): string {
  return file.replace(/^.*\//, "").replace(/\.ya?ml$/, "");
}

function topEntries(root: MapNode, context: ReadContext): Map<string, MapEntry> {
  const entries = new Map<string, MapEntry>();
  for (const entry of root.entries) {
    const name = TOP_KEYS.find((key) => key.toLowerCase() === entry.key.toLowerCase());
    if (name === undefined) {
      const near = suggest(entry.key, TOP_KEYS);
      context.findings.error(
        "CONFIG_UNKNOWN_KEY",
        entry.keyPlace,
        [entry.key],
        `Unknown key '${entry.key}'`,
        {
          expected: "'enable', 'global', 'inputs', 'processors', 'aggregators' or 'flushers'",
          ...(near === undefined ? {} : { help: `Did you mean '${near}'?` }),
        },
      );
    } else if (entries.has(name)) {
      context.findings.error("CONFIG_TWICE", entry.keyPlace, [entry.key], `'${name}' stands twice`);
    } else entries.set(name, entry);
  }
  return entries;
}

function readEnable(entry: MapEntry | undefined, context: ReadContext): boolean {
  if (entry === undefined || isNull(entry.value)) return true;
  if (entry.value.kind !== "scalar") wrongType(entry.value, { type: "boolean" }, ["enable"], context);
  else return readScalar(entry.value, { type: "boolean" }, ["enable"], context) === true;
  return false;
}

function readGlobal(entry: MapEntry | undefined, context: ReadContext): Record<string, unknown> {
  const absent: MapNode = { kind: "map", entries: [], line: 1, column: 1 };
  let node = absent;
  if (entry?.value.kind === "map") node = entry.value;
  else if (entry !== undefined && !isNull(entry.value)) {
    context.findings.error("CONFIG_WRONG_TYPE", entry.value, ["global"], "The value has the wrong type", {
      found: describeNode(entry.value),
      expected: "a map",
    });
  }
  const schema = asOptionSchema(GLOBAL_SCHEMA);
  const values = readOptions(node, schema, ["global"], context);
  checkGlobals(values, pluginReport(node, schema, ["global"], context.findings));
  return values;
}

function readItems(
  key: "inputs" | "processors" | "flushers",
  required: boolean,
  root: MapNode,
  top: Map<string, MapEntry>,
  context: ReadContext,
): readonly YamlNode[] {
  const entry = top.get(key);
  if (entry === undefined || isNull(entry.value)) {
    if (required) {
      context.findings.error(
        "CONFIG_MISSING",
        entry?.keyPlace ?? root,
        entry === undefined ? [] : [key],
        `'${key}' is missing`,
        {
          expected: "a list with at least one plugin",
        },
      );
    }
    return [];
  }
  if (entry.value.kind !== "list") {
    context.findings.error("CONFIG_WRONG_TYPE", entry.value, [key], "The value has the wrong type", {
      found: describeNode(entry.value),
      expected: "a list of plugins",
      ...(entry.value.kind === "map" ? { help: "Put '- ' in front of 'Type'" } : {}),
    });
    return [];
  }
  if (entry.value.items.length === 0) {
    context.findings.error("CONFIG_EMPTY_LIST", entry.value, [key], `'${key}' is empty`, {
      expected: "at least one plugin",
      ...(required ? {} : { help: "Remove the key when there is none" }),
    });
  }
  return entry.value.items;
}

function warnWithoutEffect(top: Map<string, MapEntry>, context: ReadContext): void {
  for (const [key, why] of Object.entries(KEYS_WITHOUT_EFFECT)) {
    const entry = top.get(key);
    if (entry === undefined) continue;
    context.findings.warn("CONFIG_NO_EFFECT", entry.keyPlace, [key], `'${key}' has no effect here: ${why}`);
  }
  const aggregators = top.get("aggregators")?.value;
  if (aggregators === undefined || isNull(aggregators)) return;
  if (aggregators.kind !== "list") {
    context.findings.error(
      "CONFIG_WRONG_TYPE",
      aggregators,
      ["aggregators"],
      "The value has the wrong type",
      {
        found: describeNode(aggregators),
        expected: "a list of plugins",
      },
    );
    return;
  }
  aggregators.items.forEach((item, i) => {
    const path = ["aggregators", i];
    const found = readType(item, path, context);
    if (found === undefined) return;
    if (AGGREGATOR_TYPES.includes(found.type)) {
      context.findings.warn(
        "CONFIG_NO_EFFECT",
        found.node,
        [...path, "Type"],
        `'${found.type}' has no effect here: batches are sized by bytes and keep their source`,
      );
      return;
    }
    const near = suggest(found.type, AGGREGATOR_TYPES);
    context.findings.error(
      "CONFIG_UNKNOWN_TYPE",
      found.node,
      [...path, "Type"],
      `There is no aggregator '${found.type}'`,
      {
        help: near === undefined ? "Remove it: nothing here aggregates" : `Did you mean '${near}'?`,
      },
    );
  });
}
