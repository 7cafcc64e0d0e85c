import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeRow, encodeRow, laneKeyText, type Stored } from "../../src/checkpoint/rows.ts";
import { savedLane } from "../support/lanes.ts";

Deno.test("decodeRow gives back what encodeRow took for each kind", () => {
  const all: Stored[] = [
    { kind: "born", bornMs: 1_700_000_000_000 },
    { kind: "pipeline", name: "näme\u0000\n", firstSeenMs: 5 },
    { kind: "lane", lane: savedLane(1, 2 ** 45) },
    { kind: "lane", lane: { ...savedLane(1, 5), seenBytes: 7 } },
    { kind: "lane", lane: { ...savedLane(1, 5), seenBytes: 7, label: "web" } },
    { kind: "lane", lane: { ...savedLane(1, 5), label: "web" } },
  ];
  for (const stored of all) assert.deepEqual(decodeRow(encodeRow(7, stored)), stored);
});

Deno.test("decodeRow gives null when one character is another one", () => {
  const row = encodeRow(7, { kind: "lane", lane: savedLane(1, 12345) });
  fc.assert(fc.property(
    fc.nat(row.body.length - 1),
    fc.integer({ min: 1, max: 0xffff }),
    (at, flip) => {
      const changed = String.fromCharCode(row.body.charCodeAt(at) ^ flip);
      const body = row.body.slice(0, at) + changed + row.body.slice(at + 1);
      assert.equal(decodeRow({ ...row, body }), null);
    },
  ));
  assert.equal(decodeRow({ ...row, id: 8 }), null);
});

Deno.test("laneKeyText differs when any part of the key does", () => {
  const { key } = savedLane(1, 0);
  const others = [
    { ...key, pipeline: "x" },
    { ...key, input: "x" },
    { ...key, flusher: "x" },
    { ...key, source: "x" },
    { ...key, device: 1 },
    { ...key, inode: 1 },
  ];
  assert.equal(new Set([key, ...others].map(laneKeyText)).size, 7);
});
