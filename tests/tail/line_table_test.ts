import assert from "node:assert/strict";
import fc from "fast-check";
import { UTF8_ASCII, UTF8_UNCHECKED, UTF8_VALID } from "../../src/core/batch.ts";
import { LineTable } from "../../src/tail/line_table.ts";
import { ROW, ROW_CONTINUED, ROW_FLAGS, ROW_PIECE, ROW_UNTERMINATED } from "../../src/tail/runtime_lines.ts";
import { encode } from "./assembler_harness.ts";

function spans(table: LineTable): [number, number, number][] {
  return Array.from({ length: table.count }, (_, row) => [
    table.lineBegin(row),
    table.lineEnd(row),
    table.rows[row * ROW + ROW_FLAGS],
  ]);
}

Deno.test("LineTable finds the lines that split finds, wherever they lie in the arena", () => {
  const table = new LineTable();
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "\n", "{", "é") }),
      fc.nat(9),
      fc.nat(3),
      (text, before, behind) => {
        const bytes = encode(text);
        const arena = new Uint8Array(before + bytes.length + behind).fill(10);
        arena.set(bytes, before);
        for (const kind of ["lines", "runtime"] as const) {
          const used = table.fill(arena, before, before + bytes.length, kind, false);
          const lines = text.split("\n").slice(0, -1);
          const got = spans(table).map(([begin, end]) =>
            new TextDecoder().decode(arena.subarray(begin, end))
          );
          assert.deepEqual(got, lines.map((line) => line + "\n"));
          assert.equal(used, before + encode(lines.map((line) => line + "\n").join("")).length);
        }
      },
    ),
  );
});

Deno.test("LineTable leaves an unfinished line, and takes it when final", () => {
  const table = new LineTable();
  const arena = encode("ab\ncd");
  assert.equal(table.fill(arena, 0, 5, "lines", false), 3);
  assert.equal(table.fill(arena, 3, 5, "lines", false), 3);
  assert.equal(table.count, 0);
  assert.equal(table.fill(arena, 3, 5, "lines", true), 5);
  assert.deepEqual(spans(table), [[3, 5, ROW_UNTERMINATED]]);
});

Deno.test("LineTable cuts a long line at characters, as pieceEnd does", () => {
  const table = new LineTable();
  table.pieceBytes = 4;
  const arena = encode("中中中x\nab\n");
  assert.equal(table.fill(arena, 0, arena.length, "lines", false), arena.length);
  assert.deepEqual(spans(table), [
    [0, 3, ROW_PIECE],
    [3, 6, ROW_PIECE | ROW_CONTINUED],
    [6, 11, ROW_CONTINUED],
    [11, 14, 0],
  ]);
  assert.equal(table.pieceEnd(arena, 0, "lines"), 3);
  table.fillPiece(arena, 0, 3, "lines");
  assert.deepEqual(spans(table), [[0, 3, ROW_PIECE]]);
});

Deno.test("LineTable knows what its bytes are", () => {
  const table = new LineTable();
  for (
    const [bytes, utf8] of [
      [encode("ab\né"), UTF8_ASCII],
      [encode("é\n"), UTF8_VALID],
      [new Uint8Array([0xe9, 10]), UTF8_UNCHECKED],
    ] as const
  ) {
    table.fill(bytes, 0, bytes.length, "lines", false);
    assert.equal(table.utf8, utf8);
  }
});

Deno.test("LineTable finds UTF-16 newlines of both byte orders only at characters", () => {
  const table = new LineTable();
  const le = new Uint8Array([0x41, 0, 10, 0, 0x0a, 0x01, 0x0a, 0, 0x42]);
  assert.equal(table.fill(le, 0, le.length, "lines16", false), 8);
  assert.deepEqual(spans(table).map(([begin, end]) => [begin, end]), [[0, 4], [4, 8]]);
  const be = new Uint8Array([0, 0x41, 0, 10, 0x01, 0x00, 0x0a, 0x01, 0, 10]);
  assert.equal(table.fill(be, 0, be.length, "lines16", false), 10);
  assert.deepEqual(spans(table).map(([begin, end]) => [begin, end]), [[0, 4], [4, 10]]);
});
