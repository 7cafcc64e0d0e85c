import { mapValueSchema, type OptionSchema } from "./option_schema.ts";
import type { KeyPath } from "./problem.ts";
import type { ReadValue } from "./read_options.ts";

/**
 * Options in which mistakes were found, made whole: where a value is missing that the schema promises, a sound one of
 * its kind stands in. With them a plugin can be asked what else it finds, so that all problems are said at once; it
 * never runs with them. Gives the paths of the stand-ins, of which nothing a plugin says is worth a word.
 */
export function fillStandIns(value: ReadValue, schema: OptionSchema): {
  readonly options: ReadValue;
  readonly standIns: readonly KeyPath[];
} {
  const standIns: KeyPath[] = [];
  return { options: fill(value, schema, [], standIns), standIns };
}

function fill(value: ReadValue, schema: OptionSchema, path: KeyPath, standIns: KeyPath[]): ReadValue {
  if (value === undefined) {
    standIns.push(path);
    return standIn(schema);
  }
  if (schema.type === "array") {
    const items = (value as ReadValue[]).map((item, i) => fill(item, schema.items!, [...path, i], standIns));
    while (items.length < (schema.minItems ?? 0)) items.push(standIn(schema.items!));
    return items;
  }
  if (schema.type !== "object") return value;
  const values = value as Record<string, ReadValue>;
  const each = mapValueSchema(schema);
  const filled: Record<string, ReadValue> = {};
  const set = (name: string, given: ReadValue, option: OptionSchema) => {
    const entry = { value: fill(given, option, [...path, name], standIns), enumerable: true, writable: true };
    // A key may be `__proto__`.
    Object.defineProperty(filled, name, entry);
  };
  if (each !== undefined) {
    for (const [name, given] of Object.entries(values)) set(name, given, each);
    return filled;
  }
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    if (values[name] !== undefined || isNeeded(schema, name, option)) set(name, values[name], option);
  }
  return filled;
}

/** A value that the schema takes. */
function standIn(schema: OptionSchema): ReadValue {
  const known = schema.default ?? schema.examples?.[0] ?? schema.enum?.[0];
  if (known !== undefined && schema.properties === undefined) return structuredClone(known);
  switch (schema.type) {
    case "string":
      return "x".repeat(schema.minLength ?? 0);
    case "boolean":
      return false;
    case "integer":
    case "number":
      return schema.minimum ?? 0;
    case "array":
      return Array.from({ length: schema.minItems ?? 0 }, () => standIn(schema.items!));
    default:
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(([name, option]) => isNeeded(schema, name, option))
          .map(([name, option]) => [name, standIn(option)]),
      );
  }
}

function isNeeded(schema: OptionSchema, name: string, option: OptionSchema): boolean {
  return (schema.required?.includes(name) ?? false) && option["x-no-effect"] === undefined;
}
