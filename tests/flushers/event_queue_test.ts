import assert from "node:assert/strict";
import { PermanentError, RetriableError } from "../../src/core/errors.ts";
import type { EventWriter } from "../../src/core/event_writer.ts";
import { Ledger } from "../../src/core/ledger.ts";
import { EVENT_QUEUE_BYTES_MAX, EventQueue } from "../../src/flushers/event_queue.ts";
import { FixedBudget, KeptLog, KeptMetrics } from "../support/flusher_bed.ts";
import { settle, VirtualClock } from "../support/virtual_clock.ts";

/** A queue whose writer takes 5 bytes a time, fails when told, and syncs when told. */
function setUp() {
  const clock = new VirtualClock();
  const [log, metrics, budget] = [new KeptLog(), new KeptMetrics(), new FixedBudget()];
  const state = {
    text: "",
    error: null as Error | null,
    syncs: [] as (() => void)[],
    holdSync: false,
    wakes: 0,
  };
  const writer: EventWriter = {
    write: (bytes) => {
      if (state.error !== null) return Promise.reject(state.error);
      const taken = bytes.subarray(0, 5);
      state.text += new TextDecoder().decode(taken);
      return Promise.resolve(taken.length);
    },
    sync: () => state.holdSync ? new Promise((resolve) => state.syncs.push(resolve)) : Promise.resolve(),
    close: () => {},
  };
  const queue = new EventQueue("here", writer, { clock, log, metrics, budget });
  queue.onRoom(() => state.wakes++);
  const ledger = new Ledger({ done: [0] }, () => {});
  let at = 0;
  const add = (text: string) => {
    const bytes = new TextEncoder().encode(text);
    queue.reserve(bytes.length);
    queue.out.set(bytes, queue.used);
    queue.used += bytes.length;
    const entry = ledger.open({ done: [at += bytes.length] });
    queue.add(entry);
    entry.settle();
  };
  return { clock, log, metrics, budget, state, queue, add, safe: () => ledger.safe.done[0] };
}

Deno.test("EventQueue writes all bytes in order, also those that come while it writes", async () => {
  const { state, queue, add, safe } = setUp();
  add("one line\n");
  add("two\n");
  await queue.drained();
  assert.deepEqual([state.text, safe()], ["one line\ntwo\n", 13]);
  assert.ok(state.wakes > 0);
});

Deno.test("EventQueue settles only what was synced, and counts it until then", async () => {
  const { state, queue, add, safe, budget } = setUp();
  state.holdSync = true;
  add("one line\n");
  await settle();
  assert.deepEqual([state.text, safe(), budget.holders[0].used], ["one line\n", 0, 9]);
  assert.equal(queue.room(), EVENT_QUEUE_BYTES_MAX - 9);
  state.syncs[0]();
  await settle();
  assert.deepEqual([safe(), budget.holders[0].used, queue.room()], [9, 0, EVENT_QUEUE_BYTES_MAX]);
});

Deno.test("EventQueue tries a failed write again from the byte it got to, and calls itself stalled", async () => {
  const { clock, state, queue, add, safe, metrics, budget } = setUp();
  state.error = new RetriableError("EVENTS_NOT_WRITTEN", "no space");
  add("one line\n");
  await clock.run(12_000);
  assert.equal(safe(), 0);
  assert.ok(metrics.value("denotail_events_write_failures_total place=here") >= 3);
  queue.room();
  assert.equal(budget.holders[0].stalled, true);
  state.error = null;
  await clock.run(30_000);
  assert.deepEqual([state.text, safe()], ["one line\n", 9]);
});

Deno.test("EventQueue gives up when there is no way back: nothing settles, nothing waits", async () => {
  const { clock, log, state, queue, add, safe } = setUp();
  state.error = new PermanentError("EVENTS_NOT_WRITTEN", "nobody reads");
  add("one line\n");
  await queue.drained();
  add("two\n");
  await clock.run(60_000);
  assert.deepEqual([state.text, safe(), queue.room()], ["", 0, 0]);
  assert.equal(log.find("cannot be written any more").length, 1);
});
