import assert from "node:assert/strict";
import { Batch, ESCAPED, IN_ARENA, UTF8_UNCHECKED } from "../../src/core/batch.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { NO_TAGS } from "../../src/core/tags.ts";
import { lineText } from "../../src/tail/line_text.ts";

function textOf(line: string | Uint8Array, flags: number, bytesMax = 1e9): string {
  const arena = typeof line === "string" ? new TextEncoder().encode(line) : line;
  const batch = new Batch(new KeyTable());
  batch.begin(NO_TAGS, arena, UTF8_UNCHECKED, 0);
  return lineText(batch, 0, arena.length, flags, bytesMax);
}

Deno.test("lineText is the text of a line, escapes undone where the runtime wrote them", () => {
  assert.equal(textOf("2026 ERROR é", IN_ARENA), "2026 ERROR é");
  assert.equal(textOf("\\tat a.b\\u0041", IN_ARENA), "\\tat a.b\\u0041");
  assert.equal(textOf("\\tat a.b\\u0041", IN_ARENA | ESCAPED), "\tat a.bA");
  assert.equal(textOf(Uint8Array.of(0x61, 0xff), IN_ARENA), "a\ufffd");
});

Deno.test("lineText looks at the first bytes only, and cuts no character and no escape in two", () => {
  assert.equal(textOf("abcdef", IN_ARENA, 3), "abc");
  assert.equal(textOf("abé", IN_ARENA, 3), "ab");
  assert.equal(textOf("ab\\nc", IN_ARENA | ESCAPED, 3), "ab");
});
