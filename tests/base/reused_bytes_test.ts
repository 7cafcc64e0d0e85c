import assert from "node:assert/strict";
import { GIANT_BYTES_MAX, ReusedBytes } from "../../src/base/reused_bytes.ts";

const KIB = 1024;

Deno.test("ReusedBytes gives the same array as long as it is large enough, in steps", () => {
  const reused = new ReusedBytes(64 * KIB, 1024 * KIB);
  const first = reused.take(1);
  assert.equal(first.length, 64 * KIB);
  assert.equal(reused.take(64 * KIB), first);
  const second = reused.take(64 * KIB + 1);
  assert.equal(second.length, 128 * KIB);
  for (let n = 0; n < 1000; n++) assert.equal(reused.take(1), second, "a usual size stays");
});

Deno.test("ReusedBytes keeps a giant's array for the giants after it, and gives it back when none comes for long", () => {
  const reused = new ReusedBytes(64 * KIB, 256 * KIB);
  const giant = reused.take(1024 * KIB);
  for (let n = 0; n < 1000; n++) assert.equal(reused.take(n % 100 === 0 ? 900 * KIB : 1), giant);
  let uses = 1;
  while (reused.take(1) === giant) uses++;
  assert.ok(uses > 100 && uses < 300, `${uses} small uses`);
  assert.equal(reused.take(1).length, 64 * KIB);
});

Deno.test("ReusedBytes keeps nothing that is larger than the largest giant", () => {
  const reused = new ReusedBytes(64 * KIB, 256 * KIB);
  const huge = reused.take(GIANT_BYTES_MAX + 1);
  assert.notEqual(reused.take(GIANT_BYTES_MAX + 1), huge);
  assert.equal(reused.take(1).length, 64 * KIB);
});
