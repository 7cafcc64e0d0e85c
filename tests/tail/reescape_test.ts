import assert from "node:assert/strict";
import fc from "fast-check";
import { reescape, unescapeText } from "../../src/tail/reescape.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (array: Uint8Array) => new TextDecoder().decode(array);

Deno.test("reescape writes plain text as JSON's, and back, without a loss", () => {
  assert.equal(text(reescape(bytes('say "hi"\n\\ é'), true)), 'say \\"hi\\"\\n\\\\ é');
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (plain) => {
    assert.equal(text(reescape(reescape(bytes(plain), true), false)), plain);
  }));
});

Deno.test("unescapeText leaves alone what is no JSON text", () => {
  assert.equal(unescapeText("a\\u00e9b"), "aéb");
  for (const broken of ["ends with \\", "\\x41", 'a\\n"b']) assert.equal(unescapeText(broken), broken);
});
