import assert from "node:assert/strict";
import { runChild, startChild } from "./child.ts";
import { isAlive, waitFor } from "./process.ts";

Deno.test("runChild gives code and both outputs when the program ends", async () => {
  const script = 'console.log("é out"); console.error("err"); Deno.exit(Number(Deno.env.get("CODE")))';
  const result = await runChild(["eval", script], { env: { CODE: "4" } });
  assert.deepEqual(result, { code: 4, out: "é out\n", err: "err\n" });
});

Deno.test("startChild.saw waits for a text, and gives the standard error when the program ends without it", async () => {
  const script = 'console.log("one"); console.error("why"); setTimeout(() => console.log("two"), 50)';
  const child = startChild(["eval", script]);
  await child.saw("two");
  assert.equal(child.out, "one\ntwo\n");
  await assert.rejects(child.saw("three"), /ended without 'three'; standard error:\nwhy\n$/);
  assert.equal((await child.ended()).code, 0);
});

Deno.test("startChild kills the program and says what it said when the limit passes", async () => {
  const script = 'console.error("stuck here"); setInterval(() => {}, 1000)';
  // Long enough for it to say something: several times what a start takes here and now.
  const began = performance.now();
  await runChild(["eval", "1"]);
  const limitMs = 1_000 + Math.round(5 * (performance.now() - began));
  const child = startChild(["eval", script], { limitMs });
  const wanted = new RegExp(`gave up after ${limitMs} ms waiting for the end of .*stuck here`, "s");
  await assert.rejects(child.saw("never"), wanted);
  await assert.rejects(child.ended(), wanted);
  await waitFor("the end of the child", () => !isAlive(child.pid));
});
