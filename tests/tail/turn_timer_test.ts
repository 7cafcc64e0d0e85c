import assert from "node:assert/strict";
import { TurnTimer } from "../../src/tail/turn_timer.ts";
import { VirtualClock } from "../support/virtual_host.ts";

/** A timer, and when its turns ran. */
function setUp() {
  const clock = new VirtualClock();
  const ran: number[] = [];
  const timer = new TurnTimer(clock, () => void ran.push(clock.monotonicMs()));
  return { clock, ran, timer };
}

Deno.test("TurnTimer runs one turn at a time, never at once", () => {
  const { clock, ran, timer } = setUp();
  timer.request(10);
  timer.request(0);
  assert.deepEqual(ran, []);
  clock.advance(100);
  assert.deepEqual(ran, [10], "the one that was asked for first");
  timer.request(0);
  clock.advance(1);
  assert.deepEqual(ran, [10, 100]);
});

Deno.test("TurnTimer runs no turn after it was stopped", () => {
  const { clock, ran, timer } = setUp();
  timer.request(10);
  timer.stop();
  timer.request(0);
  clock.advance(100);
  assert.deepEqual([ran, timer.stopped], [[], true]);
});
