import assert from "node:assert/strict";
import { exposeMetrics } from "../../src/telemetry/exposition.ts";
import { MetricRegistry } from "../../src/telemetry/metrics.ts";

async function lines(registry: MetricRegistry): Promise<string[]> {
  const text = await exposeMetrics(registry.families());
  return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

Deno.test("MetricRegistry gives the same cell when name and labels are the same in another order", () => {
  const registry = new MetricRegistry();
  const cell = registry.counter("lines_total", "Lines.", { a: "1", b: "2" });
  assert.equal(registry.counter("lines_total", "Lines.", { b: "2", a: "1" }), cell);
  assert.notEqual(registry.counter("lines_total", "Lines.", { a: "1", b: "3" }), cell);
});

Deno.test("MetricRegistry.observe is read only when metrics are asked for", async () => {
  const registry = new MetricRegistry();
  let reads = 0;
  registry.observe("rss_bytes", "Memory.", () => ++reads);
  assert.equal(reads, 0);
  assert.deepEqual(await lines(registry), ["rss_bytes 1"]);
  assert.deepEqual(await lines(registry), ["rss_bytes 2"]);
});

Deno.test("MetricRegistry.forget removes all series when they carry the labels", async () => {
  const registry = new MetricRegistry();
  registry.counter("lines_total", "Lines.", { container: "a", stream: "stdout" }).value = 1;
  registry.counter("lines_total", "Lines.", { container: "b", stream: "stdout" }).value = 2;
  registry.gauge("open_files", "Files.", { container: "a" }).value = 3;
  registry.forget({ container: "a" });
  assert.deepEqual(await lines(registry), ['lines_total{container="b",stream="stdout"} 2']);
  assert.equal(registry.counter("lines_total", "Lines.", { container: "a", stream: "stdout" }).value, 0);
});

Deno.test("MetricRegistry counts into one series when a name has too many", async () => {
  const registry = new MetricRegistry(2);
  for (let i = 0; i < 5; i++) registry.counter("lines_total", "Lines.", { container: `c${i}` }).value += 1;
  assert.deepEqual(await lines(registry), [
    'lines_total{container="c0"} 1',
    'lines_total{container="c1"} 1',
    'lines_total{container="other"} 3',
  ]);
});

Deno.test("MetricRegistry throws when a counter is named like a gauge or made twice as another kind", () => {
  const registry = new MetricRegistry();
  assert.throws(() => registry.counter("lines", "Lines."), /BUG/);
  registry.counter("x_total", "X.");
  assert.throws(() => registry.gauge("x_total", "X."), /BUG/);
});

Deno.test("MetricRegistry.total sums all series of a name", () => {
  const registry = new MetricRegistry();
  registry.counter("lines_total", "Lines.", { a: "1" }).value = 2;
  registry.counter("lines_total", "Lines.", { a: "2" }).value = 3;
  assert.equal(registry.total("lines_total"), 5);
  assert.equal(registry.total("nothing_total"), 0);
});
