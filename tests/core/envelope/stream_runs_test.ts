import assert from "node:assert/strict";
import fc from "fast-check";
import { makeEnvelope } from "../../../src/core/envelope/make_envelope.ts";
import { type Batch, ESCAPED, IN_ARENA } from "../../../src/core/batch.ts";
import { KEYS_DYNAMIC_MAX, KeyTable } from "../../../src/core/keys.ts";
import { TagSet } from "../../../src/core/tags.ts";
import { encodeRecord } from "../../support/encode_record.ts";
import { makeBatch } from "../../support/run_processors.ts";

const encoder = new TextEncoder();
const SOURCES = [
  new TagSet([{ key: "_image_name_", value: "nginx" }, { key: "_pod_name_", value: "a" }]),
  new TagSet([{ key: "_image_name_", value: "nginx" }, { key: "_pod_name_", value: "b" }]),
  new TagSet([]),
];
const STREAMS = ["stdout", "stderr", "others", "stduut"];

/** A record as the framer of a runtime's file makes it: everything in the arena. */
function runtimeBatch(keys: KeyTable, content: string, stream: string, tags: TagSet, after: boolean): Batch {
  const batch = makeBatch(keys, [[]], "arena", tags);
  const arena = encoder.encode(content + stream);
  batch.begin(tags, arena, 1, 1_000);
  const record = batch.addRecord();
  const end = arena.length - encoder.encode(stream).length;
  batch.append(record, keys.permanent("content"), 0, end, IN_ARENA);
  batch.append(record, keys.permanent("_source_"), end, arena.length, IN_ARENA | ESCAPED);
  batch.appendTags(record);
  if (after) batch.appendText(record, keys.permanent("more"), "x");
  return batch;
}

Deno.test("sls_json writes with remembered runs what it writes without any", () => {
  const record = fc.record({
    content: fc.string({ maxLength: 20 }),
    stream: fc.constantFrom(...STREAMS),
    source: fc.nat(2),
    after: fc.boolean(),
    newKeys: fc.integer({ min: 0, max: 9 }).map((n) => n === 9),
    room: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), (records) => {
      const keys = new KeyTable();
      const envelope = makeEnvelope({ protocol: "sls_json", keys });
      for (const { content, stream, source, after, newKeys, room } of records) {
        if (newKeys) { for (let i = 0; i <= KEYS_DYNAMIC_MAX; i++) keys.dynamic(`k${i}`); }
        const batch = runtimeBatch(keys, content, stream, SOURCES[source], after);
        const plain = encodeRecord(makeEnvelope({ protocol: "sls_json", keys }), batch, 0);
        const plainBytes = encoder.encode(plain).length;
        // A batch that has no room for it ends before it, and may not leave half of a run.
        const out = new Uint8Array(4096);
        const end = envelope.encodeWithin(batch, 0, out, 0, room);
        assert.ok(end === -1 || end === plainBytes && end <= room);
        assert.equal(encodeRecord(envelope, batch, 0), plain);
      }
    }),
    { numRuns: 200 },
  );
});
