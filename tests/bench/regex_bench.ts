/**
 * What the ways to get at captures cost, on the access-log pattern of the tutorial. Run with
 * `deno bench -A --v8-flags=--enable-experimental-regexp-engine,--enable-experimental-regexp-engine-on-excessive-backtracks tests/bench/regex_bench.ts`
 */
import { compileRe2, configureRe2 } from "../../src/base/re2/compile.ts";
import { parseRe2 } from "../../src/base/re2/parse.ts";
import { loadRe2js, Re2jsMatcher } from "../../src/base/re2/re2js_matcher.ts";
import { emitNode } from "../../src/base/re2/translate.ts";

const PATTERN =
  '([\\d\\.:]+) - (\\S+) \\[(\\S+) \\S+\\] \\"(\\S+) (\\S+) ([^\\\\"]+)\\" (\\d+) (\\d+) \\"([^\\\\"]*)\\" \\"([^\\\\"]*)\\" \\"([^\\\\"]*)\\"';

/** Fresh lines, since V8 remembers its last answers; cut out of one text, as an agent's lines are. */
function makeLines(agent: string): string[] {
  const text = Array.from(
    { length: 1000 },
    (_, i) =>
      `10.0.${i % 256}.${i % 200} - - [26/Jun/2023:12:32:${10 + i % 50} +0800] "GET /index/${i}?q=${
        i * 7
      } HTTP/1.1" ` +
      `200 ${i * 13} "-" "${agent} ${i}" "-"`,
  ).join("\n");
  return text.split("\n");
}

configureRe2({ v8LinearRescue: true });
await loadRe2js();
const { root, groupNames } = parseRe2(PATTERN);
const re2 = await compileRe2(PATTERN);
const re2js = new Re2jsMatcher(root, groupNames.length - 1);
const { source } = emitNode(root, { alphabet: "units", counted: false });
const plain = new RegExp(source), withIndices = new RegExp(source, "d");
const out = new Int32Array(2 * groupNames.length);
const ascii = makeLines("curl/8.1 (Linux)"), emoji = makeLines("浏览器 😀");
let sink = 0;

const group = "1000 access-log lines, 11 groups";

Deno.bench("RegExp exec, captures not looked at", { group, baseline: true }, () => {
  for (const line of ascii) sink += plain.exec(line)!.length;
});

Deno.bench("Re2 exec", { group }, () => {
  for (const line of ascii) sink += re2.exec(line)!.length;
});

Deno.bench("Re2 offsets (lengths)", { group }, () => {
  for (const line of ascii) if (re2.offsets(line, out)) sink += out[3];
});

Deno.bench("RegExp exec with the d flag", { group }, () => {
  for (const line of ascii) for (const range of withIndices.exec(line)!.indices!) sink += range![1];
});

Deno.bench("Re2 exec, non-ASCII with pairs", { group }, () => {
  for (const line of emoji) sink += re2.exec(line)!.length;
});

Deno.bench("Re2 offsets, non-ASCII with pairs", { group }, () => {
  for (const line of emoji) if (re2.offsets(line, out)) sink += out[3];
});

Deno.bench("re2js offsets", { group }, () => {
  for (const line of ascii) if (re2js.offsets(line, out)) sink += out[3];
});
