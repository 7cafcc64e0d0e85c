import assert from "node:assert/strict";
import { inspectAll } from "../../src/discovery/inspect_queue.ts";
import { settle } from "../support/virtual_host.ts";

Deno.test("inspectAll runs eight at a time and all in the end", async () => {
  const items = Array.from({ length: 20 }, (_, index) => index);
  const waiting: (() => void)[] = [];
  const done: number[] = [];
  let most = 0;
  const all = inspectAll(items, async (item) => {
    await new Promise<void>((resolve) => waiting.push(resolve));
    done.push(item);
  });
  while (done.length < items.length) {
    most = Math.max(most, waiting.length);
    for (const go of waiting.splice(0)) go();
    await settle();
  }
  await all;
  assert.equal(most, 8);
  assert.deepEqual(done.sort((left, right) => left - right), items);
});

Deno.test("inspectAll starts nothing new after a rejection and passes it on", async () => {
  const begun: number[] = [];
  const all = inspectAll(Array.from({ length: 20 }, (_, index) => index), (item) => {
    begun.push(item);
    return item === 3 ? Promise.reject(new Error("no")) : Promise.resolve();
  });
  await assert.rejects(all, /no/);
  assert.ok(begun.length < 20);
});

Deno.test("inspectAll ends at once when there is nothing to do", async () => {
  await inspectAll([], () => Promise.reject(new Error("never")));
});
