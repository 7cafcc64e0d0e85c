import assert from "node:assert/strict";
import fc from "fast-check";
import { LineIndex } from "../../src/config/line_index.ts";

Deno.test("LineIndex.place counts as a walk through the text does", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "ä", "\n", "\r\n", "\r", "b"), { maxLength: 30 }), (parts) => {
      const text = parts.join("");
      const index = new LineIndex(text);
      for (let offset = 0; offset <= text.length; offset++) {
        // Between the halves of `\r\n` there is no place.
        if (text[offset - 1] === "\r" && text[offset] === "\n") continue;
        const before = text.slice(0, offset).split(/\r\n|\r|\n/);
        assert.deepEqual(index.place(offset), {
          line: before.length,
          column: before[before.length - 1].length + 1,
        });
      }
    }),
  );
});
