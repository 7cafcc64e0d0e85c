import assert from "node:assert/strict";
import fc from "fast-check";
import { parseRe2 } from "../../../src/base/re2/parse.ts";
import { loadRe2js, Re2jsMatcher } from "../../../src/base/re2/re2js_matcher.ts";
import { Re2SyntaxError } from "../../../src/base/re2/syntax_error.ts";
import { UntranslatableError } from "../../../src/base/re2/translate.ts";
import { configureRe2, hasLinearFlag } from "../../../src/base/re2/v8_guard.ts";
import { V8Matcher } from "../../../src/base/re2/v8_matcher.ts";

configureRe2({ v8LinearRescue: hasLinearFlag() });
await loadRe2js();

const counts = [
  "",
  "",
  "",
  "?",
  "??",
  "*",
  "+",
  "*?",
  "+?",
  "{2}",
  "{0,2}",
  "{1,3}?",
  "{2,}",
  "{3,20}",
  "{0}",
];
const atoms = [
  "a",
  "b",
  "[ab]",
  "[^a]",
  ".",
  "\\s",
  "\\W",
  "(?s:.)",
  "(?i:k)",
  "\\b",
  "\\B",
  "^",
  "$",
  "(?m:^)",
  "é",
  "😀",
  "[😀-😎b]",
  "\\pL",
];
const { pattern } = fc.letrec<{ pattern: string; term: string }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 4, depthIdentifier: "term" },
    fc.tuple(fc.constantFrom(...atoms), fc.constantFrom(...counts)).map(([atom, count]) => atom + count),
    fc.tuple(fc.constantFrom("(", "(?:"), tie("pattern"), fc.constantFrom(...counts))
      .map(([open, body, count]) => `${open}${body})${count}`),
  ),
  pattern: fc.oneof(
    { maxDepth: 4, depthIdentifier: "term" },
    fc.array(tie("term"), { minLength: 1, maxLength: 4 }).map((terms) => terms.join("")),
    fc.array(tie("term"), { minLength: 2, maxLength: 3 }).map((terms) => terms.join("|")),
    fc.constant(""),
  ),
}));
const text = fc.array(fc.constantFrom("a", "b", "ab", "K", "\n", "\r", " ", "é", "😀", "😎", "\u2028"), {
  maxLength: 10,
})
  .map((parts) => parts.join(""));

function v8For(source: string): V8Matcher | undefined {
  try {
    const { root, groupNames } = parseRe2(source);
    return new V8Matcher(root, groupNames.length - 1);
  } catch (error) {
    if (error instanceof UntranslatableError) return undefined;
    if (error instanceof Re2SyntaxError && error.reason === "invalid repeat count") return undefined;
    throw error;
  }
}

Deno.test("V8Matcher agrees with re2js when patterns and texts are arbitrary", () => {
  let compared = 0, matched = 0;
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 4, maxLength: 4 }), (source, texts) => {
      const v8 = v8For(source);
      if (!v8) return;
      const re2js = new Re2jsMatcher(v8.root, v8.groupCount);
      const got = new Int32Array(2 * (v8.groupCount + 1)), want = got.slice();
      for (const subject of texts) {
        const match = re2js.exec(subject);
        compared++;
        if (match) matched++;
        assert.deepEqual(toArray(v8.exec(subject)), toArray(match), `${source} on ${subject}`);
        assert.equal(v8.offsets(subject, got.fill(0)), re2js.offsets(subject, want.fill(0)));
        if (match) assert.deepEqual(got, want, `${source} on ${subject}`);
      }
    }),
    { numRuns: 3000, seed: 3 },
  );
  assert.ok(compared > 4000 && matched > 2000, `${compared} compared, ${matched} matched`);
});

Deno.test("V8Matcher answers the same when V8 is slow and re2js takes over", () => {
  let nowMs = 0;
  let asked = 0;
  configureRe2({ v8LinearRescue: hasLinearFlag(), nowMs: () => (asked++, nowMs += 5) });
  const v8 = v8For("(\\w+)=(\\d+|x)")!;
  configureRe2({ v8LinearRescue: hasLinearFlag() });
  const offsets = new Int32Array(6);
  const askedAt: number[] = [];
  for (let n = 0; n < 600; n++) {
    assert.equal(v8.offsets("; a=1 b=2", offsets), true);
    assert.deepEqual([...offsets], [2, 5, 2, 3, 4, 5]);
    assert.deepEqual(toArray(v8.exec("ä=x")), null);
    assert.deepEqual(toArray(v8.exec("é a=x")), ["a=x", "a", "x"]);
    askedAt.push(asked);
  }
  assert.ok(asked >= 8, "it was never timed");
  assert.equal(askedAt[599], askedAt[300], "V8 was still asked");
});

function toArray(match: ArrayLike<string | undefined> | null): (string | undefined)[] | null {
  return match && Array.from(match);
}
