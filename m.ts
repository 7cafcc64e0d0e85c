import { compileRe2, configureRe2 } from "/tmp/c/src/base/re2/compile.ts";
configureRe2({ v8LinearRescue: true });
const CASES: [string,string,string][] = [
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
const { RE2JS } = await import("npm:re2js@2.10.0");
import { printRe2 } from "/tmp/c/src/base/re2/print_re2.ts";
import { parseRe2 } from "/tmp/c/src/base/re2/parse.ts";
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
import process from "node:process";
function rate(f: (s: string) => unknown, line: string): number {
  f(line); const b = cpu(); let n = 0;
  do { f(line); n += line.length; } while (cpu() - b < 40);
  return n / 1000 / (cpu() - b);
}
for (const [p,u,e] of CASES) {
  const c = await compileRe2(p, { dotAll: true });
  const out = new Int32Array(64);
  const js = RE2JS.compile(printRe2(parseRe2(p, true).root));
  const row: string[] = [];
  for (const len of [32, 128, 512, 2000, 32768]) {
    const line = u.repeat(Math.floor(len/u.length)) + e;
    const off = rate((s) => c.offsets(s, out), line);
    const ex = rate((s) => c.exec(s), line);
    let t = NaN; try { t = rate((s) => js.test(s), line); } catch (err) { console.log(String(err)); }
    row.push(`${len}: ${off.toFixed(2)} / ${ex.toFixed(2)} / dfa ${t.toFixed(1)}`);
  }
  console.log(c.engine, p, "\n   ", row.join("\n    "));
}
