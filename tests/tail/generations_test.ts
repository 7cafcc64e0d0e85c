import assert from "node:assert/strict";
import type { FileReader } from "../../src/tail/file_reader.ts";
import { type Generation, Generations, QUIET_MS } from "../../src/tail/generations.ts";
import { LOG, ReaderBed } from "./reader_bed.ts";

/** Generations of files that were never read; what was dropped is remembered. */
function setUp() {
  const bed = new ReaderBed();
  const dropped: Generation[] = [];
  const state = { settled: true };
  const line = new Generations({
    endLane: () => state.settled,
    dropped: (generation) => void dropped.push(generation),
  });
  const add = (name: string, after?: Generation, current = false): Generation => {
    bed.files.write(`${LOG}.${name}`, "x\n");
    const reader = bed.acquire(`${LOG}.${name}`);
    const lane = bed.lane();
    lane.reader = reader;
    const generation = { reader, lanes: [lane], path: LOG, current };
    line.add(generation, after);
    return generation;
  };
  const atEnd = ({ reader, lanes: [lane] }: Generation) => {
    lane.atEnd = true;
    lane.endSeen = reader.sizeBytes;
  };
  return { bed, line, dropped, state, add, atEnd };
}

Deno.test("Generations lets each lane wait for that of the generation before it", () => {
  const { line, add } = setUp();
  const [first, second] = [add("1"), add("2")];
  const between = add("3", first);
  assert.deepEqual(line.all, [first, between, second]);
  const [a, b, c] = line.all.map(({ lanes }) => lanes[0]);
  assert.deepEqual([b.older === a, c.older === b], [true, true]);
  assert.deepEqual([a.younger === b, b.younger === c], [true, true]);
});

Deno.test("Generations does not let one wait that has begun to read", () => {
  const { add } = setUp();
  const [first, second] = [add("1"), add("2")];
  second.lanes[0].older = null;
  add("3", first);
  assert.equal(second.lanes[0].older, null);
});

Deno.test("Generations finds one by file and reader, and knows which is older", () => {
  const { line, add } = setUp();
  const [first, second] = [add("1"), add("2", undefined, true)];
  assert.equal(line.current, second);
  assert.equal(line.ofFile(first.reader), first);
  assert.deepEqual([line.reads(first.reader), line.reads({} as FileReader)], [true, false]);
  assert.deepEqual(
    [line.isOlder(first.reader, second.reader), line.isOlder(second.reader, first.reader)],
    [true, false],
  );
  const copy = {} as FileReader;
  line.move(first.reader, copy);
  assert.equal(line.ofReader(copy), first);
});

Deno.test("Generations drops one that is at its end, quiet and settled, the current one only at the end of all", () => {
  const { bed, line, dropped, state, add, atEnd } = setUp();
  const [first, second] = [add("1"), add("2", undefined, true)];
  const tidy = (finishing: boolean) => line.tidy(bed.clock.monotonicMs(), finishing);
  bed.clock.advance(QUIET_MS);
  tidy(false);
  assert.deepEqual(dropped, [], "not read");
  atEnd(first);
  state.settled = false;
  tidy(false);
  assert.deepEqual(dropped, [], "not settled");
  state.settled = true;
  tidy(false);
  assert.deepEqual(dropped, [], "the younger one is about to take over what it holds");
  second.lanes[0].tryFollowOlder();
  atEnd(first);
  second.lanes[0].tryFollowOlder();
  tidy(false);
  assert.deepEqual([dropped, first.lanes[0].closed, second.lanes[0].older], [[first], true, null]);
  atEnd(second);
  tidy(false);
  assert.equal(dropped.length, 1, "the path leads to it");
  tidy(true);
  assert.deepEqual(line.all, []);
});
