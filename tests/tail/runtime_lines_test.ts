import assert from "node:assert/strict";
import fc from "fast-check";
import { LineTable } from "../../src/tail/line_table.ts";
import {
  decodeDocker,
  decodeDockerFast,
  ROW,
  ROW_ESCAPED,
  ROW_FLAGS,
  ROW_PARTIAL,
  ROW_RAW,
  ROW_SOURCE,
  ROW_TEXT,
  ROW_TEXT_END,
  ROW_TIME,
  ROW_TIME_END,
  STREAM_BIT,
} from "../../src/tail/runtime_lines.ts";
import { encode } from "./assembler_harness.ts";

const T = "2024-01-01T00:00:00.123456789Z";

function decode(line: string): { flags: number; text: string; time: string; source: string } {
  const arena = encode(line + "\n");
  const table = new LineTable();
  table.fill(arena, 0, arena.length, "runtime", false);
  assert.equal(table.count, 1);
  const text = (begin: number, end: number) => new TextDecoder().decode(arena.subarray(begin, end));
  const [flags, source] = [table.rows[ROW_FLAGS], table.rows[ROW_SOURCE]];
  return {
    flags,
    text: text(table.rows[ROW_TEXT], table.rows[ROW_TEXT_END]),
    time: text(table.rows[ROW_TIME], table.rows[ROW_TIME_END]),
    source: source < 0 ? "" : text(source, source + 6),
  };
}

Deno.test("decodeCri reads times of any precision and zone", () => {
  for (
    const time of [
      T,
      "2024-01-01T00:00:00Z",
      "2024-01-01T00:00:00.12+08:00",
      "2024-01-01T00:00:00.123456789-03:30",
    ]
  ) {
    assert.deepEqual(decode(`${time} stderr P a b `), {
      flags: STREAM_BIT | ROW_PARTIAL,
      text: "a b ",
      time,
      source: "stderr",
    });
  }
});

Deno.test("decodeCri refuses what only resembles a CRI line", () => {
  for (
    const line of [
      `${T}  stdout F x`,
      `${T} stdoutF x`,
      `${T} stdin F x`,
      `${T} stdoux F x`,
      `${T} stderx F x`,
      `x${T} stdout F x`,
      "2024-01-01 00:00:00 stdout F x",
      "2024-01-01T" + "0".repeat(80) + " stdout F x",
      T,
      "2",
      "",
    ]
  ) assert.deepEqual(decode(line), { flags: ROW_RAW, text: line, time: "", source: "" }, line);
});

Deno.test("decodeDockerFast agrees with the careful decode or leaves the line to it", () => {
  const log = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("\\", '"', "n", "u", "\n", "<", "中") }),
  );
  const spacing = fc.constantFrom("", " ");
  fc.assert(
    fc.property(
      log,
      fc.boolean(),
      fc.constantFrom("stdout", "stderr"),
      spacing,
      fc.nat(200),
      fc.nat(255),
      (log, ends, stream, blank, at, byte) => {
        const json = JSON.stringify({ log: ends ? log + "\n" : log, stream, time: T }).replaceAll(
          ",",
          blank + ",",
        );
        const bytes = encode(json + "\n\n");
        // One byte is broken now and then: never may the fast way accept what JSON.parse refuses.
        if (at < bytes.length - 2) bytes[at] = byte;
        const end = bytes.indexOf(10);
        const fast = new Int32Array(ROW), careful = new Int32Array(ROW);
        const newline = decodeDockerFast(bytes, 0, fast, 0);
        const isDocker = bytes[0] === 0x7b && decodeDocker(bytes, 0, end, careful, 0);
        if (newline < 0) return;
        assert.equal(newline, end);
        assert.ok(isDocker);
        assert.deepEqual(fast, careful);
      },
    ),
    { numRuns: 2000 },
  );
});

Deno.test("decodeDockerFast takes docker's own lines", () => {
  const rows = new Int32Array(ROW);
  for (const log of ["a\n", "a", "", "\n", 'q"\\\n', "\u0001\t\r\n", "é<\u2028"]) {
    const bytes = encode(JSON.stringify({ log, stream: "stderr", time: T }) + "\n");
    assert.equal(decodeDockerFast(bytes, 0, rows, 0), bytes.length - 1, log);
    assert.equal(rows[ROW_FLAGS], ROW_ESCAPED | STREAM_BIT | (log.endsWith("\n") ? 0 : ROW_PARTIAL));
  }
});

Deno.test("decodeDocker takes the last of equal keys and refuses values of other types", () => {
  const last = decode(`{"log":"a","log":"b\\n","stream":"stdout","x":{"stream":"stderr"},"time":"${T}"}`);
  assert.deepEqual(last, { flags: ROW_ESCAPED, text: "b", time: T, source: "stdout" });
  const spelled = decode('{"log":"a","l\\u006fg":"bc\\n","stream":"stdout","str\\u0065am":"stderr"}');
  assert.deepEqual(spelled, { flags: ROW_ESCAPED | STREAM_BIT, text: "bc", time: "", source: "stderr" });
  assert.deepEqual(decode('{"log":"a\\n","stream":"stdout"}').time, "");
  for (
    const line of [
      '{"log":1,"stream":"stdout"}',
      '{"log":null,"stream":"stdout"}',
      '{"log":"a","stream":"x"}',
      "{}",
      "{",
    ]
  ) {
    assert.equal(decode(line).flags, ROW_RAW, line);
  }
});
