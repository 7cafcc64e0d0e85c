import assert from "node:assert/strict";
import { Batch } from "../../../src/core/batch.ts";
import { KeyTable } from "../../../src/core/keys.ts";
import { NO_TAGS } from "../../../src/core/tags.ts";
import { appendPieces, appendTruncated, longestField } from "../../../src/flushers/kafka/oversize.ts";

/** A batch with one record of these fields, and what each append saw of it. */
function setUp(fields: Record<string, string>) {
  const keys = new KeyTable();
  const batch = new Batch(keys);
  batch.begin(NO_TAGS, new Uint8Array(0), 2, 0);
  const record = batch.addRecord(0);
  for (const [name, value] of Object.entries(fields)) batch.appendText(record, keys.permanent(name), value);
  const now = () => {
    const seen: Record<string, string> = {};
    for (const name of [...Object.keys(fields), "_split_"]) {
      const cell = batch.find(record, keys.permanent(name));
      if (cell >= 0) seen[name] = batch.text(cell);
    }
    return seen;
  };
  const sent: Record<string, string>[] = [];
  /** Takes records whose values are this long together, at most. */
  const upTo = (bytesMax: number) => () => {
    const seen = now();
    if (Object.values(seen).join("").length > bytesMax) return false;
    sent.push(seen);
    return true;
  };
  return { batch, record, split: keys.permanent("_split_"), now, sent, upTo };
}

Deno.test("longestField is the field with the longest value, and -1 when there is none", () => {
  const { batch, record } = setUp({ a: "x", b: "xxx", c: "xx" });
  assert.equal(batch.text(longestField(batch, record)), "xxx");
  const empty = setUp({});
  assert.equal(longestField(empty.batch, empty.record), -1);
});

Deno.test("appendPieces cuts the longest value, repeats the rest, numbers the pieces and puts all back", () => {
  const long = Array.from({ length: 1_000 }, (_, i) => String.fromCharCode(97 + i % 26)).join("");
  const { batch, record, split, now, sent, upTo } = setUp({ id: "7", text: long });
  assert.equal(appendPieces(batch, record, split, 300, upTo(300)), true);
  assert.equal(sent.map((piece) => piece.text).join(""), long);
  assert.ok(sent.every((piece) => piece.id === "7"));
  const count = sent.length;
  assert.deepEqual(
    sent.map((piece) => piece._split_),
    sent.map((_, i) => `${i + 1}${i + 1 === count ? `/${count}` : ""}`),
  );
  assert.deepEqual(now(), { id: "7", text: long });
});

Deno.test("appendPieces numbers the pieces of a piece below its own number", () => {
  const { batch, record, split, sent, upTo, now } = setUp({ text: "x".repeat(400), _split_: "3" });
  assert.equal(appendPieces(batch, record, split, 300, upTo(300)), true);
  assert.equal(sent[0]._split_, "3.1");
  assert.match(sent.at(-1)!._split_, /^3\.(\d)\/\1$/);
  assert.equal(now()._split_, "3");
});

Deno.test("appendPieces never cuts a surrogate pair", () => {
  const { batch, record, split, sent, upTo } = setUp({ text: "😀".repeat(200) });
  appendPieces(batch, record, split, 255, upTo(255));
  assert.ok(sent.length > 1 && sent.every((piece) => piece.text.isWellFormed()));
});

Deno.test("appendPieces appends nothing and leaves the record alone when even short pieces are too long", () => {
  const { batch, record, split, sent, now } = setUp({ text: "x".repeat(400) });
  assert.equal(appendPieces(batch, record, split, 300, () => false), false);
  assert.deepEqual([sent.length, now()], [0, { text: "x".repeat(400) }]);
});

Deno.test("appendTruncated cuts until it fits, says what is lost and puts the values back", () => {
  const fields = { id: "7", text: "x".repeat(1_000) };
  const { batch, record, sent, upTo, now } = setUp(fields);
  const lost = appendTruncated(batch, record, 600, upTo(400));
  assert.equal(sent.length, 1);
  assert.equal(sent[0].id, "7");
  assert.ok(lost >= 600 && lost < 1_000);
  assert.ok(sent[0].text.startsWith("x".repeat(1_000 - lost)));
  assert.deepEqual(now(), fields);
});

Deno.test("appendTruncated gives -1 when nothing makes it short enough", () => {
  const { batch, record } = setUp({ text: "x".repeat(1_000) });
  assert.equal(appendTruncated(batch, record, 100, () => false), -1);
});
