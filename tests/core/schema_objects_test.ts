import assert from "node:assert/strict";
import Type, { type TSchema } from "typebox";
import {
  choice,
  durationMs,
  flag,
  integer,
  list,
  mapOf,
  optional,
  options,
  regex,
  section,
  text,
} from "../../src/core/schema.ts";

/** Everything of an object: properties in their order, then hidden ones. */
function whole(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(Object.getOwnPropertyDescriptors(value)).map(([key, at]) => [
    key,
    at.enumerable,
    at.writable,
    at.configurable,
    whole(at.value),
  ]).sort((a, b) => Number(b[1]) - Number(a[1]));
}

function same(ours: TSchema, library: TSchema): void {
  assert.deepEqual(whole(ours), whole(library));
}

const about = { description: "It." };

Deno.test("schemaOf makes what TypeBox makes when options are scalars", () => {
  same(
    text("It.", { default: "a", secret: true }),
    Type.String({ ...about, default: "a", "x-secret": true }),
  );
  same(regex("It."), Type.String({ ...about, "x-kind": "regex" }));
  same(flag("It.", { noEffect: "no" }), Type.Boolean({ ...about, "x-no-effect": "no" }));
  same(integer("It.", { minimum: 1, maximum: 2 }), Type.Integer({ ...about, minimum: 1, maximum: 2 }));
  same(durationMs("It.", { default: 5 }), Type.Number({ ...about, default: 5, "x-kind": "durationMs" }));
  same(choice("It.", ["a", "b"]), Type.Unsafe({ type: "string", enum: ["a", "b"], ...about }));
});

Deno.test("schemaOf makes what TypeBox makes when options are lists and maps", () => {
  same(list("It.", text("t"), { minItems: 1 }), Type.Array(text("t"), { ...about, minItems: 1 }));
  same(mapOf("It.", integer("i")), Type.Record(Type.String(), integer("i"), about));
});

Deno.test("objectOf requires what TypeBox requires when some properties are optional", () => {
  const properties = { A: text("a"), B: optional(flag("b")), C: integer("c", { default: 1 }) };
  same(options(properties), Type.Object(properties, { additionalProperties: false }));
  same(
    section("It.", properties),
    Type.Object(properties, { ...about, default: {}, additionalProperties: false }),
  );
  const allOptional = { B: optional(flag("b")) };
  same(options(allOptional), Type.Object(allOptional, { additionalProperties: false }));
});

Deno.test("optionalOf copies as TypeBox does when the schema is used again", () => {
  const plain = text("t");
  for (const schema of [plain, choice("c", ["a"]), section("s", { A: plain })]) {
    same(optional(schema), Type.Optional(schema));
    assert.ok(!("~optional" in schema));
  }
});
