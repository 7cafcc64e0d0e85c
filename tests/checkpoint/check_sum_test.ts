import assert from "node:assert/strict";
import { checkSum } from "../../src/checkpoint/check_sum.ts";

Deno.test("checkSum is FNV-1a when the text is ASCII", () => {
  assert.equal(checkSum(""), 0x811c9dc5);
  assert.equal(checkSum("a"), 0xe40c292c);
  assert.equal(checkSum("foobar"), 0xbf9cf968);
});
