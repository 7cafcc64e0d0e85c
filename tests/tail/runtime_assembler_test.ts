import assert from "node:assert/strict";
import fc from "fast-check";
import type { Framing } from "../../src/core/framing.ts";
import { TagSet } from "../../src/core/tags.ts";
import { contents, encode, type Fields, Reader, recordsOf, run, RUNTIME } from "./assembler_harness.ts";

const T = "2024-01-01T00:00:00.123456789Z";

function cri(stream: string, tag: string, text: string, time = T): string {
  return `${time} ${stream} ${tag} ${text}\n`;
}

function docker(stream: string, log: string, time = T): string {
  return JSON.stringify({ log, stream, time }) + "\n";
}

function records(text: string, framing: Framing = RUNTIME): Fields[] {
  return recordsOf(run(encode(text), framing));
}

const BEGIN: Framing = {
  ...RUNTIME,
  multiline: { mode: "begin_line", begin: /^\d/, checkBytes: 10 },
};

Deno.test("RuntimeAssembler makes content, _time_ and _source_ of a CRI line", () => {
  assert.deepEqual(records(cri("stdout", "F", 'GET /a "b" \\n')), [
    { content: 'GET /a "b" \\n', _time_: T, _source_: "stdout" },
  ]);
});

Deno.test("RuntimeAssembler keeps the field order and puts tags behind them", () => {
  const tags = new TagSet([{ key: "_pod_name_", value: "p" }]);
  const [step] = run(encode(cri("stderr", "F", "x")), RUNTIME, { tags });
  assert.deepEqual(Object.keys(step.records[0]), ["content", "_time_", "_source_", "_pod_name_"]);
});

Deno.test("RuntimeAssembler unescapes docker's text and strips its newline", () => {
  assert.deepEqual(records(docker("stderr", 'a "q" \\n é 中 \u2028\n')), [
    { content: 'a "q" \\n é 中 \u2028', _time_: T, _source_: "stderr" },
  ]);
});

Deno.test("RuntimeAssembler accepts docker lines in any order and with attrs", () => {
  const odd = [
    `{"time":"${T}","stream":"stdout","log":"a\\n"}`,
    `{ "log" : "b\\u000a", "attrs":{"log":"no","x":[1,{"log":"no"}]}, "stream":"stdout", "time":"${T}" }`,
    `{"log":"c\\n","stream":"stdout","attrs":{"tag":"t"},"time":"${T}"}`,
    `{"log":"d\\u00e9\\/\\n","stream":"stdout","time":"${T}"}`,
  ];
  assert.deepEqual(
    records(odd.join("\n") + "\n").map((each) => [each.content, each._time_, each._source_]),
    ["a", "b", "c", "dé/"].map((text) => [text, T, "stdout"]),
  );
});

Deno.test("RuntimeAssembler sends a line raw when it is no runtime's line", () => {
  const raw = [
    "hello",
    '{"log":"no stream\\n"}',
    '{"log":"a" broken',
    `${T} stdxut F x`,
    `${T} stdout`.slice(0, 34),
    "",
    `{"log":"bad \\x\\n","stream":"stdout","time":"${T}"}`,
    `{"log":"tab\t\\n","stream":"stdout","time":"${T}"}`,
  ];
  const reader = new Reader(encode(raw.join("\n") + "\n"), RUNTIME);
  const got = recordsOf(reader.run());
  assert.deepEqual(got, raw.map((content) => ({ content, _time_: "", _source_: "" })));
  assert.equal(reader.assembler.counts.unparsable, raw.length);
});

Deno.test("RuntimeAssembler takes everything behind the stream when there is no tag", () => {
  assert.deepEqual(
    records(
      [
        `${T} stdout Failed to open`,
        `${T} stdout Pause`,
        `${T} stdout F:x:y text`,
        `${T} stdout F`,
        `${T} stdout `,
      ]
        .join("\n") + "\n",
    ).map((each) => each.content),
    ["Failed to open", "Pause", "text", "", ""],
  );
});

Deno.test("RuntimeAssembler joins pieces per stream with the time of the last one", () => {
  const text = cri("stdout", "P", "a", "2024-01-01T00:00:00Z") + cri("stderr", "P", "x") +
    cri("stdout", "F", "b") +
    docker("stderr", "y\n") + cri("stdout", "P:T", "c") + docker("stdout", "d") + docker("stdout", "e\n");
  assert.deepEqual(records(text), [
    { content: "ab", _time_: T, _source_: "stdout" },
    { content: "xy", _time_: T, _source_: "stderr" },
    { content: "cde", _time_: T, _source_: "stdout" },
  ]);
});

Deno.test("RuntimeAssembler joins characters that a runtime cut between pieces", () => {
  const zhong = encode("中");
  const bytes = new Uint8Array([
    ...encode(`${T} stdout P a`),
    ...zhong.subarray(0, 1),
    ...encode(`\n${T} stdout F `),
    ...zhong.subarray(1),
    10,
  ]);
  assert.deepEqual(recordsOf(run(bytes, RUNTIME)).map((each) => each.content), ["a中"]);
});

Deno.test("RuntimeAssembler drops a stream that is not selected before joining", () => {
  const text = cri("stdout", "P", "a") + cri("stderr", "F", "no") + cri("stderr", "P", "no") +
    cri("stdout", "F", "b");
  const steps = run(encode(text), { ...RUNTIME, stderr: false });
  assert.deepEqual(recordsOf(steps).map((each) => each.content), ["ab"]);
  assert.deepEqual(steps.at(-1)!.resume.done, [text.length, text.length]);
});

Deno.test("RuntimeAssembler resumes at the begin of what is held on each stream", () => {
  const first = cri("stderr", "F", "1");
  const text = first + cri("stderr", "P", "2") + cri("stdout", "F", "3");
  const [step] = run(encode(text), RUNTIME, { final: false });
  assert.deepEqual(step.resume.done, [text.length, first.length]);
});

Deno.test("RuntimeAssembler takes record times from the runtime when asked", () => {
  const [step] = run(encode(cri("stdout", "F", "x", "2024-01-01T08:00:00.5+08:00")), {
    ...RUNTIME,
    timeSource: "record",
  });
  assert.deepEqual(step.timesMs, [Date.UTC(2024, 0, 1) + 500]);
});

Deno.test("RuntimeAssembler makes one record of a stack trace per stream", () => {
  const text = cri("stderr", "F", "1 error") + cri("stdout", "F", "2 out") + cri("stderr", "F", "  at a") +
    cri("stderr", "P", "  at") + cri("stderr", "F", " b") + cri("stderr", "F", "3 next");
  assert.deepEqual(records(text, BEGIN).map((each) => each.content), [
    "1 error\n  at a\n  at b",
    "2 out",
    "3 next",
  ]);
});

Deno.test("RuntimeAssembler makes lines before the first begin a record", () => {
  assert.deepEqual(
    records(cri("stdout", "F", "a") + cri("stdout", "F", "b") + cri("stdout", "F", "1"), BEGIN).length,
    2,
  );
});

Deno.test("RuntimeAssembler ends a multi-line record after its stream was quiet, pieces never", () => {
  const reader = new Reader(encode(cri("stdout", "F", "1") + cri("stderr", "P", "2")), BEGIN);
  reader.readToEnd(1000);
  assert.equal(reader.assembler.nextTimeoutMs(), 4000);
  reader.flush(3999, false);
  assert.deepEqual(recordsOf(reader.steps), []);
  reader.flush(4000, false);
  assert.deepEqual(recordsOf(reader.steps).map((each) => [each.content, each._time_]), [["1", T]]);
  assert.equal(reader.assembler.nextTimeoutMs(), Infinity);
  reader.flush(1e9, false);
  assert.equal(recordsOf(reader.steps).length, 1);
  reader.flush(1e9, true);
  assert.equal(recordsOf(reader.steps)[1].content, "2");
});

Deno.test("RuntimeAssembler joins over a rotation and says so", () => {
  const old = new Reader(encode(cri("stdout", "P", "a")), RUNTIME, { heldBytesMax: 1 });
  old.readToEnd();
  const held = old.assembler.handOver();
  assert.ok(held !== null);
  assert.equal(old.assembler.handOver(), null);
  const next = new Reader(encode(cri("stderr", "F", "x") + cri("stdout", "F", "b")), RUNTIME);
  next.assembler.adopt(held);
  next.readToEnd();
  assert.deepEqual(recordsOf(next.steps).map((each) => each.content), ["x", "ab"]);
  assert.ok(next.assembler.joinedAdopted());
});

Deno.test("RuntimeAssembler reads dropped bytes again and gives all back", () => {
  const text = cri("stdout", "P", "a".repeat(3000)) + cri("stderr", "F", "x") +
    cri("stdout", "P", "b".repeat(3000)) +
    cri("stdout", "F", "c");
  const reader = new Reader(encode(text), RUNTIME, { heldBytesMax: 100, chunks: [3100] });
  const got = recordsOf(reader.run()).map((each) => each.content);
  assert.deepEqual(got, ["x", "a".repeat(3000) + "b".repeat(3000) + "c"]);
  assert.equal(reader.budget.usedBytes, 0);
  assert.ok(reader.file.reads > 0 && reader.budget.dropCount > 0);
});

Deno.test("RuntimeAssembler splits a record above the limit and numbers the parts", () => {
  const framing = { ...RUNTIME, recordBytesMax: 10 };
  const text = cri("stdout", "P", "12345678") + cri("stdout", "P", "9中中中中") + cri("stdout", "F", "end") +
    cri("stdout", "F", "short");
  assert.deepEqual(records(text, framing).map((each) => [each.content, each._split_]), [
    ["12345678", "1"],
    ["9中中中", "2"],
    ["中", "3"],
    ["end", "4/4"],
    ["short", undefined],
  ]);
});

Deno.test("RuntimeAssembler never cuts inside an escape", () => {
  const framing = { ...RUNTIME, recordBytesMax: 7 };
  const line = `{"log":"ab\\"\\u00e9\\ud83d\\ude00c\\\\\\n","stream":"stdout","time":"${T}"}\n`;
  assert.equal(records(line, framing).map((each) => each.content).join(""), 'ab"é😀c\\');
});

Deno.test("RuntimeAssembler truncates and books the rest when told", () => {
  const reader = new Reader(
    encode(cri("stdout", "P", "12345678") + cri("stdout", "P", "abcdef") + cri("stdout", "F", "gh")),
    {
      ...RUNTIME,
      recordBytesMax: 10,
      oversize: "truncate",
    },
  );
  assert.deepEqual(recordsOf(reader.run()).map((each) => [each.content, each._truncated_]), [[
    "12345678ab",
    "true",
  ]]);
  assert.equal(reader.assembler.counts.bytesTruncated, 6);
});

Deno.test("RuntimeAssembler groups lines by a custom multi-line mode per stream", () => {
  const framing: Framing = {
    ...RUNTIME,
    multiline: { mode: "custom", start: /^S.*$/, next: null, end: /^E$/, unmatched: "single_line" },
  };
  const text = cri("stdout", "F", "lone") + cri("stdout", "F", "S1") + cri("stderr", "F", "S2") +
    cri("stdout", "F", "E") +
    cri("stderr", "F", "x");
  assert.deepEqual(records(text, framing).map((each) => each.content), ["lone", "S1\nE", "S2", "x"]);
});

// ---- properties -----------------------------------------------------------------------------------------------------

interface Line {
  stream: "stdout" | "stderr";
  docker: boolean;
  partial: boolean;
  text: string;
  raw: boolean;
}

const line: fc.Arbitrary<Line> = fc.record({
  stream: fc.constantFrom("stdout" as const, "stderr" as const),
  docker: fc.boolean(),
  partial: fc.boolean(),
  text: fc.oneof(
    fc.string({ unit: "binary", maxLength: 12 }).map((text) => text.replaceAll("\n", "")),
    fc.constantFrom("", "1", "2 begin", "中文", "  at x", 'q"\\', "x".repeat(40)),
  ),
  raw: fc.integer({ min: 0, max: 15 }).map((n) => n === 0),
});

/** Each line with its own time, so that a mix-up is seen. */
function write(lines: readonly Line[]): string {
  return lines.map((each, i) => {
    const time = `2024-01-01T00:00:00.${String(i).padStart(9, "0")}Z`;
    if (each.raw) return `raw ${i}\n`;
    if (each.docker) return docker(each.stream, each.text + (each.partial ? "" : "\n"), time);
    return cri(each.stream, each.partial ? "P" : "F", each.text, time);
  }).join("");
}

/** The plain twin: strings, one pass. */
function twin(lines: readonly Line[], begin: RegExp | null): Fields[] {
  const out: Fields[] = [];
  const piece = { stdout: [] as string[], stderr: [] as string[] };
  const pending: Record<string, { lines: string[]; time: string } | null> = { stdout: null, stderr: null };
  const last = { stdout: "", stderr: "" };
  const end = (stream: "stdout" | "stderr") => {
    const open = pending[stream];
    if (open) out.push({ content: open.lines.join("\n"), _time_: open.time, _source_: stream });
    pending[stream] = null;
  };
  const complete = (stream: "stdout" | "stderr") => {
    const text = piece[stream].join("");
    piece[stream] = [];
    if (begin === null || begin.test(text) || pending[stream] === null) {
      end(stream);
      pending[stream] = { lines: [text], time: last[stream] };
    } else {
      pending[stream]!.lines.push(text);
      pending[stream]!.time = last[stream];
    }
    if (begin === null) end(stream);
  };
  lines.forEach((each, i) => {
    if (each.raw) {
      out.push({ content: `raw ${i}`, _time_: "", _source_: "" });
      return;
    }
    last[each.stream] = `2024-01-01T00:00:00.${String(i).padStart(9, "0")}Z`;
    piece[each.stream].push(each.text);
    if (!each.partial) complete(each.stream);
  });
  for (const stream of ["stdout", "stderr"] as const) {
    if (piece[stream].length > 0) complete(stream);
    end(stream);
  }
  return out;
}

const chunks = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 });
const rooms = fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1, maxLength: 4 });
const heldBytesMax = fc.constantFrom(1, 300, 1 << 20);

for (
  const [name, framing, begin] of [["single lines", RUNTIME, null], ["begin lines", BEGIN, /^\d/]] as const
) {
  Deno.test(`RuntimeAssembler gives what its plain twin gives for ${name}, whatever the chunks`, () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30 }),
        chunks,
        rooms,
        heldBytesMax,
        (lines, chunks, rooms, held) => {
          const steps = run(encode(write(lines)), framing, { chunks, rooms, heldBytesMax: held });
          assert.deepEqual(recordsOf(steps), twin(lines, begin));
        },
      ),
      { numRuns: 300 },
    );
  });

  Deno.test(`RuntimeAssembler loses and repeats nothing of ${name} when it starts again at a resume point`, () => {
    const property = fc.property(
      fc.array(line, { maxLength: 30 }),
      chunks,
      rooms,
      fc.nat(),
      (lines, chunks, rooms, at) => {
        const bytes = encode(write(lines));
        const steps = run(bytes, framing, { chunks, rooms });
        if (steps.length < 2) return;
        const cut = at % (steps.length - 1);
        const again = run(bytes, framing, { chunks, rooms, from: steps[cut].resume });
        const got = [...recordsOf(steps.slice(0, cut + 1)), ...recordsOf(again)];
        const wanted = twin(lines, begin);
        for (const source of ["stdout", "stderr"]) {
          const of = (all: Fields[]) => all.filter((each) => each._source_ === source);
          assert.deepEqual(of(got), of(wanted));
        }
        // A raw line belongs to no stream: it may come twice, while both streams hold something.
        const raw = (
          all: Fields[],
        ) => [...new Set(all.filter((each) => each._source_ === "").map((e) => e.content))];
        assert.deepEqual(raw(got), raw(wanted));
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
}

Deno.test("RuntimeAssembler splits the same way whatever the chunks, and the parts make the whole", () => {
  const property = fc.property(
    fc.array(line, { maxLength: 30 }),
    chunks,
    heldBytesMax,
    fc.integer({ min: 1, max: 30 }),
    (lines, chunks, held, limit) => {
      for (const framing of [RUNTIME, BEGIN]) {
        const bytes = encode(write(lines));
        const limited = { ...framing, recordBytesMax: limit };
        const whole = recordsOf(run(bytes, limited));
        assert.deepEqual(recordsOf(run(bytes, limited, { chunks, heldBytesMax: held })), whole);
        const open: Record<string, string[]> = {};
        for (const each of whole) {
          const parts = open[each._source_] ??= [];
          if (each._split_ === undefined) assert.equal(parts.length, 0);
          else {
            parts.push(each.content);
            const n = parts.length;
            assert.ok(each._split_ === String(n) || each._split_ === `${n}/${n}`, each._split_);
            if (each._split_.includes("/")) parts.length = 0;
          }
        }
        const text = (all: Fields[]) => all.map((each) => each.content.replaceAll("\n", "")).join("");
        for (const source of ["stdout", "stderr"]) {
          const of = (all: Fields[]) => text(all.filter((each) => each._source_ === source));
          assert.equal(of(whole), of(twin(lines, null)));
        }
      }
    },
  );
  fc.assert(property, { numRuns: 200 });
});

Deno.test("RuntimeAssembler takes a physical line above the limit in pieces", () => {
  const framing = { ...RUNTIME, recordBytesMax: 200_000 };
  const long = "中".repeat(200_000);
  const text = cri("stderr", "P", "a") + cri("stdout", "F", long) + cri("stderr", "F", "b");
  for (const chunks of [[1e9], [50_000], [333_333]]) {
    const steps = run(encode(text), framing, { chunks });
    const got = recordsOf(steps);
    assert.equal(got.filter((each) => each._source_ === "stdout").map((each) => each.content).join(""), long);
    assert.ok(got.every((each) => encode(each.content).length <= 200_000));
    assert.match(got.at(-2)!._split_, /^(\d)\/\1$/);
    assert.equal(got.at(-1)!.content, "ab");
    for (let cut = 0; cut < steps.length - 1; cut++) {
      const again = recordsOf(run(encode(text), framing, { chunks, from: steps[cut].resume }));
      const all = [...recordsOf(steps.slice(0, cut + 1)), ...again];
      assert.equal(
        all.filter((each) => each._source_ === "stdout").map((each) => each.content).join(""),
        long,
      );
      assert.deepEqual(all.filter((each) => each._source_ === "stderr").map((each) => each.content), ["ab"]);
      assert.equal(all.filter((each) => each._source_ === "").length, 0);
    }
  }
});

Deno.test("contents of an empty CRI line are kept unless told otherwise", () => {
  assert.deepEqual(contents(cri("stdout", "F", ""), RUNTIME), [""]);
  assert.deepEqual(contents(cri("stdout", "F", ""), { ...RUNTIME, keepEmptyLines: false }), []);
});
