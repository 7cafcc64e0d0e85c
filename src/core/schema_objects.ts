import type { TObject, TOptional, TProperties, TSchema } from "typebox";

/**
 * Objects of TypeBox's form: the JSON Schema is enumerable, what the library adds for itself is hidden. Made here
 * because loading the library takes 25 ms of CPU and 8 MB at every start; the tests compare with what it makes.
 */
export function schemaOf<S extends TSchema>(
  kind: string,
  schema: Record<string, unknown>,
  notes: Record<string, unknown>,
): S {
  return hide({ ...schema, ...notes }, "~kind", kind) as unknown as S;
}

/** An object with these properties; all but the optional ones are required. */
export function objectOf<P extends TProperties>(properties: P, notes: Record<string, unknown>): TObject<P> {
  const required = Object.keys(properties).filter((key) => !("~optional" in properties[key]));
  const schema = { type: "object", ...(required.length > 0 ? { required } : {}), properties };
  return schemaOf<TObject<P>>("Object", schema, notes);
}

/** A copy that may be absent. */
export function optionalOf<S extends TSchema>(schema: S): TOptional<S> {
  const copy = Object.defineProperties({}, Object.getOwnPropertyDescriptors(schema));
  return hide(copy as Record<string, unknown>, "~optional", true) as unknown as TOptional<S>;
}

/** Adds a property that neither JSON nor a loop over the keys shows. */
export function hide(
  schema: Record<string, unknown>,
  key: string,
  value: unknown,
): Record<string, unknown> {
  return Object.defineProperty(schema, key, { configurable: true, writable: true, enumerable: false, value });
}
