import assert from "node:assert/strict";
import fc from "fast-check";
import { KEYS_DYNAMIC_MAX, KeyTable } from "../../src/core/keys.ts";

const encoder = new TextEncoder();

Deno.test("KeyTable gives the same id for a name however it comes", () => {
  const keys = new KeyTable();
  const content = keys.permanent("content");
  const bytes = encoder.encode("x content y");
  assert.equal(keys.dynamic("content"), content);
  assert.equal(keys.dynamicBytes(bytes, 2, 9), content);
  assert.equal(keys.permanent("content"), content);
  const status = keys.dynamicBytes(encoder.encode("status"), 0, 6);
  assert.equal(keys.dynamic("status"), status);
  assert.notEqual(status, content);
  assert.equal(keys.text(status), "status");
  assert.deepEqual(keys.bytes(status), encoder.encode("status"));
});

Deno.test("KeyTable forgets dynamic names between batches when there are too many", () => {
  const keys = new KeyTable();
  const content = keys.permanent("content");
  for (let i = 0; i <= KEYS_DYNAMIC_MAX; i++) keys.dynamic(`k${i}`);
  assert.equal(keys.generation, 0);
  keys.betweenBatches();
  assert.equal(keys.generation, 1);
  assert.equal(keys.size, 1);
  assert.equal(keys.dynamic("content"), content);
  keys.betweenBatches();
  assert.equal(keys.generation, 1);
});

Deno.test("KeyTable keeps permanent ids when names become permanent later", () => {
  const keys = new KeyTable();
  const a = keys.permanent("a");
  keys.dynamic("b");
  const b = keys.permanent("b");
  assert.equal(keys.generation, 1);
  assert.equal(keys.permanent("a"), a);
  assert.equal(keys.dynamic("b"), b);
  assert.equal(keys.permanentCount, 2);
});

Deno.test("KeyTable tells names apart when their hashes are equal", () => {
  // Pairs of equal FNV-1a-32 hash, found by search.
  const pairs = [["costarring", "liquid"], ["declinate", "macallums"], ["altarage", "zinke"]];
  const keys = new KeyTable();
  for (const [one, other] of pairs) {
    const id = keys.dynamicBytes(encoder.encode(one), 0, one.length);
    assert.notEqual(keys.dynamicBytes(encoder.encode(other), 0, other.length), id);
    assert.equal(keys.dynamicBytes(encoder.encode(one), 0, one.length), id);
  }
});

Deno.test("KeyTable.dynamicBytes finds what dynamic finds for any name", () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: "binary" })), (names) => {
    const keys = new KeyTable();
    for (const any of names) {
      const name = any.toWellFormed();
      const bytes = encoder.encode(name);
      assert.equal(keys.dynamicBytes(bytes, 0, bytes.length), keys.dynamic(name));
      assert.equal(keys.text(keys.dynamic(name)), name);
    }
  }));
});
