import assert from "node:assert/strict";
import { GLANCE_MS, Glances } from "../../src/tail/glances.ts";

Deno.test("Glances come every few milliseconds when looking costs little", () => {
  const glances = new Glances();
  assert.equal(glances.isDue(0), true);
  glances.begin(0);
  glances.spent(0.5);
  assert.equal(glances.isDue(GLANCE_MS - 1), false);
  assert.equal(glances.isDue(GLANCE_MS), true);
});

Deno.test("Glances take a twentieth of the time at most, over all turns they need", () => {
  const glances = new Glances();
  glances.begin(1_000);
  glances.spent(10);
  glances.spent(5);
  assert.equal(glances.isDue(1_000 + 299), false);
  assert.equal(glances.isDue(1_000 + 300), true);
  glances.begin(1_300);
  assert.equal(glances.isDue(1_300 + GLANCE_MS), true);
});
