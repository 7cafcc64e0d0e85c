import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { CustomMultiline, Framing } from "../../src/core/framing.ts";
import { TagSet } from "../../src/core/tags.ts";
import { contents, encode, PLAIN, Reader, recordsOf, run } from "./assembler_harness.ts";

function custom(parts: Partial<CustomMultiline>): Framing {
  return {
    ...PLAIN,
    multiline: { mode: "custom", start: null, next: null, end: null, unmatched: "single_line", ...parts },
  };
}

Deno.test("LinesAssembler makes a record of each line and keeps its carriage return", () => {
  assert.deepEqual(contents("a\n\n b \nc\r\n", PLAIN), ["a", " b ", "c\r"]);
  assert.deepEqual(contents("a\n\nb\n", { ...PLAIN, keepEmptyLines: true }), ["a", "", "b"]);
});

Deno.test("LinesAssembler puts tags and position before the content", () => {
  const tags = new TagSet([{ key: "__tag__:__path__", value: "/x" }]);
  const got = recordsOf(
    run(encode("ab\ncd\n"), { ...PLAIN, offsetKey: "__tag__:__file_offset__" }, { tags }),
  );
  assert.deepEqual(Object.entries(got[1]), [
    ["__tag__:__path__", "/x"],
    ["__tag__:__file_offset__", "3"],
    ["content", "cd"],
  ]);
});

Deno.test("LinesAssembler drops a byte order mark and NULs around a line, and no hole is a record", () => {
  assert.deepEqual(contents("\ufeffa\nb\0\0\n\0\0\0c\0d\n\0\0\n", { ...PLAIN, keepEmptyLines: true }), [
    "a",
    "b",
    "c\0d",
  ]);
});

Deno.test("LinesAssembler ends an unterminated line when final and swallows its late newline", () => {
  const reader = new Reader(encode("a\nb"), { ...PLAIN, keepEmptyLines: true });
  reader.readToEnd();
  assert.deepEqual(recordsOf(reader.steps).map((each) => each.content), ["a"]);
  assert.deepEqual(reader.steps.at(-1)!.resume.done, [2]);
  reader.finish();
  reader.file.bytes = encode("a\nb\nc\n");
  reader.readToEnd();
  assert.deepEqual(recordsOf(reader.steps).map((each) => each.content), ["a", "b", "c"]);
});

Deno.test("LinesAssembler decodes gbk and utf16 of both byte orders", () => {
  const gbk = new Uint8Array([0xd6, 0xd0, 0xce, 0xc4, 10, 0x61, 10]);
  assert.deepEqual(recordsOf(run(gbk, { ...PLAIN, encoding: "gbk" })).map((each) => each.content), [
    "中文",
    "a",
  ]);
  const le = new Uint8Array(Buffer.from("\ufeff中\nਊ a😀\n", "utf16le"));
  const be = new Uint8Array(Buffer.from(le).swap16());
  for (const bytes of [le, be]) {
    for (const chunks of [[1000], [3], [5, 1]]) {
      const got = recordsOf(run(bytes, { ...PLAIN, encoding: "utf16" }, { chunks })).map((each) =>
        each.content
      );
      assert.deepEqual(got, ["中", "ਊ a😀"]);
    }
  }
});

Deno.test("LinesAssembler splits a long line at characters, whatever the chunks", () => {
  const text = "ab" + "中".repeat(20) + "\nnext\n" + "x".repeat(16) + "\n";
  for (const chunks of [[1000], [1], [17], [20, 3]]) {
    const got = recordsOf(run(encode(text), { ...PLAIN, recordBytesMax: 8 }, { chunks }));
    assert.deepEqual(got.slice(0, 3).map((each) => [each.content, each._split_]), [["ab中中", "1"], [
      "中中",
      "2",
    ], ["中中", "3"]]);
    const whole = got.filter((each) => /^[ab中]/.test(each.content));
    assert.equal(whole.map((each) => each.content).join(""), "ab" + "中".repeat(20));
    assert.equal(whole.at(-1)!._split_, `${whole.length}/${whole.length}`);
    assert.deepEqual(got.slice(whole.length).map((each) => [each.content, each._split_]), [
      ["next", undefined],
      ["x".repeat(8), "1"],
      ["x".repeat(8), "2/2"],
    ]);
  }
});

Deno.test("LinesAssembler gives each part its own offset", () => {
  const got = recordsOf(
    run(encode("a\n123456\n"), { ...PLAIN, recordBytesMax: 4, offsetKey: "__tag__:__file_offset__" }),
  );
  assert.deepEqual(got.map((each) => each["__tag__:__file_offset__"]), ["0", "2", "6"]);
});

Deno.test("LinesAssembler truncates when told and books the rest", () => {
  const reader = new Reader(encode("123456789\nab\n"), { ...PLAIN, recordBytesMax: 4, oversize: "truncate" });
  assert.deepEqual(recordsOf(reader.run()).map((each) => [each.content, each._truncated_]), [
    ["1234", "true"],
    ["ab", undefined],
  ]);
  assert.equal(reader.assembler.counts.bytesTruncated, 5);
});

Deno.test("LinesAssembler groups by a start pattern and leaves the last record to the next read", () => {
  const framing = custom({ start: /^A\d$/ });
  const reader = new Reader(encode("A1\nx\nA2\ny\n"), framing);
  reader.readToEnd();
  assert.deepEqual(recordsOf(reader.steps).map((each) => each.content), ["A1\nx"]);
  assert.equal(reader.cursor, 5);
  reader.finish();
  assert.deepEqual(recordsOf(reader.steps).map((each) => each.content), ["A1\nx", "A2\ny"]);
});

Deno.test("LinesAssembler follows each combination of patterns", () => {
  const S = /^S.*$/, C = /^C.*$/, E = /^E.*$/;
  const text = "a\nS1\nC\nb\nE\nC\nE\nS2\n";
  const cases: [Partial<CustomMultiline>, string[]][] = [
    [{ start: S }, ["a", "S1\nC\nb\nE\nC\nE", "S2"]],
    [{ start: S, next: C }, ["a", "S1\nC", "b", "E", "C", "E", "S2"]],
    [{ start: S, end: E }, ["a", "S1\nC\nb\nE", "C", "E", "S2"]],
    [{ next: C, end: E }, ["a", "S1", "C", "b", "E", "C\nE", "S2"]],
    [{ end: E }, ["a\nS1\nC\nb\nE", "C\nE", "S2"]],
    [{ start: S, next: C, end: E }, ["a", "S1\nC\nb\nE", "C", "E", "S2"]],
    [{ next: C }, ["a", "S1", "C", "b", "E", "C", "E", "S2"]],
  ];
  for (const [parts, wanted] of cases) {
    for (const chunks of [[1000], [1], [4, 7]]) {
      assert.deepEqual(contents(text, custom(parts), { chunks }), wanted, JSON.stringify(Object.keys(parts)));
    }
  }
});

Deno.test("LinesAssembler discards unmatched lines when told and counts them", () => {
  const reader = new Reader(
    encode("a\nS\nE\nb\nS\n"),
    custom({ start: /^S$/, end: /^E$/, unmatched: "discard" }),
  );
  assert.deepEqual(recordsOf(reader.run()).map((each) => each.content), ["S\nE"]);
  assert.equal(reader.assembler.counts.discarded, 3);
});

Deno.test("LinesAssembler takes a JSON object over several lines", () => {
  const framing: Framing = { ...PLAIN, multiline: { mode: "json", unmatched: "single_line" } };
  const objects = ['{"a":"}{\\"",\n "b":{\n}}', "{}", '{"c":1}'];
  const text = ["lone", ...objects, "{ open", "end"].join("\n") + "\n";
  for (const chunks of [[1000], [1], [9]]) {
    assert.deepEqual(contents(text, framing, { chunks }), ["lone", ...objects, "{ open", "end"]);
  }
});

Deno.test("LinesAssembler takes a whole file as one record, in parts above its limit", () => {
  const framing: Framing = { ...PLAIN, multiline: { mode: "whole_file", bytesMax: 1000 } };
  assert.deepEqual(contents("a\n\nb\n", framing, { chunks: [1] }), ["a\n\nb"]);
  const small: Framing = { ...PLAIN, multiline: { mode: "whole_file", bytesMax: 6 } };
  const limited: Framing = { ...small, recordBytesMax: 6 };
  for (const chunks of [[1000], [1], [8]]) {
    const got = recordsOf(run(encode("ab\ncd\nef\ngh\nij\n"), limited, { chunks }));
    assert.deepEqual(got.map((each) => [each.content, each._split_]), [["ab\ncd\n", "1"], ["ef\ngh\n", "2"], [
      "ij",
      "3/3",
    ]]);
  }
});

Deno.test("LinesAssembler goes on with a record of which parts were sent, whatever the chunks", () => {
  const text = "S\n" + "C\n".repeat(20) + "lone\n";
  const framing = { ...custom({ start: /^S$/, next: /^C$/ }), recordBytesMax: 12 };
  const whole = recordsOf(run(encode(text), framing));
  assert.deepEqual(whole.slice(-2).map((each) => [each.content, each._split_]), [["C\nC\nC", "4/4"], [
    "lone",
    undefined,
  ]]);
  assert.deepEqual(recordsOf(run(encode(text), framing, { chunks: [13], rooms: [1] })), whole);
});

const chunks = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 });
const rooms = fc.array(fc.integer({ min: 1, max: 800 }), { minLength: 1, maxLength: 4 });
const lines = fc.array(
  fc.oneof(fc.constantFrom("S", "S2", "C", "E", "", "\0", "{", "}", "中文"), fc.string({ maxLength: 9 })),
  {
    maxLength: 25,
  },
).map((all) => all.map((each) => each.replaceAll("\n", "")));
const framings: Framing[] = [
  PLAIN,
  { ...PLAIN, keepEmptyLines: true, recordBytesMax: 5 },
  { ...PLAIN, encoding: "gbk" },
  custom({ start: /^S.*$/ }),
  custom({ start: /^S.*$/, end: /^E$/ }),
  { ...custom({ start: /^S.*$/, next: /^C$/ }), recordBytesMax: 12 },
  { ...custom({ next: /^C$/, end: /^E$/, unmatched: "discard" }), recordBytesMax: 20 },
  { ...PLAIN, multiline: { mode: "json", unmatched: "single_line" } },
  { ...PLAIN, multiline: { mode: "begin_line", begin: /^S/, checkBytes: 4 } },
];

Deno.test("LinesAssembler gives the same records whatever the chunks, rooms and restarts", () => {
  const property = fc.property(
    fc.constantFrom(...framings),
    lines,
    chunks,
    rooms,
    fc.nat(),
    (framing, lines, chunks, rooms, at) => {
      const bytes = encode(lines.map((each) => each + "\n").join(""));
      const whole = recordsOf(run(bytes, framing));
      const steps = run(bytes, framing, { chunks, rooms });
      assert.deepEqual(recordsOf(steps), whole);
      if (steps.length < 2) return;
      const cut = at % (steps.length - 1);
      const again = run(bytes, framing, { chunks, rooms, from: steps[cut].resume });
      const got = [...recordsOf(steps.slice(0, cut + 1)), ...recordsOf(again)];
      if (whole.every((each) => each._split_ === undefined)) assert.deepEqual(got, whole);
      else if (framing.multiline === null) {
        // Part numbers begin anew after a restart; the text does not.
        const text = got.map((each) => each.content).join("");
        assert.equal(text, whole.map((each) => each.content).join(""));
      }
    },
  );
  fc.assert(property, { numRuns: 1000 });
});
