import assert from "node:assert/strict";
import { RuntimeError } from "../../src/core/runtime.ts";
import { withDeadline } from "../../src/discovery/deadline.ts";
import { VirtualClock } from "../support/virtual_host.ts";

const never = new AbortController().signal;

Deno.test("withDeadline gives the answer and leaves no timer when it comes in time", async () => {
  const clock = new VirtualClock();
  assert.equal(await withDeadline(clock, 100, never, () => Promise.resolve(7)), 7);
  await assert.rejects(withDeadline(clock, 100, never, () => Promise.reject(new Error("no"))), /no/);
  assert.equal(clock.pending, 0);
});

Deno.test("withDeadline rejects and fires the signal when a call that never ends is too slow", async () => {
  const clock = new VirtualClock();
  let seen: AbortSignal | undefined;
  const call = withDeadline(clock, 100, never, (signal) => {
    seen = signal;
    return new Promise(() => {});
  });
  const outcome = call.catch((error) => error as RuntimeError);
  await clock.run(99);
  assert.equal(seen?.aborted, false);
  await clock.run(1);
  assert.deepEqual([(await outcome as RuntimeError).reason, seen?.aborted], ["timeout", true]);
});

Deno.test("withDeadline rejects at once when the parent fires, and does not begin when it had", async () => {
  const clock = new VirtualClock();
  const parent = new AbortController();
  const call = withDeadline(clock, 100, parent.signal, () => new Promise(() => {})).catch((error) => error);
  parent.abort();
  assert.equal((await call as RuntimeError).reason, "away");
  let begun = false;
  await assert.rejects(withDeadline(clock, 100, parent.signal, () => {
    begun = true;
    return Promise.resolve();
  }));
  assert.deepEqual([begun, clock.pending], [false, 0]);
});
