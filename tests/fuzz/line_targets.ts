/** Lines of runtimes and of files: what every container may write. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type LineKind, LineTable } from "../../src/tail/line_table.ts";
import * as lines from "../../src/tail/runtime_lines.ts";
import { damagedBytes, damagedText } from "./damaged.ts";
import { type FuzzTarget, target } from "./target.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const T = "2024-01-01T00:00:00.123456789Z";

const criLine = damagedText(
  fc.tuple(fc.constantFrom("stdout", "stderr"), fc.constantFrom("F", "P", "F:a", "P:", "X"), fc.string())
    .map(([stream, tag, text]) => `${T} ${stream} ${tag} ${text}`),
  ["stdout", "stderr", " ", "  ", "F", "P", ":", "Z", "T", T, "+08:00"],
);

const dockerLine = damagedText(
  fc.tuple(
    fc.string({ unit: "binary" }),
    fc.constantFrom("\n", ""),
    fc.constantFrom("stdout", "stderr"),
    fc.constantFrom("", "", '"attrs":{"log":["x"]},', '"l\\u006fg":"b\\n",', '"str\\u0065am":"stderr",'),
    fc.boolean(),
  ).map(([log, end, stream, more, first]) => {
    const members = JSON.stringify({ log: log + end, stream, time: T }).slice(1, -1);
    return first ? `{${more}${members}}` : `{${members},${more.slice(0, -1)}}`;
  }),
  [
    '"',
    "\\",
    "\\n",
    "\\u000a",
    "\\u006c",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"log":"a",',
    '"l\\u006fg":"b\\n",',
    '"str\\u0065am":"stderr",',
    "null",
  ],
);

const block = damagedBytes(
  fc.array(fc.oneof(criLine, dockerLine, fc.string({ unit: "binary" })), { maxLength: 6 })
    .map((all) => encoder.encode(all.map((line) => line + "\n").join(""))),
);

/** Every row's spans lie in its line in their order, and rows follow one another without a gap. */
function checkRows(table: LineTable, begin: number, used: number): void {
  let at = begin;
  for (let i = 0; i < table.count; i++) {
    const row = table.rows.subarray(i * lines.ROW, (i + 1) * lines.ROW);
    const [from, to] = [row[lines.ROW_BEGIN], row[lines.ROW_END]];
    assert.equal(from, at, "a gap between rows");
    assert.ok(to > from && to <= used, "a row without bytes, or behind the end");
    const inside = (a: number, b: number, what: string) =>
      assert.ok(from <= a && a <= b && b <= to, `${what} [${a}, ${b}) is not in its row [${from}, ${to})`);
    inside(row[lines.ROW_TEXT], row[lines.ROW_TEXT_END], "text");
    at = to;
  }
  assert.equal(at, used, "bytes in no row");
}

/** What a careful reader makes of one line: text and stream, or the line itself. */
function plainTwin(line: Uint8Array): { text: string; stream: string; partial: boolean } {
  const text = decoder.decode(line);
  if (line[0] === 0x7b) {
    try {
      const { log, stream } = JSON.parse(text);
      if (typeof log === "string" && (stream === "stdout" || stream === "stderr")) {
        const ends = log.endsWith("\n");
        return { text: ends ? log.slice(0, -1) : log, stream, partial: !ends };
      }
    } catch {
      // Not docker's.
    }
    return { text, stream: "", partial: false };
  }
  const bytes = Array.from(line, (byte) => String.fromCharCode(byte)).join("");
  // A time of the usual length is not looked into; others end at the first blank.
  const match = /^(\d.{9}T.{18}Z|\d.{9}T[^ ]{0,53}) (stdout|stderr)(?: |$)/s.exec(bytes);
  if (match === null) return { text, stream: "", partial: false };
  const rest = bytes.slice(match[0].length);
  const tag = /^([FP])(?::[^ ]*)?(?: |$)/s.exec(rest);
  const content = Uint8Array.from(tag === null ? rest : rest.slice(tag[0].length), (c) => c.charCodeAt(0));
  return { text: decoder.decode(content), stream: match[2], partial: tag?.[1] === "P" };
}

function checkTwin(table: LineTable, bytes: Uint8Array): void {
  for (let i = 0; i < table.count; i++) {
    const row = table.rows.subarray(i * lines.ROW, (i + 1) * lines.ROW);
    const flags = row[lines.ROW_FLAGS];
    const line = bytes.subarray(row[lines.ROW_BEGIN], row[lines.ROW_END] - 1);
    const raw = decoder.decode(bytes.subarray(row[lines.ROW_TEXT], row[lines.ROW_TEXT_END]));
    const source = row[lines.ROW_SOURCE];
    const got = {
      text: flags & lines.ROW_ESCAPED ? JSON.parse(`"${raw}"`) as string : raw,
      stream: flags & lines.ROW_RAW ? "" : decoder.decode(bytes.subarray(source, source + 6)),
      partial: (flags & lines.ROW_PARTIAL) !== 0,
    };
    assert.deepEqual(got, plainTwin(line));
    if (!(flags & lines.ROW_RAW)) {
      assert.equal(got.stream, flags & lines.STREAM_BIT ? "stderr" : "stdout");
      assert.ok(
        row[lines.ROW_BEGIN] <= row[lines.ROW_TIME] && row[lines.ROW_TIME] <= row[lines.ROW_TIME_END],
      );
    }
  }
}

export const lineTargets: readonly FuzzTarget[] = [
  target(
    "runtime lines",
    "CRI and docker lines; each equals what a plain reader makes of it",
    block,
    (bytes) => {
      const table = new LineTable();
      const used = table.fill(bytes, 0, bytes.length, "runtime", false);
      checkRows(table, 0, used);
      checkTwin(table, bytes);
    },
  ),
  target(
    "long lines",
    "lines of any kind cut into pieces; no byte is left out",
    fc.tuple(
      block,
      fc.constantFrom<LineKind>("runtime", "lines", "lines16"),
      fc.integer({ min: 8, max: 64 }),
    ),
    ([bytes, kind, pieceBytes]) => {
      const table = new LineTable();
      table.pieceBytes = pieceBytes;
      checkRows(table, 0, table.fill(bytes, 0, bytes.length, kind, true));
    },
  ),
];
