/** Patterns on which a backtracking engine never ends, on lines made for them: prints MB/s of each as JSON. */
import { compileRe2, configureRe2 } from "../../src/base/re2/compile.ts";

configureRe2({ v8LinearRescue: true });

const CASES: readonly (readonly [pattern: string, unit: string, end: string])[] = [
  ["^(a+)+$", "a", "!"],
  ["^(a|aa)+$", "a", "!"],
  ["^(a|a?)+$", "a", "!"],
  ["(.*)*x", "a", ""],
  ["^(([a-z])+.)+[A-Z]([a-z])+$", "a", ""],
  ["(x+x+)+y", "x", ""],
  ["^(\\w+\\s?)*$", "ab ", "!"],
  ["(.*?,){11}P", "1,", ""],
  ['^(\\S+) (\\S+) (\\S+) \\[(.*)\\] "(.*) (.*)"$', 'a "', ""],
];
const LINE_CHARS = 32 * 1024;

const rates: Record<string, number> = {};
for (const [pattern, unit, end] of CASES) {
  const compiled = await compileRe2(pattern);
  const line = unit.repeat(LINE_CHARS / unit.length) + end;
  const began = performance.now();
  let chars = 0;
  do {
    compiled.test(line);
    chars += line.length;
  } while (performance.now() - began < 20);
  rates[`${compiled.engine} ${pattern}`] = chars / 1_000 / (performance.now() - began);
}
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(rates)));
