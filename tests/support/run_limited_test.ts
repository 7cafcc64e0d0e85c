import assert from "node:assert/strict";
import { isAlive, waitFor } from "./process.ts";
import { runLimited } from "./run_limited.ts";

const quiet = { writeSync: (bytes: Uint8Array) => bytes.length };
const show = { out: quiet, err: quiet };

Deno.test("runLimited gives code and output of both streams when the program ends by itself", async () => {
  const script = 'console.log("out"); console.error("err"); Deno.exit(3)';
  const { code, output, timedOut } = await runLimited(["eval", script], { limitMs: 60_000, show });
  assert.deepEqual([code, timedOut], [3, false]);
  assert.deepEqual(output.trim().split("\n").sort(), ["err", "out"]);
});

Deno.test("runLimited kills the program and its children when the limit passes", async () => {
  // The child inherits the output: as long as it lives, its end does not come.
  const script = `const child = new Deno.Command("sleep", { args: ["1000"], stdout: "inherit" }).spawn();
console.log("child " + child.pid); await new Promise(() => setTimeout(() => {}, 1e9));`;
  let text = "";
  const out = { writeSync: (bytes: Uint8Array) => (text += new TextDecoder().decode(bytes), bytes.length) };
  // A busy machine may need longer to come to the child.
  for (const limitMs of [2_000, 10_000, 40_000]) {
    const began = performance.now();
    const { code, timedOut } = await runLimited(["eval", script], { limitMs, show: { out, err: quiet } });
    assert.deepEqual([code, timedOut], [137, true]);
    assert.ok(performance.now() - began < limitMs + 30_000);
    if (text !== "") break;
  }
  const child = Number(/child (\d+)/.exec(text)?.[1]);
  assert.ok(child > 1, text);
  await waitFor("the end of the child", () => !isAlive(child));
});
