import assert from "node:assert/strict";
import { METRICS } from "../../src/telemetry/metric_list.ts";
import { sourceFiles } from "../support/source_files.ts";

/** Name and help of each call that makes a metric. */
function metricsOfSources(): Map<string, string> {
  const found = new Map<string, string>();
  for (const { path, text } of sourceFiles()) {
    for (const [, , name, help] of text.matchAll(/\.(counter|gauge|observe)\(\s*"(\w+)",\s*"([^"]+)"/g)) {
      const known = found.get(name);
      assert.ok(known === undefined || known === help, `${path}: '${name}' has two helps`);
      found.set(name, help);
    }
  }
  return found;
}

Deno.test("METRICS lists every metric of the sources, in the same words", () => {
  const found = metricsOfSources();
  assert.ok(found.size > 20, "the sources are searched");
  const listed = new Map(METRICS.map(({ name, help }) => [name, help]));
  assert.equal(listed.size, METRICS.length, "no name stands there twice");
  assert.deepEqual(new Map([...listed].sort()), new Map([...found].sort()));
});

Deno.test("METRICS is found by the search for every name that the sources spell out", () => {
  const listed = new Set(METRICS.map(({ name }) => name));
  for (const { path, text } of sourceFiles()) {
    for (const [name] of text.matchAll(/\bdenotail_[a-z_]+(?:_total|_bytes|_files)\b/g)) {
      assert.ok(listed.has(name), `${path} spells '${name}', which is no metric`);
    }
  }
});
