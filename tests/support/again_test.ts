import assert from "node:assert/strict";
import { again } from "./again.ts";

Deno.test("again gives what the first good try gives, and the last error when none is good", async () => {
  let tries = 0;
  const third = () => ++tries < 3 ? Promise.reject(new Error(`try ${tries}`)) : Promise.resolve(tries);
  assert.equal(await again("a trial", third, 0), 3);
  await assert.rejects(again("a trial", () => Promise.reject(new Error(`try ${++tries}`)), 0), {
    message: "try 6",
  });
});
