import assert from "node:assert/strict";
import { compileRe2, configureRe2, type Re2, Re2SyntaxError } from "../../../src/base/re2/compile.ts";
import { parseRe2 } from "../../../src/base/re2/parse.ts";
import { loadRe2js, Re2jsMatcher } from "../../../src/base/re2/re2js_matcher.ts";
import { hasLinearFlag, linearRegExp } from "../../../src/base/re2/v8_guard.ts";
import { V8Matcher } from "../../../src/base/re2/v8_matcher.ts";
import { emitNode, UntranslatableError } from "../../../src/base/re2/translate.ts";

interface GoldenCase {
  pattern: string;
  flags?: string;
  text: string;
  ok: boolean;
  whole: boolean;
  error?: string;
  names?: string[];
  groups?: (string | null)[];
  indexes?: number[];
}

const cases: GoldenCase[] =
  (await Deno.readTextFile(new URL("../../golden/re2/cases.jsonl", import.meta.url)))
    .trim().split("\n").map((line) => JSON.parse(line));
const valid = cases.filter((golden) => golden.error === undefined);

// The task that runs the tests passes both V8 flags or none.
configureRe2({ v8LinearRescue: hasLinearFlag() });
await loadRe2js();

interface Engine {
  exec(text: string): ArrayLike<string | undefined> & { index: number } | null;
  offsets?(text: string, out: Int32Array): boolean;
}

function patternOf({ pattern, flags }: GoldenCase): string {
  return flags ? `(?${flags})${pattern}` : pattern;
}

function answerOf(engine: Engine, { text }: GoldenCase, groupCount: number) {
  const match = engine.exec(text);
  const out = new Int32Array(2 * (groupCount + 1));
  const hasOffsets = engine.offsets?.(text, out);
  return {
    groups: match && Array.from(match, (group) => group ?? null),
    index: match && match.index,
    indexes: hasOffsets === undefined ? undefined : hasOffsets ? [...out] : null,
  };
}

function expected(golden: GoldenCase, hasOffsets = true) {
  return {
    groups: golden.groups ?? null,
    index: golden.indexes?.[0] ?? null,
    indexes: hasOffsets ? golden.indexes ?? null : undefined,
  };
}

/** Runs all valid cases, one engine per pattern, and reports every difference at once. */
function compareAll(engineFor: (golden: GoldenCase) => Engine | undefined, hasOffsets = true): number {
  const differences: unknown[] = [];
  let compared = 0;
  let last: { pattern: string; engine: Engine | undefined } | undefined;
  for (const golden of valid) {
    const pattern = patternOf(golden);
    if (last?.pattern !== pattern) last = { pattern, engine: engineFor(golden) };
    if (!last.engine) continue;
    compared++;
    const want = expected(golden, hasOffsets);
    const got = answerOf(last.engine, golden, golden.names?.length ?? 0);
    try {
      assert.deepEqual(got, want);
    } catch {
      differences.push({ pattern, text: golden.text, got, want });
    }
  }
  assert.deepEqual(differences, []);
  return compared;
}

function v8For(golden: GoldenCase): V8Matcher | undefined {
  const { root, groupNames } = parseRe2(patternOf(golden));
  try {
    return new V8Matcher(root, groupNames.length - 1);
  } catch (error) {
    if (error instanceof UntranslatableError) return undefined;
    throw error;
  }
}

Deno.test("golden answers are at least 500", () => assert.ok(cases.length >= 500));

Deno.test("V8Matcher answers as Go does when the pattern can be translated", () => {
  assert.ok(compareAll(v8For) > 1000);
});

Deno.test("emitNode's counted form answers as Go does", () => {
  const compared = compareAll((golden) => {
    if (!v8For(golden)) return undefined;
    const { root } = parseRe2(patternOf(golden));
    const regexps = (["units", "pairs"] as const).map((alphabet) =>
      new RegExp(emitNode(root, { alphabet, counted: true }).source)
    );
    return { exec: (text) => regexps[/[\ud800-\udfff]/.test(text) ? 1 : 0].exec(text) };
  }, false);
  assert.ok(compared > 1000);
});

Deno.test("Re2jsMatcher answers as Go does for every pattern", () => {
  const compared = compareAll((golden) => {
    const { root, groupNames } = parseRe2(patternOf(golden));
    return new Re2jsMatcher(root, groupNames.length - 1);
  });
  assert.equal(compared, valid.length);
});

Deno.test({
  name: "V8's linear engine answers as Go does and takes every translated pattern",
  ignore: !hasLinearFlag(),
  fn: () => {
    const isAstral = /[\ud800-\udfff]/;
    const compared = compareAll((golden) => {
      const source = v8For(golden)?.source;
      if (source === undefined) return undefined;
      const regexp = linearRegExp(source);
      assert.ok(regexp, golden.pattern);
      return { exec: (text) => isAstral.test(text) ? v8For(golden)!.exec(text) as never : regexp.exec(text) };
    }, false);
    assert.ok(compared > 1000);
  },
});

Deno.test("compileRe2 answers as Go does with every option", async () => {
  const differences: unknown[] = [];
  for (const golden of valid) {
    const dotAll = golden.flags === "s";
    const pattern = dotAll ? golden.pattern : patternOf(golden);
    const search = await compileRe2(pattern, { dotAll });
    assert.deepEqual(search.groupNames.slice(1), golden.names ?? []);
    assert.equal(search.groupCount, golden.names?.length ?? 0);
    const spans = golden.ok && golden.groups![0] === golden.text;
    const checks: [string, Re2, boolean][] = [
      ["search", search, golden.ok],
      ["full", await compileRe2(pattern, { dotAll, anchoredFull: true }), spans],
      ["whole", await compileRe2(pattern, { dotAll, whole: true }), golden.whole],
    ];
    for (const [kind, re2, want] of checks) {
      if (re2.test(golden.text) !== want) differences.push({ kind, pattern, text: golden.text, want });
    }
  }
  assert.deepEqual(differences, []);
});

Deno.test("parseRe2 refuses what Go refuses, with Go's reason", () => {
  const differences: unknown[] = [];
  for (const golden of cases) {
    let got: string | undefined;
    try {
      parseRe2(patternOf(golden));
    } catch (error) {
      if (!(error instanceof Re2SyntaxError)) throw error;
      got = `error parsing regexp: ${error.reason}: \`${error.fragment}\``;
      assert.ok(error.position >= 0 && error.position <= golden.pattern.length);
    }
    if (got !== golden.error) differences.push({ pattern: golden.pattern, got, want: golden.error });
  }
  assert.deepEqual(differences, []);
});
