import assert from "node:assert/strict";
import { Alarm } from "../../../src/flushers/kafka/alarm.ts";
import { VirtualClock } from "../../support/virtual_clock.ts";

function setUp() {
  const clock = new VirtualClock();
  const runs: number[] = [];
  return { clock, runs, alarm: new Alarm(clock, () => runs.push(clock.monotonicMs())) };
}

Deno.test("Alarm runs once, at the earliest of the times that were asked for", async () => {
  const { clock, runs, alarm } = setUp();
  for (const atMs of [300, 100, 200]) alarm.at(atMs);
  await clock.advance(1_000);
  assert.deepEqual(runs, [100]);
});

Deno.test("Alarm runs again when it is asked again, at once for a time that has passed", async () => {
  const { clock, runs, alarm } = setUp();
  alarm.at(100);
  await clock.advance(150);
  alarm.at(50);
  await clock.advance(0);
  alarm.at(400);
  await clock.advance(1_000);
  assert.deepEqual(runs, [100, 150, 400]);
});

Deno.test("Alarm may be asked by its own job", async () => {
  const clock = new VirtualClock();
  const runs: number[] = [];
  const alarm: Alarm = new Alarm(clock, () => {
    runs.push(clock.monotonicMs());
    if (runs.length < 3) alarm.at(clock.monotonicMs() + 10);
  });
  alarm.at(10);
  await clock.advance(100);
  assert.deepEqual(runs, [10, 20, 30]);
});

Deno.test("Alarm does not run when it was cancelled, and takes later times after that", async () => {
  const { clock, runs, alarm } = setUp();
  alarm.at(100);
  alarm.cancel();
  alarm.at(500);
  await clock.advance(1_000);
  assert.deepEqual(runs, [500]);
});
