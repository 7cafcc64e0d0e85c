import { mapValueSchema, type OptionSchema } from "./option_schema.ts";
import type { ReadValue } from "./read_options.ts";

/**
 * Whether options in which mistakes were found have the shape their schema promises all the same: what was wrong has
 * its default, and nothing that must be there is missing. A plugin may then be asked what else it finds in them.
 */
export function isWhole(value: ReadValue, schema: OptionSchema): boolean {
  if (value === undefined) return false;
  if (schema.type === "array") return (value as ReadValue[]).every((item) => isWhole(item, schema.items!));
  if (schema.type !== "object") return true;
  const values = value as Record<string, ReadValue>;
  const each = mapValueSchema(schema);
  if (each !== undefined) return Object.values(values).every((item) => isWhole(item, each));
  return Object.entries(schema.properties ?? {}).every(([name, option]) =>
    values[name] === undefined
      ? !schema.required?.includes(name) || option["x-no-effect"] !== undefined
      : isWhole(values[name], option)
  );
}
