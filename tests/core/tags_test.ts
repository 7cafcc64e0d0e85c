import assert from "node:assert/strict";
import { NO_TAGS, TagSet } from "../../src/core/tags.ts";

Deno.test("TagSet keeps order and answers the first tag with a key", () => {
  const list = [{ key: "a", value: "1" }, { key: "b", value: "2" }, { key: "a", value: "3" }];
  const tags = new TagSet(list);
  list.pop();
  assert.equal(tags.list.length, 3);
  assert.equal(tags.get("a"), "1");
  assert.equal(tags.get("c"), undefined);
  assert.equal(NO_TAGS.list.length, 0);
  assert.throws(() => (tags.list as unknown[]).push(1), TypeError);
});
