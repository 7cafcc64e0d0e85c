/**
 * Patterns on which a backtracking engine never ends, on lines made for them. Prints as JSON, for each pattern and length
 * of line, MB per second of CPU, the time in which the matcher notices included. `--without-watch`: without a clock to
 * notice by.
 */
import process from "node:process";
import { compileRe2, configureRe2 } from "../../src/base/re2/compile.ts";
import { loadRe2js } from "../../src/base/re2/re2js_matcher.ts";

const watches = !Deno.args.includes("--without-watch");
configureRe2({ v8LinearRescue: true, nowMs: watches ? () => Date.now() : undefined });
await loadRe2js();

/** The line is `begin`, then `unit` again and again, then `end`. */
const CASES: readonly (readonly [pattern: string, unit: string, end: string, begin?: string])[] = [
  ["^(a+)+$", "a", "!"],
  ["^(a|aa)+$", "a", "!"],
  ["^(a|a?)+$", "a", "!"],
  ["(.*)*x", "a", ""],
  ["^(([a-z])+.)+[A-Z]([a-z])+$", "a", ""],
  ["(x+x+)+y", "x", ""],
  ["^(\\w+\\s?)*$", "ab ", "!"],
  ["(.*?,){11}P", "1,", ""],
  ['^(\\S+) (\\S+) (\\S+) \\[(.*)\\] "(.*) (.*)"$', '] " ', "x", "a b c ["],
  // They match in the end, so that groups are asked for, too.
  ["(a+)+b", "a", "!ab"],
  ["(a|aa)+b", "a", "!ab"],
  ["(x+x+)+y", "x", "!xxy"],
];
const LINE_CHARS = [24, 128, 2_000, 32 * 1024];
const MEASURED_MS = 150;
/** A figure below so many MB per second is measured again, so often at most. */
const UNSURE = 1.5;
const TRIES = 3;

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** MB per second of CPU. */
async function rate(pattern: string, line: string): Promise<number> {
  const compiled = await compileRe2(pattern, { dotAll: true });
  const out = new Int32Array(2 * (compiled.groupCount + 1));
  const began = cpuMs();
  let chars = 0;
  do {
    compiled.offsets(line, out);
    chars += line.length;
  } while (cpuMs() - began < MEASURED_MS);
  return chars / 1_000 / (cpuMs() - began);
}

const rates: Record<string, number[]> = {};
for (const [pattern, unit, end, begin = ""] of CASES) {
  const byLength: number[] = rates[`${pattern} on ${begin}${unit}…${end}`] = [];
  for (const chars of LINE_CHARS) {
    const line = begin + unit.repeat(Math.ceil(chars / unit.length)) + end;
    let best = await rate(pattern, line);
    // Another program may have had the caches.
    for (let n = 1; n < TRIES && watches && best < UNSURE; n++) {
      best = Math.max(best, await rate(pattern, line));
    }
    byLength.push(best);
  }
}
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(rates)));
