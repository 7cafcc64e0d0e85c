import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRe2 } from "../../../src/base/re2/parse.ts";
import { OffsetProgram } from "../../../src/base/re2/offsets.ts";
import { emitNode, UntranslatableError } from "../../../src/base/re2/translate.ts";

/** Begin and end of every group by V8's own `d` flag; undefined when V8 is not for this pattern. */
function bySlowFlag(pattern: string, text: string): number[] | null | undefined {
  const { root } = parseRe2(pattern);
  try {
    const { source } = emitNode(root, { alphabet: "pairs", counted: false });
    const match = new RegExp(source, "d").exec(text);
    return match && match.indices!.flatMap((range) => range ?? [-1, -1]);
  } catch (error) {
    if (error instanceof UntranslatableError) return undefined;
    throw error;
  }
}

function byLengths(pattern: string, text: string): number[] | null {
  const { root, groupNames } = parseRe2(pattern);
  const out = new Int32Array(2 * groupNames.length);
  const alphabet = /[\ud800-\udfff]/.test(text) ? "pairs" : "units";
  return new OffsetProgram(root, alphabet).run(text, out) ? [...out] : null;
}

Deno.test("OffsetProgram places nested, optional, alternative and repeated groups", () => {
  assert.deepEqual(byLengths("(a+(b)(?:c(d*))?)e", "xaabcdde"), [1, 8, 1, 7, 3, 4, 5, 7]);
  assert.deepEqual(byLengths("(?:(a)|b(c*))(d)", "bccd"), [0, 4, -1, -1, 1, 3, 3, 4]);
  assert.deepEqual(byLengths("(?:(\\w)(\\d+),)+(z?)", "a1,b234,"), [0, 8, 3, 4, 4, 7, 8, 8]);
  assert.deepEqual(byLengths("(?:(x)y)*z", "z"), [0, 1, -1, -1]);
  assert.deepEqual(byLengths("(.)(.+?)(😀)", "é😀ab😀"), [0, 7, 0, 1, 1, 5, 5, 7]);
});

const { pattern } = fc.letrec<{ pattern: string; term: string }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 4, depthIdentifier: "term" },
    fc.constantFrom("a", "b", "[ab]", ".", "[^a]", "\\b", "😀", "c"),
    fc.tuple(tie("pattern"), fc.constantFrom("", "", "?", "??")).map(([body, count]) => `(${body})${count}`),
    fc.tuple(tie("pattern"), fc.constantFrom("+", "*", "+?", "*?", "{2}", "{1,3}", "?", ""))
      .map(([body, count]) => `(?:${body})${count}`),
  ),
  pattern: fc.oneof(
    { maxDepth: 4, depthIdentifier: "term" },
    fc.array(tie("term"), { minLength: 1, maxLength: 4 }).map((terms) => terms.join("")),
    fc.tuple(tie("term"), tie("term")).map(([left, right]) => `${left}|${right}`),
  ),
}));
const text = fc.array(fc.constantFrom("a", "b", "c", " ", "😀"), { maxLength: 12 }).map((parts) =>
  parts.join("")
);

Deno.test("OffsetProgram agrees with the d flag when patterns and texts are arbitrary", () => {
  let compared = 0, matched = 0;
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 3, maxLength: 3 }), (source, texts) => {
      for (const subject of texts) {
        const want = bySlowFlag(source, subject);
        if (want === undefined) return;
        compared++;
        if (want) matched++;
        assert.deepEqual(byLengths(source, subject), want, `${source} on ${subject}`);
      }
    }),
    { numRuns: 3000, seed: 3 },
  );
  assert.ok(compared > 3000 && matched > 1000, `${compared} compared, ${matched} matched`);
});
