import assert from "node:assert/strict";
import { Batch, IN_ARENA, IN_SCRATCH, UTF8_ASCII, UTF8_UNCHECKED, UTF8_VALID } from "../../src/core/batch.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { TagSet } from "../../src/core/tags.ts";
import {
  copyToScratch,
  PartMarks,
  recordOverhead,
  spanBytes,
  writeAscii,
  writeNumber,
} from "../../src/tail/record_writer.ts";

function setUp(tags = new TagSet([])) {
  const keys = new KeyTable();
  const batch = new Batch(keys);
  batch.begin(tags, new TextEncoder().encode("arena"), UTF8_ASCII, 0);
  return { keys, batch };
}

const scratch = (batch: Batch, begin: number, end: number) =>
  new TextDecoder().decode(batch.scratch.subarray(begin, end));

Deno.test("writeAscii and writeNumber append to the scratch and return its end", () => {
  const { batch } = setUp();
  assert.equal(writeAscii(batch, "ab"), 2);
  assert.equal(writeNumber(batch, 12_345), 7);
  assert.equal(batch.scratchUsed, 7);
  assert.equal(scratch(batch, 0, 7), "ab12345");
});

Deno.test("copyToScratch grows the scratch, and what is known of it is what is known of the worst part", () => {
  const { batch } = setUp();
  writeAscii(batch, "x");
  const large = new Uint8Array(300_000).fill(0x61);
  const begin = copyToScratch(batch, large, 10, 299_990, UTF8_VALID);
  assert.deepEqual([begin, batch.scratchUsed], [1, 299_981]);
  assert.equal(scratch(batch, 0, 4), "xaaa");
  assert.equal(batch.scratchUtf8, UTF8_VALID);
  copyToScratch(batch, large, 0, 1, UTF8_ASCII);
  assert.equal(batch.scratchUtf8, UTF8_VALID);
  copyToScratch(batch, large, 0, 1, UTF8_UNCHECKED);
  assert.equal(batch.scratchUtf8, UTF8_UNCHECKED);
});

Deno.test("PartMarks marks the record made last: pieces by number, the last one n/n", () => {
  const { batch, keys } = setUp();
  const marks = new PartMarks(keys);
  for (const [part, last] of [[1, false], [2, true]] as const) {
    batch.append(batch.addRecord(0), keys.permanent("content"), 0, 5, IN_ARENA);
    marks.split(batch, part, last);
  }
  batch.addRecord(0);
  marks.truncated(batch);
  const field = (record: number, name: string) => {
    const cell = batch.find(record, keys.permanent(name));
    return cell < 0 ? null : batch.text(cell);
  };
  assert.deepEqual([0, 1, 2].map((record) => field(record, "_split_")), ["1", "2/2", null]);
  assert.deepEqual([0, 1, 2].map((record) => field(record, "_truncated_")), [null, null, "true"]);
});

Deno.test("recordOverhead grows with the tags that each record repeats", () => {
  const none = recordOverhead(setUp().batch);
  const tagged = recordOverhead(setUp(new TagSet([{ key: "pod", value: "x".repeat(100) }])).batch);
  assert.ok(tagged - none >= 103);
});

Deno.test("spanBytes is the arena or the scratch, as the cell's flags say", () => {
  const { batch } = setUp();
  assert.equal(spanBytes(batch, IN_ARENA), batch.arena);
  assert.equal(spanBytes(batch, IN_SCRATCH), batch.scratch);
});
