import assert from "node:assert/strict";
import { readOptions } from "./bench_options.ts";

Deno.test("readOptions runs everything with peers when nothing is given", () => {
  const options = readOptions([], ["raw"]);
  assert.deepEqual(
    [options.lines, options.runs, options.only, options.codecs, options.peers, options.gate],
    [1_000_000, 3, [], ["default", "none"], true, false],
  );
});

Deno.test("readOptions takes names in one flag or in several", () => {
  assert.deepEqual(readOptions(["--only", "raw,json", "--only=idle"], ["raw", "json", "idle"]).only, [
    "raw",
    "json",
    "idle",
  ]);
});

Deno.test("readOptions throws when a workload is unknown or a number is none", () => {
  assert.throws(() => readOptions(["--only", "row"], ["raw"]), /no workload 'row'; there are raw/);
  assert.throws(() => readOptions(["--lines", "many"], []), /--lines takes a number above 0, not 'many'/);
});

Deno.test("readOptions leaves the peers out when --no-peers is given, and never runs them more often than us", () => {
  const options = readOptions(["--no-peers", "--runs", "1"], []);
  assert.deepEqual([options.peers, options.peerRuns], [false, 1]);
});
