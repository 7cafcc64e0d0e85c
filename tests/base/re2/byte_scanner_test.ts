import assert from "node:assert/strict";
import fc from "fast-check";
import { ByteScanner } from "../../../src/base/re2/byte_scanner.ts";
import { compileRe2, configureRe2 } from "../../../src/base/re2/compile.ts";
import { parseRe2 } from "../../../src/base/re2/parse.ts";

configureRe2({ v8LinearRescue: true });
const encoder = new TextEncoder();

/** What the plain way says of a match that begins at 0: offsets of all groups, or null. */
async function plainAtBegin(pattern: string, text: string): Promise<number[] | null> {
  const re2 = await compileRe2(pattern);
  const out = new Int32Array(2 * (re2.groupCount + 1));
  return re2.offsets(text, out) && out[0] === 0 ? [...out] : null;
}

function scanned(pattern: string, text: string): number[] | null | undefined {
  const { root, groupNames } = parseRe2(pattern);
  const scanner = ByteScanner.of(root);
  if (scanner === null) return undefined;
  const bytes = encoder.encode(`<<${text}>>`);
  const out = new Int32Array(2 * groupNames.length);
  return scanner.run(bytes, 2, bytes.length - 2, out) ? [...out] : null;
}

const atom = fc.constantFrom("a", "b", " ", "\\]", "[ab]", "[^a]", "[^ ]", "\\S", "[a\\]]", "b", ".", "\\w");
const count = fc.constantFrom("", "", "", "+", "*", "+?", "*?");
const element = fc.tuple(atom, count).map(([what, times]) => what + times);
const group = fc.array(element, { minLength: 0, maxLength: 3 }).map((parts) => parts.join(""));
const pattern = fc.tuple(
  fc.constantFrom("", "", "", "^"),
  fc.array(fc.oneof(element, group.map((body) => `(${body})`)), { minLength: 1, maxLength: 6 }),
  fc.constantFrom("", "", "$"),
).map(([begin, parts, end]) => begin + parts.join("") + end);
const subject = fc.string({ unit: fc.constantFrom("a", "b", " ", "]", "c", "\n"), maxLength: 14 });

Deno.test("run says what the engines say when the match begins at the begin", async () => {
  let matches = 0;
  await fc.assert(
    fc.asyncProperty(pattern, fc.array(subject, { minLength: 8, maxLength: 8 }), async (source, texts) => {
      for (const text of texts) {
        const found = scanned(source, text);
        if (found === undefined) return;
        assert.deepEqual(found, await plainAtBegin(source, text), `${source} on ${JSON.stringify(text)}`);
        if (found !== null) matches++;
      }
    }),
    { numRuns: 4000 },
  );
  assert.ok(matches > 500, `only ${matches} matches were compared`);
});

Deno.test("of takes the tutorial's pattern and run places its groups", () => {
  const source = String
    .raw`([\d\.:]+) - (\S+) \[(\S+) \S+\] \"(\S+) (\S+) ([^\\"]+)\" (\d+) (\d+) \"([^\\"]*)\" \"([^\\"]*)\" \"([^\\"]*)\"`;
  const line =
    '10.0.0.1 - - [26/Jun/2023:12:32:10 +0800] "GET /a?b=c HTTP/1.1" 200 612 "-" "curl/7" "-" tail';
  const out = scanned(source, line)!;
  const groups = [];
  for (let i = 2; i < out.length; i += 2) groups.push(line.slice(out[i], out[i + 1]));
  assert.deepEqual(groups, new RegExp(source).exec(line)!.slice(1));
});

Deno.test("of refuses when a choice is open", () => {
  const open = [
    "(a|b)c",
    "\\S+\\]",
    "a+b?c",
    "a{1,3}b",
    "(ab)+c",
    "[ab]+b+c",
    "\\ba",
    "(?m)^a",
    "a+?",
    "[ab]*b*c",
  ];
  for (const source of open) assert.equal(scanned(source, "abc"), undefined, source);
});

Deno.test("scan says nothing when the match begins later or must span the text and does not", async () => {
  const out = new Int32Array(4);
  const bytes = encoder.encode("xab ");
  assert.equal((await compileRe2("(a)b")).scan(bytes, 0, 3, out), false);
  assert.equal((await compileRe2("(a)b", { anchoredFull: true })).scan(bytes, 1, 4, out), false);
  assert.equal((await compileRe2("(a)b", { anchoredFull: true })).scan(bytes, 1, 3, out), true);
  assert.deepEqual([...out], [0, 2, 0, 1]);
});
