import assert from "node:assert/strict";
import { compileRe2, configureRe2, Re2SyntaxError } from "../../../src/base/re2/compile.ts";
import { FAST_SUBJECT_CHARS_MAX, SUBJECT_CHARS_MAX } from "../../../src/base/re2/guarded_regexp.ts";
import { hasLinearFlag } from "../../../src/base/re2/v8_guard.ts";
import { leastOf } from "../../support/least_of.ts";

const hasFlags = hasLinearFlag();
configureRe2({ v8LinearRescue: hasFlags });

const NGINX =
  '([\\d\\.:]+) - (\\S+) \\[(\\S+) \\S+\\] \\"(\\S+) (\\S+) ([^\\\\"]+)\\" (\\d+) (\\d+) \\"([^\\\\"]*)\\" \\"([^\\\\"]*)\\" \\"([^\\\\"]*)\\"';

Deno.test("compileRe2 gives group texts, names and the index of the match", async () => {
  const re2 = await compileRe2("(?P<key>\\w+)=(?:(\\d+)|(x))");
  const match = re2.exec("a; b=12");
  assert.deepEqual(match && [...Array.from(match)], ["b=12", "b", "12", undefined]);
  assert.equal(match!.index, 3);
  assert.deepEqual(re2.groupNames, ["", "key", "", ""]);
  assert.equal(re2.groupCount, 3);
  assert.equal(re2.exec("nothing"), null);
});

Deno.test("compileRe2 takes the leftmost-first match when anchoredFull is set", async () => {
  for (
    const [pattern, text, want] of [["(a|ab)", "ab", false], ["(a.*?)", "abc", false], ["ab", "ab", true]]
  ) {
    const re2 = await compileRe2(pattern as string, { anchoredFull: true });
    assert.equal(re2.test(text as string), want, `${pattern}`);
    assert.equal(re2.offsets(text as string, new Int32Array(4)), want, `${pattern}`);
  }
  assert.equal((await compileRe2("\\d+ (\\w+)", { anchoredFull: true })).exec("12 ab!"), null);
});

Deno.test("compileRe2 matches the whole text in any way when whole is set", async () => {
  const re2 = await compileRe2("(a|ab)", { whole: true });
  assert.equal(re2.exec("ab")?.[1], "ab");
  assert.equal(re2.test("abc"), false);
  assert.equal((await compileRe2("a|b", { whole: true })).test("ac"), false);
});

Deno.test("compileRe2 lets the dot match newlines when dotAll is set", async () => {
  assert.equal((await compileRe2("a.b", { dotAll: true })).test("a\nb"), true);
  assert.equal((await compileRe2("a.b")).test("a\nb"), false);
});

Deno.test("compileRe2 rejects with place and hint when the pattern has a lookahead", async () => {
  await assert.rejects(compileRe2("ab(?=c)"), (error) => {
    assert.ok(error instanceof Re2SyntaxError);
    assert.equal(error.position, 2);
    assert.equal(
      error.message,
      "invalid or unsupported Perl syntax: '(?=' at character 3 (RE2 has no lookahead and no lookbehind)",
    );
    return true;
  });
  await assert.rejects(compileRe2("(a)\\1"), /RE2 has no back-references/);
  await assert.rejects(compileRe2("(?<=a)b"), /no lookbehind/);
  await assert.rejects(compileRe2("a(b"), { reason: "missing closing )", position: 1 });
});

Deno.test({
  name: "compileRe2 chooses V8 for ordinary patterns and says why when it does not",
  ignore: !hasFlags,
  fn: async () => {
    for (const pattern of [NGINX, "(?i)error", "(\\d{1,3}\\.){3}\\d+", "(?m)^a", "\\d{1,100}x", "(a+)+$"]) {
      const re2 = await compileRe2(pattern);
      assert.deepEqual([re2.engine, re2.notice], ["v8", undefined], pattern);
    }
    for (const pattern of ["(a*)*", "(?m)a$", "(?:(a)|b)*", "(a){17}", "(?:a?b?|c?|)".repeat(20)]) {
      const re2 = await compileRe2(pattern);
      assert.equal(re2.engine, "re2js", pattern);
      assert.match(re2.notice!, /runs on the slower engine because/);
    }
  },
});

Deno.test("compileRe2 keeps to deterministic patterns when V8 has no rescue", async () => {
  configureRe2({ v8LinearRescue: false });
  try {
    assert.equal((await compileRe2("(\\d+) (\\w+)")).engine, "v8");
    assert.equal((await compileRe2("(a+)+$")).engine, "re2js");
    const long = await compileRe2("(\\d+)x");
    assert.equal(long.test("1".repeat(100_000)), false);
    assert.equal(long.exec("1".repeat(5000) + "x")?.[1]?.length, 5000);
    assert.equal(long.slowSubjects, 2);
  } finally {
    configureRe2({ v8LinearRescue: hasFlags });
  }
});

Deno.test("compileRe2 treats half a surrogate pair as U+FFFD", async () => {
  assert.equal((await compileRe2("^(.)b")).exec("\ud800b")?.[1], "\ufffd");
  assert.equal((await compileRe2("^(.*)*b$")).exec("\udc00b")?.[1], "\ufffd");
});

Deno.test("exec gives the same answer when the subject is short, long and beyond the cap", async () => {
  const re2 = await compileRe2("(x+)(y?)=(\\S+) (.*)z(?:(q)|(r))");
  for (const fill of [10, FAST_SUBJECT_CHARS_MAX, SUBJECT_CHARS_MAX]) {
    const text = "- xx=12 " + "w".repeat(fill) + "zr";
    assert.deepEqual(Array.from(re2.exec(text)!).slice(1, 4), ["xx", "", "12"]);
    const out = new Int32Array(14);
    assert.ok(re2.offsets(text, out));
    const end = text.length;
    assert.deepEqual([...out], [2, end, 2, 4, 4, 4, 5, 7, 8, end - 2, -1, -1, end - 1, end]);
  }
  if (re2.engine === "v8") assert.equal(re2.slowSubjects, 2);
});

/** Milliseconds that a job takes. */
function took(job: () => void): number {
  const began = performance.now();
  job();
  return performance.now() - began;
}

const LENGTH = 50_000;
const HOSTILE: readonly (readonly [pattern: string, text: string])[] = [
  ["(a+)+$", "a".repeat(LENGTH) + "b"],
  [".*.*=.*x", "=".repeat(LENGTH)],
  [".*.*=.*x", "x".repeat(LENGTH)],
  ["(x+x+)+y", "x".repeat(LENGTH)],
  ["(?:a{1,20}){1,10}b", "a".repeat(LENGTH)],
  ["(a|a|ab)*c", "ab".repeat(LENGTH / 2)],
  ["\\d+x", "1".repeat(LENGTH)],
  ["[ab]*?[ab]*?[ab]*?x", "ab".repeat(LENGTH / 2)],
  ["(\\w+)=(\\d+)", "a".repeat(LENGTH)],
  [NGINX, "1.".repeat(LENGTH / 2)],
  ["(.*?,){11}P", "1,2,".repeat(LENGTH / 4)],
  ["(?:.*a)+(.+)+$x", "中😀".repeat(LENGTH / 3)],
  ["(?i)(s+)+k$", "ſs".repeat(LENGTH / 2)],
  ["(a*)*b", "a".repeat(LENGTH)],
  ["(?m)(a+)+$x", "a".repeat(LENGTH)],
];

for (const [pattern, text] of HOSTILE) {
  Deno.test(`exec ends within a second when '${pattern.slice(0, 20)}' meets ${text.slice(0, 4)}…`, async () => {
    const re2 = await compileRe2(pattern);
    const twice = () => {
      assert.equal(re2.exec(text), null);
      assert.equal(re2.offsets(text, new Int32Array(2 * (re2.groupCount + 1))), false);
    };
    assert.ok(await leastOf("two runs", 2000, () => took(twice)) <= 2000);
    const pieces = () => {
      for (let piece = 0; piece < 20; piece++) re2.exec(text.slice(0, FAST_SUBJECT_CHARS_MAX));
    };
    assert.ok(await leastOf("20 pieces", 2000, () => took(pieces)) <= 2000);
  });
}
