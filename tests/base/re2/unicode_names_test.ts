import assert from "node:assert/strict";
import { propertyExpression } from "../../../src/base/re2/unicode_names.ts";

Deno.test("propertyExpression knows categories by both names, and scripts, however they are spelled", () => {
  assert.equal(propertyExpression("Lu"), "General_Category=Lu");
  assert.equal(propertyExpression("uppercase-letter"), "General_Category=Uppercase_Letter");
  assert.equal(propertyExpression("GREEK"), "Script=Greek");
  assert.equal(propertyExpression("Old Italic"), "Script=Old_Italic");
  assert.equal(propertyExpression("any"), "Any");
});

Deno.test("propertyExpression refuses what RE2 refuses though V8 knows it", () => {
  for (const name of ["Grek", "Emoji", "Alphabetic", "Script=Greek", "", "constructor"]) {
    assert.equal(propertyExpression(name), undefined, name);
  }
});

Deno.test("propertyExpression gives only what V8 takes", () => {
  for (const name of ["L", "Cn", "punct", "Han", "Nko", "Zanabazar_Square", "assigned", "ascii"]) {
    assert.ok(new RegExp(`\\p{${propertyExpression(name)}}`, "u"), name);
  }
});
