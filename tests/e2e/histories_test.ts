/**
 * Random histories of the whole agent, as many as two processes play in a minute or so; what is fixed about them stands
 * in docs/reliability.md. One of them again: `deno task sim --steps 100 --seed N`.
 */
import assert from "node:assert/strict";
import { projectRoot } from "../support/paths.ts";

/** Each takes 50 ms of CPU: two quiet cores play them in half a minute, and two that others use, too, in two minutes. */
const COUNT = 1_000;

/** Seeds that still show something, with what it is; the list only becomes shorter. */
const KNOWN: Readonly<Record<number, string>> = {};

Deno.test(`agent keeps its promises in histories 1 to ${COUNT}`, async () => {
  const args = ["run", "-A", "--no-check", "tests/simulation/run.ts"];
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [...args, "--steps", "100", "--seed", "1", "--count", String(COUNT), "--jobs", "2"],
    cwd: projectRoot,
    stderr: "inherit",
  }).output();
  const output = new TextDecoder().decode(stdout);
  assert.match(output, /\d+ passed, \d+ failed\n$/);
  const failed = [...output.matchAll(/^seed (\d+):/gm)].map(([, seed]) => Number(seed));
  assert.deepEqual(failed.sort((a, b) => a - b), Object.keys(KNOWN).map(Number), output);
});
