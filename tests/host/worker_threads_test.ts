import assert from "node:assert/strict";
import { startThread } from "../../src/host/worker_threads.ts";

const module = new URL("../support/echo_worker.ts", import.meta.url);

Deno.test("startThread carries messages both ways in their order, and tells of an error that nobody caught", async () => {
  const thread = startThread<string, string>(module);
  const heard: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  thread.onFailure(resolve);
  thread.onMessage((message) => {
    heard.push(message);
    if (message === "ready") {
      thread.post("one");
      thread.post("two");
    } else if (message === "two, too") thread.post("die");
  });
  assert.match(await promise, /told to die/);
  assert.deepEqual(heard, ["ready", "one, too", "two, too"]);
  thread.terminate();
});

Deno.test("parentThread stands still until it is answered, whatever the length", async () => {
  const thread = startThread<string, string>(module);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  thread.onFailure((reason) => reject(new Error(reason)));
  thread.onMessage((message, answer) => {
    if (message === "ready") thread.post("ask");
    else if (message === "question") setTimeout(() => answer("später: ✓"), 20);
    else if (message === "another") answer("x".repeat(10_000));
    else resolve(message);
  });
  assert.equal(await promise, `answered 'später: ✓' and '${"x".repeat(4096)}'`);
  thread.terminate();
});

Deno.test("startThread tells of a module that cannot be loaded", async () => {
  const thread = startThread(new URL("none.ts", module));
  const { promise, resolve } = Promise.withResolvers<string>();
  thread.onFailure(resolve);
  // Its words are those of the loader, or of the type checker where that comes first.
  assert.notEqual(await promise, "");
  thread.terminate();
});
