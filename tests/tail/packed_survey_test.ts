import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { Gunzip } from "../../src/host/gunzip.ts";
import { headOf } from "../../src/tail/identity.ts";
import { beginsAs, outsideOf, PackedSurvey, type SurveyResult } from "../../src/tail/packed_survey.ts";
import { hostView, MemoryFiles } from "../support/virtual_host.ts";

const BYTES = Uint8Array.from({ length: 1 << 20 }, (_, i) => (i >> 8) ^ (i * 7));

function open(content: Uint8Array) {
  const files = new MemoryFiles();
  files.write("/a.gz", content);
  const opened = files.open(hostView("/"), "/a.gz");
  if ("refused" in opened) throw new Error("refused");
  return opened.file;
}

function finish(survey: PackedSurvey): SurveyResult {
  for (let step = 0; step < 1_000; step++) {
    const result = survey.step(50_000);
    if (result !== null) return result;
  }
  throw new Error("no end");
}

Deno.test("PackedSurvey keeps the bytes that are asked for, the first and the last", () => {
  const survey = new PackedSurvey(open(gzipSync(BYTES)), new Gunzip());
  assert.deepEqual(survey.head(), BYTES.subarray(0, 1024));
  survey.want([700_000, 10, 700_000, 0, 2_000, 9_999_999]);
  assert.equal(finish(survey), "whole");
  const { unpackedBytes, spots } = survey.facts();
  assert.equal(unpackedBytes, BYTES.length);
  assert.deepEqual(spots.map(({ at, bytes }) => [at, bytes.length]), [
    [0, 1024],
    [0, 10],
    [1_936, 64],
    [699_936, 64],
    [BYTES.length - 64, 64],
  ]);
  for (const { at, bytes } of spots) assert.deepEqual(bytes, BYTES.subarray(at, at + bytes.length));
  assert.deepEqual(survey.last(), BYTES.subarray(-64 * 1024));
  survey.close();
});

Deno.test("PackedSurvey ends at its limit, whatever a file unpacks to", () => {
  const bomb = gzipSync(new Uint8Array(20 << 20));
  assert.ok(bomb.length < 30_000);
  const survey = new PackedSurvey(open(bomb), new Gunzip(), 1 << 20);
  survey.head();
  assert.equal(finish(survey), "too_large");
});

Deno.test("beginsAs compares as many bytes as were saved", () => {
  assert.equal(beginsAs(BYTES.subarray(0, 100), headOf(BYTES, 0, 100)), true);
  assert.equal(beginsAs(BYTES.subarray(0, 1024), headOf(BYTES, 0, 100)), true);
  assert.equal(beginsAs(BYTES.subarray(0, 99), headOf(BYTES, 0, 100)), false);
  assert.equal(beginsAs(BYTES.subarray(1, 200), headOf(BYTES, 0, 100)), false);
});

Deno.test("outsideOf reads time and length as gzip notes them", () => {
  const packed = gzipSync(BYTES);
  new DataView(packed.buffer, packed.byteOffset).setUint32(4, 1_700_000_000, true);
  assert.deepEqual(outsideOf(open(packed)), { modifiedMs: 1_700_000_000_000, lengthMod32: 1 << 20 });
  assert.deepEqual(outsideOf(open(new Uint8Array(17))), { modifiedMs: 0, lengthMod32: -1 });
});
