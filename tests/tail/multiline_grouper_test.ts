import assert from "node:assert/strict";
import { END_AFTER, END_BEFORE, JOIN, makeGrouper, newGroupState } from "../../src/tail/multiline_grouper.ts";
import type { Multiline } from "../../src/core/framing.ts";

function verdicts(multiline: Multiline, lines: string[]): number[] {
  const grouper = makeGrouper(multiline)!;
  const state = newGroupState();
  return lines.map((line) => grouper.feed(state, line));
}

Deno.test("makeGrouper begins a record with each begin line and joins the rest", () => {
  assert.deepEqual(
    verdicts({ mode: "begin_line", begin: /\d/, checkBytes: 9 }, ["x", "y", "a1", "z", "2"]),
    [JOIN, JOIN, END_BEFORE | JOIN, JOIN, END_BEFORE | JOIN],
  );
});

Deno.test("makeGrouper takes a start line inside an open record as one of its lines", () => {
  assert.deepEqual(
    verdicts({ mode: "custom", start: /^S$/, next: null, end: /^E$/, unmatched: "discard" }, [
      "E",
      "S",
      "S",
      "x",
      "E",
    ]),
    [0, JOIN, JOIN, JOIN, JOIN | END_AFTER],
  );
});

Deno.test("makeGrouper counts braces outside of strings only", () => {
  assert.deepEqual(
    verdicts({ mode: "json", unmatched: "single_line" }, ['{"a":"}\\"}"', "}", "x", " {}", "{ ] }}", "{"]),
    [JOIN, JOIN | END_AFTER, 0, JOIN | END_AFTER, JOIN | END_AFTER, JOIN],
  );
});

Deno.test("makeGrouper decides nothing for whole files", () => {
  assert.equal(makeGrouper({ mode: "whole_file", bytesMax: 1 }), null);
});
