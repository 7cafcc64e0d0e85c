import assert from "node:assert/strict";
import fc from "fast-check";
import { cutText } from "../../src/tail/cut_text.ts";
import { encode } from "./assembler_harness.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function parts(bytes: Uint8Array, bytesMax: number, escaped: boolean): string[] {
  const all: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const cut = cutText(bytes, at, bytes.length, bytesMax, escaped);
    assert.ok(cut > at);
    all.push(decoder.decode(bytes.subarray(at, cut)));
    at = cut;
  }
  return all;
}

Deno.test("cutText cuts plain text into whole characters within the limit", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 4, max: 20 }), (text, bytesMax) => {
    const all = parts(encode(text), bytesMax, false);
    assert.equal(all.join(""), text.toWellFormed());
    assert.ok(all.every((part) => encode(part).length <= bytesMax));
  }));
});

Deno.test("cutText cuts escaped text into strings that JSON accepts", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      fc.integer({ min: 1, max: 20 }),
      fc.boolean(),
      (text, bytesMax, ascii) => {
        let json = JSON.stringify(text.toWellFormed()).slice(1, -1);
        if (ascii) {
          json = json.replace(
            /[^ -~]/g,
            (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0"),
          );
        }
        const all = parts(encode(json), bytesMax, true).map((part) => JSON.parse(`"${part}"`) as string);
        assert.equal(all.join(""), text.toWellFormed());
        assert.ok(all.every((part) => part.isWellFormed()));
      },
    ),
  );
});

Deno.test("cutText takes one character when even that is longer than the limit", () => {
  assert.deepEqual(parts(encode("中a"), 1, false), ["中", "a"]);
});
