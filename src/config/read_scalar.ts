import { parseRe2 } from "../base/re2/parse.ts";
import { Re2SyntaxError } from "../base/re2/syntax_error.ts";
import type { Findings } from "./findings.ts";
import { expectedWords, type OptionSchema, rangeWords } from "./option_schema.ts";
import type { KeyPath } from "./problem.ts";
import { expandReferences, type ReferenceSources } from "./references.ts";
import { formatDuration, parseDuration, parseFlag, parseInteger, parseNumber } from "./scalars.ts";
import { suggest } from "./suggest.ts";
import { describeNode, placeInside, type ScalarNode } from "./yaml_node.ts";

/** What reading needs besides the schema. */
export interface ReadContext {
  readonly findings: Findings;
  readonly sources: ReferenceSources;
  /** Collects the values of secret options, so that the log can hide them. */
  readonly secrets: string[];
}

/**
 * One scalar by the type its option has, whether quoted or not. `undefined` after an error was reported. Messages
 * show the text as written in the file, never a reference's value.
 */
export function readScalar(
  node: ScalarNode,
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
): unknown {
  const text = expand(node, path, context);
  if (text === undefined) return undefined;
  if (schema["x-secret"] && text !== "") context.secrets.push(text);
  if (schema.enum !== undefined) return readChoice(node, text, schema, path, context);
  if (schema["x-kind"] === "durationMs") return readDuration(node, text, schema, path, context);
  switch (schema.type) {
    case "string":
      return readText(node, text, schema, path, context);
    case "boolean":
      return parseFlag(text) ?? wrongType(node, schema, path, context);
    case "integer":
      return readNumber(node, parseInteger(text), schema, path, context);
    case "number":
      return readNumber(node, parseNumber(text), schema, path, context);
    default:
      return wrongType(node, schema, path, context);
  }
}

/** Reports that the value has another type; the result is `undefined`. */
export function wrongType(
  node: Parameters<typeof describeNode>[0],
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
  help?: string,
): undefined {
  context.findings.error("CONFIG_WRONG_TYPE", node, path, "The value has the wrong type", {
    ...(schema["x-secret"] ? {} : { found: describeNode(node) }),
    expected: expectedWords(schema),
    ...(help === undefined ? {} : { help }),
  });
}

function expand(node: ScalarNode, path: KeyPath, context: ReadContext): string | undefined {
  const { text, unset, denied, unreadable } = expandReferences(node.text, context.sources);
  for (const name of unset) {
    context.findings.warn(
      "CONFIG_ENV_UNSET",
      node,
      path,
      `The environment variable '${name}' is not set, so it counts as empty`,
      {
        help: `Write '\${${name}:…}' to give a default`,
      },
    );
  }
  for (const name of denied) {
    const message = `The program may not ask for the environment variable '${name}', so it counts as not set`;
    context.findings.warn("CONFIG_ENV_UNSET", node, path, message, {
      help:
        `Give the variable a name that begins with DENOTAIL_ or KAFKA_, or grant it at the build with --env=${name}`,
    });
  }
  for (const file of unreadable) {
    const isDenied = context.sources.granted?.("read", file) === false;
    const message = `The ${isDenied ? "program may not read the file" : "file"} '${file}'${
      isDenied ? "" : " cannot be read"
    }`;
    context.findings.error("CONFIG_REFERENCE", node, path, message, {
      help: isDenied
        ? "Put it below /etc/denotail, or grant it at the build with --read"
        : "Is it mounted, and readable for this user?",
    });
  }
  return unreadable.length > 0 ? undefined : text;
}

function readText(
  node: ScalarNode,
  text: string,
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
): string | undefined {
  if (text.length < (schema.minLength ?? 0)) {
    context.findings.error("CONFIG_BAD_VALUE", node, path, "The text is empty", {
      expected: expectedWords(schema),
    });
    return undefined;
  }
  return schema["x-kind"] === "regex" ? readRegex(node, text, path, context) : text;
}

function readRegex(node: ScalarNode, text: string, path: KeyPath, context: ReadContext): string | undefined {
  try {
    parseRe2(text);
    return text;
  } catch (error) {
    if (!(error instanceof Re2SyntaxError)) throw error;
    // After a reference was replaced, the position is one of another text.
    const place = text === node.text ? placeInside(node, error.position) : node;
    context.findings.error(
      "CONFIG_REGEX",
      place,
      path,
      `The regular expression is not valid: ${error.message}`,
    );
    return undefined;
  }
}

function readChoice(
  node: ScalarNode,
  text: string,
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
): string | undefined {
  const words = schema.enum ?? [];
  const word = words.find((one) => one.toLowerCase() === text.toLowerCase());
  if (word !== undefined) return word;
  const near = suggest(text, words);
  context.findings.error("CONFIG_BAD_VALUE", node, path, "The value is none of the possible ones", {
    found: describeNode(node),
    expected: expectedWords(schema),
    ...(near === undefined ? {} : { help: `Did you mean '${near}'?` }),
  });
  return undefined;
}

function readDuration(
  node: ScalarNode,
  text: string,
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
): number | undefined {
  const duration = parseDuration(text);
  if ("ms" in duration) {
    if (duration.ms >= (schema.minimum ?? 0)) return duration.ms;
    context.findings.error("CONFIG_BAD_VALUE", node, path, "The time span is too short", {
      found: describeNode(node),
      expected: `at least ${formatDuration(schema.minimum ?? 0)}`,
    });
    return undefined;
  }
  const message = duration.refused === "form"
    ? "The value is not a time span"
    : "The time span is shorter than a millisecond";
  context.findings.error("CONFIG_DURATION", node, path, message, {
    found: describeNode(node) + (duration.ns === undefined ? "" : " (a bare number counts nanoseconds)"),
    expected: expectedWords(schema),
    ...(duration.ns === undefined
      ? {}
      : { help: `Write '${duration.ns}s' for seconds or '${duration.ns}ms' for milliseconds` }),
  });
  return undefined;
}

function readNumber(
  node: ScalarNode,
  value: number | null,
  schema: OptionSchema,
  path: KeyPath,
  context: ReadContext,
): number | undefined {
  if (value === null) return wrongType(node, schema, path, context);
  if (value >= (schema.minimum ?? -Infinity) && value <= (schema.maximum ?? Infinity)) return value;
  context.findings.error("CONFIG_BAD_VALUE", node, path, "The number is out of range", {
    found: describeNode(node),
    expected: `a number${rangeWords(schema)}`,
  });
  return undefined;
}
