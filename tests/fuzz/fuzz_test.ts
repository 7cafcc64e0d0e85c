/** The short form of `deno task fuzz`: a second for each parser of foreign bytes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { allTargets } from "./all_targets.ts";
import { runTarget, target } from "./target.ts";

const SHORT_MS = 1_000;
// Always the same: what random ones find is for `deno task fuzz` to find, not for somebody's unrelated change.
const seed = 20_261_128;

for (const one of allTargets) {
  Deno.test(`fuzz: ${one.name}: ${one.summary}`, () => {
    const { runs, failure } = runTarget(one, SHORT_MS, seed);
    assert.equal(failure, null, failure ?? "");
    assert.ok(runs > 10, `only ${runs} inputs`);
  });
}

Deno.test("runTarget reports what fails with its smallest input and the way to see it again", () => {
  const broken = target("broken", "fails on long texts", fc.string(), (text) => assert.ok(text.length < 5));
  const { failure } = runTarget(broken, 5_000, 1);
  assert.match(failure ?? "", /broken: Property failed[\s\S]*--only 'broken' --seed 1$/);
  assert.equal(runTarget(broken, 5_000, 1).failure, failure, "the same seed finds the same");
});
