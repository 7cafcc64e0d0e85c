import assert from "node:assert/strict";
import { GzSimulation } from "./gz_simulation.ts";

/** Histories that once found something. */
const FOUND: readonly number[] = [];

Deno.test("packed generations are read in order, all of them and once, in random histories", async () => {
  for (const seed of [...FOUND, ...Array.from({ length: 40 }, (_, i) => i)]) {
    assert.deepEqual(await new GzSimulation(seed).run(), [], `seed ${seed}`);
  }
});
