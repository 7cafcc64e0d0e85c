import type {
  TArray,
  TBoolean,
  TInteger,
  TNumber,
  TObject,
  TOptional,
  TProperties,
  TRecord,
  TSchema,
  TString,
  TUnsafe,
} from "typebox";
import { hide, objectOf, optionalOf, schemaOf } from "./schema_objects.ts";

/**
 * Builders for the options of plugins: TypeBox schemas (hence JSON Schema) with a few words more, which the config
 * reader, the reference pages and the tests read off the same value. They are made here as TypeBox makes them, and a
 * test compares each with the library's: loading it takes 25 ms and 8 MB at every start, for a dozen small objects.
 *
 * An option with a default is always present after loading. `optional(…)` without a default may be absent. All
 * others are required. Names are written as the seed writes them and matched without regard to case.
 */
export interface Notes<T> {
  /** Value when the option is absent. */
  readonly default?: T;
  readonly examples?: readonly T[];
  /** iLogtail documents this option, it has no meaning here: accepted with this sentence as a warning. */
  readonly noEffect?: string;
  /** Never printed. */
  readonly secret?: boolean;
  /** Other names of the same option. */
  readonly otherNames?: readonly string[];
}

/** What `x-kind` may say: how the config reader reads a scalar beyond its JSON type. */
export type ScalarKind = "durationMs" | "regex" | "path";

function annotate<T>(
  about: string,
  notes: Notes<T>,
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const { noEffect, secret, otherNames, ...plain } = notes;
  return {
    description: about,
    ...plain,
    ...(noEffect === undefined ? {} : { "x-no-effect": noEffect }),
    ...(secret ? { "x-secret": true } : {}),
    ...(otherNames === undefined ? {} : { "x-other-names": otherNames }),
    ...more,
  };
}

/** Any text; a bare number or boolean in YAML is taken by its source text. */
export function text(about: string, notes: Notes<string> & { minLength?: number } = {}): TString {
  return schemaOf<TString>("String", { type: "string" }, annotate(about, notes));
}

/** A regular expression in the RE2 dialect; compiled when the pipeline is loaded. */
export function regex(about: string, notes: Notes<string> = {}): TString {
  return schemaOf<TString>("String", { type: "string" }, annotate(about, notes, { "x-kind": "regex" }));
}

/** One of a few words, matched without regard to case and given in the listed spelling. */
export function choice<const V extends string>(
  about: string,
  words: readonly V[],
  notes: Notes<V> = {},
): TUnsafe<V> {
  const schema = { type: "string", enum: [...words], ...annotate(about, notes) };
  return hide(schema, "~unsafe", null) as unknown as TUnsafe<V>;
}

export function flag(about: string, notes: Notes<boolean> = {}): TBoolean {
  return schemaOf<TBoolean>("Boolean", { type: "boolean" }, annotate(about, notes));
}

/** A whole number within limits. */
export function integer(
  about: string,
  notes: Notes<number> & { minimum?: number; maximum?: number } = {},
): TInteger {
  return schemaOf<TInteger>("Integer", { type: "integer" }, annotate(about, notes));
}

/**
 * A time span, given in milliseconds to the plugin. In YAML: `30s`, `250ms`, `1m30s`; a bare number is nanoseconds
 * (as iLogtail reads it) and refused below one millisecond, where it is a mistake.
 */
export function durationMs(about: string, notes: Notes<number> & { minimum?: number } = {}): TNumber {
  return schemaOf<TNumber>("Number", { type: "number" }, annotate(about, notes, { "x-kind": "durationMs" }));
}

/** A list; one scalar in its place is an error. */
export function list<S extends TSchema>(
  about: string,
  item: S,
  notes: Notes<readonly unknown[]> & { minItems?: number } = {},
): TArray<S> {
  return schemaOf<TArray<S>>("Array", { type: "array", items: item }, annotate(about, notes));
}

/** Names of the user's choice (kept in order and case) to values. */
export function mapOf<S extends TSchema>(
  about: string,
  value: S,
  notes: Notes<Readonly<Record<string, unknown>>> = {},
): TRecord<"^.*$", S> {
  const schema = { type: "object", patternProperties: { "^.*$": value } };
  return schemaOf<TRecord<"^.*$", S>>("Record", schema, annotate(about, notes));
}

/** A group of named options; absent counts as empty, so that the defaults inside apply. */
export function section<P extends TProperties>(
  about: string,
  properties: P,
  notes: Pick<Notes<never>, "otherNames"> = {},
): TObject<P> {
  return objectOf(properties, annotate(about, notes, { default: {}, additionalProperties: false }));
}

/** May be absent, then it is `undefined`. */
export function optional<S extends TSchema>(schema: S): TOptional<S> {
  return optionalOf(schema);
}

/** The options of one plugin. */
export function options<P extends TProperties>(properties: P): TObject<P> {
  return objectOf(properties, { additionalProperties: false });
}

export type { Static, TObject, TSchema } from "typebox";
