/** Regular expressions of pipeline files, and the lines that they meet. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteScanner } from "../../src/base/re2/byte_scanner.ts";
import { parseRe2 } from "../../src/base/re2/parse.ts";
import { isDeterministic } from "../../src/base/re2/deterministic.ts";
import { loadRe2js, Re2jsMatcher } from "../../src/base/re2/re2js_matcher.ts";
import { Re2SyntaxError } from "../../src/base/re2/syntax_error.ts";
import { UntranslatableError } from "../../src/base/re2/translate.ts";
import { configureRe2, hasLinearFlag, isRescued } from "../../src/base/re2/v8_guard.ts";
import { V8Matcher } from "../../src/base/re2/v8_matcher.ts";
import { damagedText } from "./damaged.ts";
import { type FuzzTarget, target } from "./target.ts";

configureRe2({ v8LinearRescue: hasLinearFlag() });
await loadRe2js();

const GOLDEN = new URL("../golden/re2/cases.jsonl", import.meta.url);
const golden = Deno.readTextFileSync(GOLDEN).trimEnd().split("\n").map((line) => JSON.parse(line).pattern)
  .filter((pattern) => typeof pattern === "string" && pattern.length < 200) as string[];

const pattern = damagedText(fc.constantFrom(...golden, "(a+)+$", "(a|aa)*b", "(.*)*x", "([a-z]+\\d?)*!"), [
  ...[
    "(",
    ")",
    "(?:",
    "(?P<n>",
    "(?i)",
    "(?s)",
    "(?U)",
    "[",
    "]",
    "[^",
    "[:alpha:]",
    "{2}",
    "{0,}",
    "{1000}",
  ],
  ...[
    "*",
    "+?",
    "??",
    "|",
    "^",
    "$",
    "\\b",
    "\\pL",
    "\\p{Greek}",
    "\\x{10FFFF}",
    "\\Q",
    "\\E",
    "\\C",
    "\\z",
    ".",
  ],
  ...["é", "😀", "\ud800", "\0", "-", "a", "\\"],
]);

/** Short for the comparison, and the long kind on which a backtracking engine never ends. */
const subject = fc.oneof(
  fc.array(fc.constantFrom("a", "b", "ab", "K", "\n", "\r", " ", "0", "é", "😀", "\u2028", "\ud800"), {
    maxLength: 12,
  })
    .map((parts) => parts.join("")),
  fc.tuple(fc.constantFrom("a", "ab", "x ", "0", "é"), fc.constantFrom("", "!", "b")).map(([unit, end]) =>
    unit.repeat(60) + end
  ),
);

/** What a pattern compiles to, `null` when it is refused with a place. */
function compiled(source: string) {
  let parsed;
  try {
    parsed = parseRe2(source);
  } catch (error) {
    if (error instanceof Re2SyntaxError) return null;
    throw error;
  }
  const { root, groupNames } = parsed;
  const groups = groupNames.length - 1;
  let v8: V8Matcher | null = null;
  try {
    // As the product chooses: without its flags V8 gets only patterns with one way to match.
    if (isRescued() || isDeterministic(root)) v8 = new V8Matcher(root, groups);
  } catch (error) {
    if (!(error instanceof UntranslatableError)) throw error;
  }
  return { root, groups, v8, scanner: ByteScanner.of(root) };
}

export const regexTargets: readonly FuzzTarget[] = [
  target(
    "regex translation",
    "patterns are refused with a reason, or V8, re2js and the byte scanner find the same groups in linear time",
    fc.tuple(pattern, fc.array(subject, { minLength: 3, maxLength: 3 })),
    ([source, subjects]) => {
      const pattern = compiled(source);
      if (pattern === null) return;
      const { root, groups, v8, scanner } = pattern;
      const plain = new Re2jsMatcher(root, groups);
      for (const text of subjects) {
        const want = new Int32Array(2 * groups + 2), got = want.slice();
        const found = plain.offsets(text, want);
        if (v8 !== null) {
          assert.equal(v8.offsets(text, got), found, `on ${JSON.stringify(text)}`);
          if (found) assert.deepEqual(got, want, `on ${JSON.stringify(text)}`);
        }
        // deno-lint-ignore no-control-regex
        if (scanner === null || !/^[\0-\x7f]*$/.test(text)) continue;
        const bytes = new TextEncoder().encode(text);
        if (scanner.run(bytes, 0, bytes.length, got)) {
          assert.deepEqual(got, want, `scanner on ${JSON.stringify(text)}`);
        }
      }
    },
  ),
];
