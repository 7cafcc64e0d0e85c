import assert from "node:assert/strict";
import { startChild } from "../../support/child.ts";

const PROBE = new URL("../../support/hostile_lines.ts", import.meta.url).pathname;

/** Of CPU time. 1.6 MB/s were the least; a backtracking engine would not end at all. */
const MB_PER_S_MIN = 1;

/** Both are baked into the binary. */
const FLAGS =
  "--enable-experimental-regexp-engine,--enable-experimental-regexp-engine-on-excessive-backtracks";

Deno.test("compileRe2 takes 1 MB/s at least when lines of any length are made to be slow for their pattern", async () => {
  const child = startChild(["run", "-A", "--quiet", "--no-check", `--v8-flags=${FLAGS}`, PROBE]);
  const { out, err } = await child.ended();
  assert.notEqual(out, "", err);
  const rates = JSON.parse(out) as Record<string, number[]>;
  assert.ok(Object.keys(rates).length >= 12);
  for (const [pattern, byLength] of Object.entries(rates)) {
    for (const rate of byLength) assert.ok(rate > MB_PER_S_MIN, `'${pattern}': ${rate.toFixed(3)} MB/s`);
  }
});
