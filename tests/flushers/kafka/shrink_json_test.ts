import assert from "node:assert/strict";
import { shrinkJson } from "../../../src/flushers/kafka/shrink_json.ts";

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

Deno.test("shrinkJson cuts the longest text, however deep it is, and leaves the rest", () => {
  const event = {
    Time: 1,
    Contents: [{ Key: "a", Value: "short" }, { Key: "content", Value: "äx".repeat(3000) }],
  };
  const shrunk = shrinkJson(encode(event), 2000)!;
  assert.ok(shrunk.length <= 2000);
  const back = JSON.parse(new TextDecoder().decode(shrunk));
  assert.deepEqual([back.Time, back.Contents[0]], [1, event.Contents[0]]);
  assert.match(back.Contents[1].Value, /^(äx)+ä?…\[truncated \d+ bytes\]$/);
});

Deno.test("shrinkJson gives up when no text is long enough, or it is no JSON", () => {
  assert.equal(shrinkJson(encode(Array.from({ length: 1000 }, (_, i) => `${i}`)), 500), null);
  assert.equal(shrinkJson(new TextEncoder().encode("{".repeat(1000)), 500), null);
  assert.equal(shrinkJson(encode({ a: "x".repeat(300) }), 100), null);
});
