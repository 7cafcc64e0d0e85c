import assert from "node:assert/strict";
import { isWhole } from "../../src/config/is_whole.ts";
import { asOptionSchema } from "../../src/config/option_schema.ts";
import { integer, list, mapOf, optional, options, section, text } from "../../src/core/schema.ts";

const schema = asOptionSchema(options({
  Name: text("Must be there."),
  Size: optional(integer("May be missing.")),
  Items: list("Texts.", text("One."), { default: [] }),
  Map: mapOf("Texts.", text("One."), { default: {} }),
  Part: section("Inside.", { Level: integer("With a default.", { default: 1 }) }),
}));
const good = { Name: "a", Items: ["x"], Map: { k: "v" }, Part: { Level: 1 } };

Deno.test("isWhole takes options whose mistakes fell back to defaults", () => {
  assert.equal(isWhole(good, schema), true);
  assert.equal(isWhole({ ...good, Size: 3, Items: [], Map: {} }, schema), true);
});

Deno.test("isWhole refuses options of which something is missing", () => {
  for (
    const bad of [
      { ...good, Name: undefined },
      { ...good, Items: ["x", undefined] },
      { ...good, Map: { k: undefined } },
      { ...good, Part: {} },
      { ...good, Part: undefined },
    ]
  ) assert.equal(isWhole(bad, schema), false, JSON.stringify(bad));
});
