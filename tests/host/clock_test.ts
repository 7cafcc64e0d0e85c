import assert from "node:assert/strict";
import { systemClock } from "../../src/host/clock.ts";

Deno.test("systemClock.after takes a real timer turn when the delay is 0", async () => {
  const order: string[] = [];
  await new Promise<void>((done) => {
    systemClock.after(0, () => (order.push("timer"), done()));
    queueMicrotask(() => order.push("microtask"));
    order.push("now");
  });
  assert.deepEqual(order, ["now", "microtask", "timer"]);
});

Deno.test("systemClock.after never runs a job that was cancelled", async () => {
  let ran = false;
  systemClock.after(1, () => ran = true).cancel();
  await new Promise<void>((done) => systemClock.after(5, done));
  assert.equal(ran, false);
});

Deno.test("systemClock.monotonicMs never goes back", () => {
  let last = systemClock.monotonicMs();
  for (let i = 0; i < 1000; i++) {
    const now = systemClock.monotonicMs();
    assert.ok(now >= last);
    last = now;
  }
});
