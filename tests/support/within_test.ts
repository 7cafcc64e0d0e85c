import assert from "node:assert/strict";
import { within } from "./within.ts";

Deno.test("within gives what the promise gives, and its error, when they come in time", async () => {
  assert.equal(await within(10_000, "a number", Promise.resolve(7)), 7);
  await assert.rejects(within(10_000, "a number", Promise.reject(new TypeError("no"))), TypeError);
});

Deno.test("within says what it waited for, and the detail, when the limit passes", async () => {
  const never = new Promise<never>(() => {});
  await assert.rejects(within(1, "the child", never), {
    message: "gave up after 1 ms waiting for the child",
  });
  await assert.rejects(within(1, "the child", never, () => "it said: no"), {
    message: "gave up after 1 ms waiting for the child:\nit said: no",
  });
});
