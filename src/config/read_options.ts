import {
  expectedWords,
  mapValueSchema,
  optionName,
  optionNames,
  type OptionSchema,
} from "./option_schema.ts";
import type { KeyPath } from "./problem.ts";
import { type ReadContext, readScalar, wrongType } from "./read_scalar.ts";
import { suggest } from "./suggest.ts";
import { isNull, type ListNode, type MapEntry, type MapNode, type YamlNode } from "./yaml_node.ts";

/** Options with the right shape: defaults filled in, names in the schema's spelling. */
export type ReadValue = unknown;

/** Settings for one group of options. */
export interface GroupNotes {
  /** Keys that somebody else reads (`Type`). */
  readonly skip?: readonly string[];
  /** Behind "Unknown option": where the names can be looked up. */
  readonly page?: string;
}

/**
 * A map of named options by its schema. All mistakes are reported, not only the first; with one among them the
 * result is not to be used.
 */
export function readOptions(
  node: MapNode,
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
  notes: GroupNotes = {},
): Record<string, ReadValue> {
  const given = assignNames(node, schema, path, context, notes);
  const values: Record<string, ReadValue> = {};
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    const entry = given.get(name);
    const at = [...path, entry?.key ?? name];
    let value: ReadValue;
    if (entry !== undefined && option["x-no-effect"] !== undefined) {
      context.findings.warn(
        "CONFIG_NO_EFFECT",
        entry.keyPlace,
        at,
        `'${entry.key}' has no effect here: ${option["x-no-effect"]}`,
      );
    } else if (entry !== undefined && !isNull(entry.value)) {
      value = readValue(entry.value, option, at, context, notes);
    } else if (option.default === undefined && isRequired(schema, name)) {
      context.findings.error("CONFIG_MISSING", entry?.keyPlace ?? node, path, `'${name}' is missing`, {
        expected: expectedWords(option),
        ...(option.examples?.length
          ? { help: `For instance '${name}: ${exampleText(option.examples[0])}'` }
          : {}),
      });
    }
    value ??= defaultValue(option, isRequired(schema, name), node, at, context);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** Entries under the schema's own names; unknown ones and doubles are reported. */
function assignNames(
  node: MapNode,
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
  notes: GroupNotes,
): Map<string, MapEntry> {
  const given = new Map<string, MapEntry>();
  for (const entry of node.entries) {
    if (notes.skip?.some((skipped) => skipped.toLowerCase() === entry.key.toLowerCase())) continue;
    const name = optionName(schema, entry.key);
    if (name === undefined) {
      reportUnknown(entry, schema, path, context, notes);
      continue;
    }
    const first = given.get(name);
    if (first !== undefined) {
      context.findings.error(
        "CONFIG_TWICE",
        entry.keyPlace,
        [...path, entry.key],
        `'${entry.key}' and '${first.key}' are the same option`,
        {
          help: `Keep one of them; the other stands in line ${first.keyPlace.line}`,
        },
      );
      continue;
    }
    given.set(name, entry);
  }
  return given;
}

function reportUnknown(
  entry: MapEntry,
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
  notes: GroupNotes,
): void {
  const near = suggest(entry.key, optionNames(schema));
  const help = [
    near === undefined ? "" : `Did you mean '${near}'?`,
    notes.page === undefined ? "" : `All options: ${notes.page}`,
  ].filter((part) => part !== "").join(" ");
  context.findings.error(
    "CONFIG_UNKNOWN_OPTION",
    entry.keyPlace,
    [...path, entry.key],
    `Unknown option '${entry.key}'`,
    {
      ...(help === "" ? {} : { help }),
    },
  );
}

function readValue(
  node: YamlNode,
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
  notes: GroupNotes,
): ReadValue {
  const inner = notes.page === undefined ? {} : { page: notes.page };
  if (schema.type === "array") {
    if (node.kind === "list") return readList(node, schema, path, context, inner);
    const help = node.kind === "scalar"
      ? `Write '[${node.text}]', or each item on a line of its own behind '- '`
      : undefined;
    return wrongType(node, schema, path, context, schema["x-secret"] ? undefined : help);
  }
  if (schema.type === "object") {
    if (node.kind !== "map") return wrongType(node, schema, path, context);
    const values = mapValueSchema(schema);
    if (values !== undefined) return readMap(node, values, path, context, inner);
    return readOptions(node, schema, path, context, inner);
  }
  if (node.kind !== "scalar") return wrongType(node, schema, path, context);
  return readScalar(node, schema, path, context);
}

function readList(
  node: ListNode,
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
  notes: GroupNotes,
): ReadValue {
  const item = schema.items;
  if (item === undefined) throw new Error("BUG: the schema of a list says nothing about its items");
  if (node.items.length < (schema.minItems ?? 0)) {
    context.findings.error("CONFIG_EMPTY_LIST", node, path, "The list has too few items", {
      found: `${node.items.length}`,
      expected: `at least ${schema.minItems}`,
    });
  }
  return node.items.map((value, i) => {
    if (isNull(value)) return wrongType(value, item, [...path, i], context, "Remove the empty item");
    return readValue(value, item, [...path, i], context, notes);
  });
}

function readMap(
  node: MapNode,
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
  notes: GroupNotes,
): ReadValue {
  const values: Record<string, ReadValue> = {};
  for (const { key, value } of node.entries) {
    // `DEBUG:` with nothing behind it means "any value" in filters, which is written as empty text.
    const read = isNull(value) && schema.type === "string"
      ? ""
      : readValue(value, schema, [...path, key], context, notes);
    // A key may be `__proto__`; it must become an entry like any other.
    Object.defineProperty(values, key, { value: read, enumerable: true, configurable: true, writable: true });
  }
  return values;
}

function isRequired(schema: OptionSchema, name: string): boolean {
  return schema.required?.includes(name) ?? false;
}

/** The default, with the defaults of a section's own options inside; an optional section stays absent. */
function defaultValue(
  schema: OptionSchema,
  required: boolean,
  group: MapNode,
  path: KeyPath,
  context: ReadContext,
): ReadValue {
  if (schema.default === undefined) return undefined;
  if (schema.type === "object" && schema.properties !== undefined) {
    if (!required) return undefined;
    return readOptions({ ...group, entries: [] }, schema, path, context);
  }
  return structuredClone(schema.default);
}

function exampleText(example: unknown): string {
  return typeof example === "string" ? example : JSON.stringify(example);
}
