import assert from "node:assert/strict";
import { LineTable } from "../../src/tail/line_table.ts";
import { isLongRow, LongLine } from "../../src/tail/long_line.ts";
import { ROW, ROW_FLAGS } from "../../src/tail/runtime_lines.ts";
import { encode } from "./assembler_harness.ts";

const TIME = "2022-07-13T23:45:54.976593653+08:00";

/** Looks at a line in two tables, as a reader gives them: a piece, then the rest with its newline. */
function look(first: string, rest: string) {
  const line = new LongLine();
  const table = new LineTable();
  const seen: string[] = [];
  const next = (fileBase: number) => {
    assert.equal(isLongRow(table.rows[ROW_FLAGS]) || line.active, true);
    line.next(table, 0, fileBase);
    seen.push(new TextDecoder().decode(table.arena.subarray(line.textBegin, line.textEnd)));
  };
  const head = encode(first);
  table.fillPiece(head, 0, head.length, "runtime");
  next(1_000);
  const firstOnly = { isFirst: line.isFirst, isLast: line.isLast, active: line.active };
  const tail = encode(rest);
  table.fill(tail, 0, tail.length, "runtime", false);
  next(1_000 + head.length);
  return { line, seen, firstOnly };
}

Deno.test("LongLine keeps what the header of its first row says, and joins the text", () => {
  const { line, seen, firstOnly } = look(`${TIME} stderr P abc`, "def\n");
  assert.deepEqual(seen, ["abc", "def"]);
  assert.deepEqual(firstOnly, { isFirst: true, isLast: false, active: true });
  assert.deepEqual([line.isFirst, line.isLast, line.active], [false, true, false]);
  assert.deepEqual([line.stream, line.partial, line.begin, line.time], [1, true, 1_000, TIME]);
});

Deno.test("LongLine takes a later piece as text even if it looks like a line of its own", () => {
  const { line, seen } = look(`${TIME} stdout F abc`, `${TIME} stderr F x\n`);
  assert.deepEqual(seen, ["abc", `${TIME} stderr F x`]);
  assert.deepEqual([line.stream, line.partial], [0, false]);
});

Deno.test("LongLine has no stream when its begin is no runtime's line", () => {
  const { line, seen } = look("plain words", " go on\n");
  assert.deepEqual(seen, ["plain words", " go on"]);
  assert.equal(line.stream, -1);
});

Deno.test("isLongRow is false for a line that stands in one row", () => {
  const table = new LineTable();
  const bytes = encode(`${TIME} stdout P a\n${TIME} stdout F b\n`);
  table.fill(bytes, 0, bytes.length, "runtime", false);
  assert.equal(table.count, 2);
  for (let row = 0; row < 2; row++) assert.equal(isLongRow(table.rows[row * ROW + ROW_FLAGS]), false);
});
