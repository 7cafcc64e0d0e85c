import assert from "node:assert/strict";
import { PRODUCE_HEAD_BYTES } from "../../../src/core/kafka_port.ts";
import { BufferPool } from "../../../src/flushers/kafka/buffer_pool.ts";
import { WireBatch } from "../../../src/flushers/kafka/wire_batch.ts";
import { openBuilder, openEntry, sealedBatch, valuesOf } from "./wire_batches.ts";

const pool = new BufferPool();

/** `view` on the record batch itself. */
function head(batch: WireBatch): DataView {
  return new DataView(batch.buffer.buffer, batch.buffer.byteOffset + PRODUCE_HEAD_BYTES);
}

Deno.test("WireBatch counts three times while it is in flight, and knows its size on the wire", () => {
  const batch = sealedBatch(pool, ["hello", "world"]);
  const once = batch.heldBytes;
  assert.equal(once, batch.wireBytes);
  batch.inFlight = true;
  assert.equal(batch.heldBytes, 3 * once);
  assert.ok(batch.wireBytes > 61 + 10);
});

Deno.test("WireBatch.stamp writes identity and sequence, and again others over them", () => {
  const batch = sealedBatch(pool, ["a", "b", "c"]);
  batch.stamp(77n, 3, 12);
  assert.deepEqual(
    [
      head(batch).getBigInt64(43),
      head(batch).getInt16(51),
      head(batch).getInt32(53),
      head(batch).getInt32(57),
    ],
    [77n, 3, 12, 3],
  );
  const before = head(batch).getUint32(17);
  batch.stamp(78n, 0, 0);
  assert.deepEqual([head(batch).getBigInt64(43), head(batch).getInt32(53)], [78n, 0]);
  assert.notEqual(head(batch).getUint32(17), before, "the check sum is of what stands there now");
  assert.deepEqual(valuesOf(batch), ["a", "b", "c"]);
});

Deno.test("WireBatch.carry holds an entry once in a row, and finish settles each", () => {
  const { entry, ledger } = openEntry();
  const batch = sealedBatch(pool, ["a"], [entry, entry]);
  assert.equal(batch.entries.length, 1);
  entry.settle();
  assert.equal(ledger.openCount, 1);
  batch.finish(pool);
  assert.equal(ledger.openCount, 0);
  assert.deepEqual(ledger.safe.done, [10]);
  assert.throws(() => batch.finish(pool), /^Error: BUG:/);
});

Deno.test("WireBatch.seal keeps compressed records only when they are smaller", () => {
  for (const [packedBytes, codecId] of [[1, 1], [10_000, 0]]) {
    const codec = {
      name: "gzip" as const,
      id: 1,
      level: 1,
      compress: () => new Uint8Array(packedBytes),
      decompress: () => new Uint8Array(0),
    };
    const open = new WireBatch(openBuilder(pool, ["a".repeat(100)]), codec, false, 0);
    open.seal(pool, 0, 0);
    assert.equal(open.codecId, codecId);
    assert.throws(() => open.seal(pool, 0, 0), /^Error: BUG: a batch is sealed twice/);
  }
});
