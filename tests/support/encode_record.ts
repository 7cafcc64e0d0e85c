import assert from "node:assert/strict";
import type { Batch } from "../../src/core/batch.ts";
import type { Envelope } from "../../src/core/envelope/envelope.ts";

const AT = 5;

/** One record as text; checks that the envelope keeps to the room it asked for and writes valid UTF-8. */
export function encodeRecord(envelope: Envelope, batch: Batch, record: number): string {
  const max = envelope.bytesMax(batch, record);
  const out = new Uint8Array(AT + max + 16).fill(0xaa);
  const end = envelope.encode(batch, record, out, AT);
  assert.ok(end <= AT + max, `wrote ${end - AT} bytes, said ${max}`);
  assert.ok(out.subarray(0, AT).every((byte) => byte === 0xaa), "wrote in front of its room");
  assert.ok(out.subarray(end).every((byte) => byte === 0xaa), "wrote behind its end");
  checkWithin(envelope, batch, record, out.subarray(0, end), max);
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(out.subarray(AT, end));
}

/** With room `encodeWithin` writes the same; with too little it says so, and writes nothing behind the limit. */
function checkWithin(envelope: Envelope, batch: Batch, record: number, whole: Uint8Array, max: number): void {
  const out = new Uint8Array(AT + max + 16).fill(0xaa);
  assert.equal(
    envelope.encodeWithin(batch, record, out, AT, AT + max),
    whole.length,
    "the bound was room enough",
  );
  assert.deepEqual(out.subarray(0, whole.length), whole);
  for (const limit of [AT, (AT + whole.length) >> 1, whole.length - 1]) {
    out.fill(0xaa);
    assert.equal(envelope.encodeWithin(batch, record, out, AT, limit), -1);
    assert.ok(out.subarray(limit).every((byte) => byte === 0xaa), "wrote behind the limit");
  }
}
