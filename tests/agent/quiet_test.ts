import assert from "node:assert/strict";
import { Quiet } from "../../src/agent/quiet.ts";

const MINUTE = 60_000;

/** Seconds in which `quiet` said that it begins, sampled from `from` to `to`. */
function begun(quiet: Quiet, from: number, to: number, heldAt: (second: number) => number): number[] {
  const seconds = Array.from({ length: to - from }, (_, i) => from + i);
  return seconds.filter((second) => quiet.begins(heldAt(second), second * 1000));
}

Deno.test("Quiet.begins is true once when nothing is held for half a minute after the start", () => {
  assert.deepEqual(begun(new Quiet(), 0, 3600, () => 0), [30]);
});

Deno.test("Quiet.begins waits when something is held now and then", () => {
  assert.deepEqual(begun(new Quiet(), 0, 3600, (second) => second % 20 === 0 ? 1 : 0), []);
});

Deno.test("Quiet.begins is true again after more work, but not more often than every ten minutes", () => {
  const quiet = new Quiet();
  assert.deepEqual(begun(quiet, 0, 100, () => 0), [30]);
  assert.deepEqual(begun(quiet, 100, 1500, (second) => second < 110 ? 5 : 0), [30 + 10 * MINUTE / 1000]);
  assert.deepEqual(begun(quiet, 1500, 3600, (second) => second < 2000 ? 5 : 0), [2030]);
});
