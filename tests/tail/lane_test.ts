import assert from "node:assert/strict";
import { Lane } from "../../src/tail/lane.ts";
import { RUNTIME, TestOutput } from "../support/tail_world.ts";
import { LOG, ReaderBed } from "./reader_bed.ts";

Deno.test("Lane begins at the smallest of its resume points", () => {
  const row = { done: [50, 20] } as unknown as Parameters<typeof Lane.startOf>[0];
  assert.deepEqual(Lane.startOf(row, 2), { done: [50, 20] });
  assert.deepEqual(Lane.startOf(row, 1), { done: [20] }, "the pipeline reads the file in another way now");
  const bed = new ReaderBed();
  assert.equal(bed.lane(new TestOutput(), RUNTIME, 20).cursor, 20);
});

Deno.test("Lane knows by the bytes before its cursor whether the file is the same", () => {
  const lane = new ReaderBed().lane();
  const arena = new TextEncoder().encode("....one\ntwo\n");
  lane.advance(arena, 8, 96);
  assert.equal(lane.cursor, 104);
  assert.equal(lane.anchorHolds(arena, 0, 8), true);
  assert.equal(lane.anchorHolds(arena, 4, 4), false, "fewer bytes than it knows");
  arena[7] ^= 1;
  assert.equal(lane.anchorHolds(arena, 0, 8), false);
  assert.equal(lane.savedAnchor().at, 104);
});

Deno.test("Lane waits until the older generation was seen at its end after the rotation", () => {
  const bed = new ReaderBed();
  bed.files.write(`${LOG}.1`, "old\n");
  bed.files.write(LOG, "new\n");
  const [oldOutput, newOutput] = [new TestOutput(), new TestOutput()];
  const older = bed.read(`${LOG}.1`, [oldOutput]);
  const younger = bed.read(LOG, [newOutput]);
  const [first, second] = [older.lanes[0], younger.lanes[0]];
  second.older = first;
  first.younger = second;
  younger.noteDisk(4, 0);
  bed.turns(older);
  assert.equal(
    bed.turns(younger),
    "waiting",
    "what was read before the younger one had bytes does not count",
  );
  bed.turns(older);
  assert.equal(bed.turns(younger), "end");
  assert.deepEqual([oldOutput.got, newOutput.got], [["old"], ["new"]]);
  assert.deepEqual([second.older, first.younger], [null, null]);
});

Deno.test("Lane moves its safe point only with settled batches, and closes its output once", () => {
  const bed = new ReaderBed();
  bed.files.write(LOG, "one\n");
  const output = new TestOutput(false);
  const reader = bed.read(LOG, [output]);
  bed.turns(reader);
  const [lane] = reader.lanes;
  assert.deepEqual([lane.cursor, lane.ledger.safe.done], [4, [0]]);
  output.ack();
  assert.deepEqual(lane.ledger.safe.done, [4]);
  assert.ok(bed.moved.includes(lane));
  lane.close();
  assert.equal(output.closed, true);
  assert.equal(lane.eligible, false);
});
