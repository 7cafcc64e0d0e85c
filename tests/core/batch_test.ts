import assert from "node:assert/strict";
import fc from "fast-check";
import {
  Batch,
  ESCAPED,
  IN_ARENA,
  IN_SCRATCH,
  UTF8_ASCII,
  UTF8_UNCHECKED,
  UTF8_VALID,
} from "../../src/core/batch.ts";
import { KeyTable } from "../../src/core/keys.ts";
import { NO_TAGS, TagSet } from "../../src/core/tags.ts";
import { makeBatch, PLACES } from "../support/run_processors.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function fields(batch: Batch, record: number): [string, string][] {
  const found: [string, string][] = [];
  for (let cell = batch.firstField(record); cell >= 0; cell = batch.nextField(cell)) {
    found.push([batch.keys.text(batch.key(cell)), batch.text(cell)]);
  }
  return found;
}

Deno.test("Batch gives back any fields from any place", () => {
  const value = fc.string({ unit: "binary" }).map((text) => text.toWellFormed());
  const records = fc.array(fc.array(fc.tuple(fc.constantFrom("a", "b", "中"), value), { maxLength: 5 }), {
    maxLength: 6,
  });
  fc.assert(fc.property(records, fc.constantFrom(...PLACES), (given, place) => {
    const batch = makeBatch(new KeyTable(), given, place);
    assert.deepEqual(given.map((_, record) => fields(batch, record)), given);
    for (let record = 0; record < batch.count; record++) {
      for (let cell = batch.firstField(record), i = 0; cell >= 0; cell = batch.nextField(cell), i++) {
        batch.toBytes(cell);
        const bytes = batch.bytesOf(cell).subarray(batch.beginOf(cell), batch.endOf(cell));
        assert.equal(decoder.decode(bytes), decoder.decode(encoder.encode(given[record][i][1])));
        assert.equal(batch.isAscii(cell), bytes.every((byte) => byte < 0x80));
      }
    }
    assert.deepEqual(given.map((_, record) => fields(batch, record)), given);
  }));
});

Deno.test("Batch.toBytes unescapes, and keeps what is known of the scratch true", () => {
  const batch = new Batch(new KeyTable());
  const arena = encoder.encode(String.raw`plain\n\u4e2d\q`);
  batch.begin(NO_TAGS, arena, UTF8_ASCII, 0);
  const record = batch.addRecord();
  const key = batch.keys.dynamic("k");
  batch.append(record, key, 0, 5, IN_ARENA | ESCAPED);
  batch.append(record, key, 0, 7, IN_ARENA | ESCAPED);
  batch.append(record, key, 0, 13, IN_ARENA | ESCAPED);
  batch.append(record, key, 7, arena.length, IN_ARENA | ESCAPED);
  const [plain, short, long, odd] = [0, 1, 2, 3].map((nth) => nthField(batch, record, nth));
  batch.toBytes(plain);
  assert.equal(batch.bytesOf(plain), arena);
  batch.toBytes(short);
  assert.equal(batch.text(short), "plain\n");
  assert.equal(batch.scratchUtf8, UTF8_ASCII);
  batch.toBytes(long);
  assert.equal(batch.scratchUtf8, UTF8_VALID);
  assert.equal(batch.text(long), "plain\n中");
  // An escape that JSON does not know: the text stays as it is.
  batch.toBytes(odd);
  assert.equal(batch.text(odd), String.raw`\u4e2d\q`);
});

function nthField(batch: Batch, record: number, nth: number): number {
  let cell = batch.firstField(record);
  for (let i = 0; i < nth; i++) cell = batch.nextField(cell);
  return cell;
}

Deno.test("Batch.text decodes broken UTF-8 with U+FFFD", () => {
  const batch = new Batch(new KeyTable());
  batch.begin(NO_TAGS, Uint8Array.of(0x61, 0xff, 0x62), UTF8_UNCHECKED, 0);
  const record = batch.addRecord();
  batch.append(record, batch.keys.dynamic("k"), 0, 3, IN_ARENA);
  assert.equal(batch.text(batch.firstField(record)), "a\ufffdb");
});

Deno.test("Batch splits the tags cell when a tag is asked for, in place and in order", () => {
  const keys = new KeyTable();
  const tags = new TagSet([{ key: "t1", value: "one" }, { key: "t2", value: "two" }]);
  const batch = new Batch(keys);
  batch.begin(tags, new Uint8Array(0), UTF8_ASCII, 0);
  const a = keys.permanent("a"), t2 = keys.permanent("t2"), z = keys.permanent("z");
  const record = batch.addRecord();
  batch.appendText(record, a, "1");
  batch.appendTags(record);
  assert.equal(batch.find(record, z), -1);
  const cell = batch.find(record, t2);
  assert.equal(batch.text(cell), "two");
  batch.appendText(record, z, "9");
  assert.deepEqual(fields(batch, record), [["a", "1"], ["t1", "one"], ["t2", "two"], ["z", "9"]]);
  batch.remove(record, cell);
  assert.deepEqual(fields(batch, record), [["a", "1"], ["t1", "one"], ["z", "9"]]);
});

Deno.test("Batch.remove takes out first, middle and last, and appends behind the rest", () => {
  for (const nth of [0, 1, 2]) {
    const batch = makeBatch(new KeyTable(), [[["a", "1"], ["b", "2"], ["c", "3"]]]);
    batch.remove(0, nthField(batch, 0, nth));
    batch.appendText(0, batch.keys.dynamic("d"), "4");
    const expected = [["a", "1"], ["b", "2"], ["c", "3"], ["d", "4"]].filter((_, i) => i !== nth);
    assert.deepEqual(fields(batch, 0), expected);
  }
});

Deno.test("Batch.drop counts a record once under its reason", () => {
  const batch = makeBatch(new KeyTable(), [[["a", "1"]], [["a", "2"]]]);
  batch.drop(0, "filtered");
  batch.drop(0, "filtered");
  assert.equal(batch.alive(0), false);
  assert.equal(batch.countAlive(), 1);
  assert.deepEqual([...batch.drops], [["filtered", 1]]);
  assert.throws(() => batch.appendText(0, 0, "x"), /BUG/);
});

Deno.test("Batch.restore undoes whatever processors did", () => {
  const given: [string, string][][] = [[["a", "1"], ["b", "2"]], [["a", "3"]]];
  const step = fc.tuple(fc.nat(4), fc.nat(1), fc.string());
  fc.assert(fc.property(fc.array(step), fc.boolean(), (steps, whole) => {
    const batch = makeBatch(new KeyTable(), given, "escaped", new TagSet([{ key: "t", value: "v" }]));
    batch.appendTags(0);
    batch.save();
    for (const [what, record, text] of steps) {
      const cell = batch.firstField(record);
      if (!batch.alive(record)) continue;
      if (what === 0 && cell >= 0) batch.setText(cell, text);
      if (what === 1 && cell >= 0) batch.remove(record, cell);
      if (what === 2) batch.appendText(record, batch.keys.dynamic(text), text);
      if (what === 3 && cell >= 0) batch.toBytes(cell);
      if (what === 4 && text.length > 7) batch.drop(record, "why");
    }
    if (whole) batch.restore();
    else for (const record of [0, 1]) batch.restoreRecord(record);
    assert.deepEqual([fields(batch, 0), fields(batch, 1)], [[...given[0], ["t", "v"]], given[1]]);
    if (whole) assert.equal(batch.drops.size, 0);
  }));
});

Deno.test("Batch grows its tables and its scratch, and gives a giant scratch back when no giant comes for long", () => {
  const batch = new Batch(new KeyTable());
  batch.begin(NO_TAGS, new Uint8Array(0), UTF8_ASCII, 0);
  const key = batch.keys.dynamic("k");
  for (let i = 0; i < 5000; i++) batch.appendText(batch.addRecord(i), key, String(i));
  assert.equal(batch.text(batch.firstField(4999)), "4999");
  assert.equal(batch.timesMs[4999], 4999);
  const at = batch.reserve(3_000_000);
  batch.scratch[at + 2_999_999] = 0x61;
  batch.scratchUsed = at + 3_000_000;
  const record = batch.addRecord();
  batch.append(record, key, at + 2_999_999, at + 3_000_000, IN_SCRATCH);
  assert.equal(batch.text(batch.firstField(record)), "a");
  batch.clear();
  assert.equal(batch.count, 0);
  assert.ok(batch.scratch.length > 3_000_000, "the next giant finds it");
  for (let n = 0; n < 300; n++) batch.clear();
  assert.equal(batch.scratch.length, 64 * 1024);
  batch.scratchUsed = batch.reserve(5_000_000) + 5_000_000;
  batch.clear();
  assert.equal(batch.scratch.length, 64 * 1024, "one like this is rare");
});
