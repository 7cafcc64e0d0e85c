import assert from "node:assert/strict";
import { LookPace } from "../../src/tail/look_pace.ts";

function paceOf(paths: number, asMany = false) {
  const pace = new LookPace(100, asMany);
  pace.count(paths);
  return { few: pace.few, busyMs: pace.everyMs(true), idleMs: pace.everyMs(false) };
}

Deno.test("LookPace looks at every poll when paths are few, and less often the more there are", () => {
  assert.deepEqual(paceOf(50), { few: true, busyMs: 0, idleMs: 0 });
  assert.deepEqual(paceOf(100), { few: true, busyMs: 150, idleMs: 150 });
  assert.deepEqual(paceOf(200), { few: false, busyMs: 350, idleMs: 2_900 });
  assert.deepEqual(paceOf(10_000), { few: false, busyMs: 950, idleMs: 2_900 });
});

Deno.test("LookPace takes few paths for many when it is told to", () => {
  assert.deepEqual(paceOf(3, true), { few: false, busyMs: 950, idleMs: 2_900 });
});
