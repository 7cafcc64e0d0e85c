import assert from "node:assert/strict";
import { MemoryStore } from "../../src/checkpoint/memory_store.ts";

Deno.test("MemoryStore is a first start each time, and gives nothing back", () => {
  const store = new MemoryStore(() => 1_000);
  assert.deepEqual(store.birth, { kind: "first", bornMs: 1_000 });
  store.save();
  assert.deepEqual(store.load(), []);
});

Deno.test("MemoryStore remembers when a pipeline was first seen, and notes, while it lives", () => {
  let now = 1_000;
  const store = new MemoryStore(() => now);
  assert.equal(store.firstSeenMs("a"), 1_000);
  now = 2_000;
  assert.deepEqual([store.firstSeenMs("a"), store.firstSeenMs("b")], [1_000, 2_000]);
  assert.equal(store.note("containers"), null);
  store.setNote("containers", "[]");
  assert.equal(store.note("containers"), "[]");
});
