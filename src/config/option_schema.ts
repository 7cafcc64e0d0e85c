/**
 * What the reader, the reference pages and the JSON Schema know of an option: TypeBox values are JSON Schema objects,
 * seen here without their types. The words beginning with `x-` are those of src/core/schema.ts.
 */
export interface OptionSchema {
  readonly type?: "string" | "boolean" | "integer" | "number" | "array" | "object";
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly items?: OptionSchema;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly patternProperties?: Readonly<Record<string, OptionSchema>>;
  readonly required?: readonly string[];
  readonly "x-kind"?: "durationMs" | "regex" | "path";
  readonly "x-no-effect"?: string;
  readonly "x-secret"?: boolean;
  readonly "x-other-names"?: readonly string[];
}

/** A schema of src/core/schema.ts as this file sees it. */
export function asOptionSchema(schema: object): OptionSchema {
  return schema as OptionSchema;
}

/** The schema of the values when the option is a map with names of the user's choice. */
export function mapValueSchema(schema: OptionSchema): OptionSchema | undefined {
  return schema.patternProperties === undefined ? undefined : Object.values(schema.patternProperties)[0];
}

/** The option's own name for a name as written, in any case or under another name; `undefined` when unknown. */
export function optionName(schema: OptionSchema, written: string): string | undefined {
  const wanted = written.toLowerCase();
  for (const [name, option] of Object.entries(schema.properties ?? {})) {
    if (name.toLowerCase() === wanted) return name;
    if (option["x-other-names"]?.some((other) => other.toLowerCase() === wanted)) return name;
  }
  return undefined;
}

/** All names a user may write, for suggestions. */
export function optionNames(schema: OptionSchema): string[] {
  return Object.entries(schema.properties ?? {})
    .filter(([, option]) => option["x-no-effect"] === undefined)
    .flatMap(([name, option]) => [name, ...(option["x-other-names"] ?? [])]);
}

/** What a scalar, list or map of this schema is called in `expected:`. */
export function expectedWords(schema: OptionSchema): string {
  if (schema.enum !== undefined) return `one of ${schema.enum.map((word) => `'${word}'`).join(", ")}`;
  if (schema["x-kind"] === "durationMs") return "a time span with a unit, for instance '30s' or '250ms'";
  switch (schema.type) {
    case "string":
      return schema["x-kind"] === "regex" ? "a regular expression" : "a text";
    case "boolean":
      return "'true' or 'false'";
    case "integer":
      return `a whole number${rangeWords(schema)}`;
    case "number":
      return `a number${rangeWords(schema)}`;
    case "array":
      return "a list";
    default:
      return "a map";
  }
}

/** ` from 1 to 10`, ` of at least 1`, or nothing. */
export function rangeWords(schema: OptionSchema): string {
  const { minimum, maximum } = schema;
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (minimum !== undefined) return ` of at least ${minimum}`;
  if (maximum !== undefined) return ` of at most ${maximum}`;
  return "";
}
