import assert from "node:assert/strict";
import { leastOf } from "./least_of.ts";

Deno.test("leastOf measures until a figure is good enough, at most three times", async () => {
  const measured = (figures: number[]) => leastOf("a trial", 10, () => figures.shift()!);
  const [once, twice, never] = [[3, 1], [30, 4, 1], [30, 20, 40, 1]];
  assert.deepEqual([await measured(once), once], [3, [1]]);
  assert.deepEqual([await measured(twice), twice], [4, [1]]);
  assert.deepEqual([await measured(never), never], [20, [1]]);
});
