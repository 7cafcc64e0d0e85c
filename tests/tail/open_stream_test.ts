import assert from "node:assert/strict";
import { HeldBudget } from "../../src/tail/held_budget.ts";
import { LineTable } from "../../src/tail/line_table.ts";
import { OpenStream, RowList } from "../../src/tail/open_stream.ts";
import { encode, MemoryFile } from "./assembler_harness.ts";

const BYTES = encode("one\ntwo\nthree\n");

function setUp() {
  const table = new LineTable();
  table.fill(BYTES, 0, BYTES.length, "lines", false);
  const budget = new HeldBudget();
  const file = new MemoryFile(BYTES);
  const spill = (list: RowList) => list.spill(table, 0, budget, file);
  const push = (list: RowList, row: number) =>
    list.push(row, table.lineBegin(row), table.lineEnd(row) - table.lineBegin(row));
  return { table, budget, file, spill, push };
}

/** The bytes that a list keeps. */
function textOf(list: RowList): string {
  const { bytes, length } = list.held!.load();
  return new TextDecoder().decode(bytes.subarray(0, length));
}

Deno.test("RowList keeps the bytes of its rows over the end of a table, and gives them back", () => {
  const { budget, spill, push } = setUp();
  const list = new RowList();
  push(list, 0);
  spill(list);
  push(list, 2);
  spill(list);
  assert.equal(textOf(list), "one\nthree\n");
  assert.deepEqual([list.begin, list.textBytes, list.isEmpty], [0, 10, false]);
  assert.ok(budget.usedBytes > 0);
  list.clear();
  assert.deepEqual([list.begin, list.textBytes, list.isEmpty, budget.usedBytes], [-1, 0, true, 0]);
});

Deno.test("RowList absorbs a later list, which is empty then", () => {
  const { spill, push } = setUp();
  const [first, later] = [new RowList(), new RowList()];
  push(first, 0);
  push(later, 1);
  spill(first);
  spill(later);
  push(later, 2);
  first.absorb(later);
  assert.deepEqual([later.isEmpty, first.textBytes], [true, BYTES.length]);
  spill(first);
  assert.equal(textOf(first), "one\ntwo\nthree\n");
  const empty = new RowList();
  push(later, 1);
  empty.absorb(later);
  assert.deepEqual([empty.begin, empty.rows], [4, [1]]);
});

Deno.test("OpenStream begins where its record begins, else where its line does", () => {
  const { push } = setUp();
  const stream = new OpenStream();
  assert.deepEqual([stream.begin, stream.isIdle], [-1, true]);
  push(stream.line, 1);
  assert.equal(stream.begin, 4);
  push(stream.record, 0);
  assert.deepEqual([stream.begin, stream.isIdle], [0, false]);
  stream.clear();
  assert.deepEqual([stream.begin, stream.isIdle], [-1, true]);
});

Deno.test("OpenStream hands over bytes that do not need the old file any more", () => {
  const { file, spill, push } = setUp();
  const stream = new OpenStream();
  push(stream.record, 0);
  spill(stream.record);
  assert.equal(stream.handOver(), 0);
  file.bytes = new Uint8Array(0);
  assert.deepEqual([stream.begin, stream.holdsAdopted, stream.isIdle], [-1, true, false]);
  assert.equal(textOf(stream.record), "one\n");
});
