import assert from "node:assert/strict";
import type { Clock } from "../../src/core/host.ts";
import { LoopWatch } from "../../src/telemetry/loop_watch.ts";
import { VirtualClock } from "../support/virtual_host.ts";

/** A clock whose time can pass without any timer running, as when the loop is blocked. */
class BlockableClock extends VirtualClock implements Clock {
  #blockedMs = 0;

  block(ms: number): void {
    this.#blockedMs += ms;
  }

  override monotonicMs(): number {
    return super.monotonicMs() + this.#blockedMs;
  }
}

Deno.test("LoopWatch sees nothing when the loop runs", () => {
  const clock = new BlockableClock();
  const watch = new LoopWatch(clock);
  watch.start();
  clock.advance(100_000);
  clock.block(9_000);
  clock.advance(5_000);
  assert.equal(watch.stalledMs(), 0);
  watch.stop();
  assert.equal(clock.pending, 0);
});

Deno.test("LoopWatch tells a stall when the request comes before the late beat, and forgets it after a while", () => {
  const clock = new BlockableClock();
  const watch = new LoopWatch(clock);
  watch.start();
  clock.advance(1_000);
  clock.block(12_000);
  assert.equal(watch.stalledMs(), 11_000);
  clock.advance(14_000);
  assert.equal(watch.stalledMs(), 11_000);
  clock.advance(2_000);
  assert.equal(watch.stalledMs(), 0);
});
