import assert from "node:assert/strict";
import { figuresOf, mergeFigures, totalOf } from "../../src/telemetry/merged_metrics.ts";
import { MetricRegistry } from "../../src/telemetry/metrics.ts";

function registry(a: number, b: number, open: number): MetricRegistry {
  const metrics = new MetricRegistry();
  metrics.counter("x_total", "X.", { pipeline: "a", place: "p" }).value = a;
  metrics.counter("x_total", "X.", { pipeline: "b", place: "p" }).value = b;
  metrics.observe("open", "Open.", () => open);
  return metrics;
}

Deno.test("mergeFigures adds series with the same labels, in whatever order they stand", () => {
  const other = new MetricRegistry();
  other.counter("x_total", "X.", { place: "p", pipeline: "a" }).value = 100;
  other.gauge("own", "Own.").value = 5;
  const parts = [registry(1, 2, 3), registry(10, 20, 30), other].map((each) =>
    structuredClone(figuresOf(each.families()))
  );
  const merged = mergeFigures(parts);
  const values = merged.map((
    { name, kind, series },
  ) => [name, kind, [...series.values()].map(({ read }) => read())]);
  assert.deepEqual(values, [["x_total", "counter", [111, 22]], ["open", "gauge", [33]], ["own", "gauge", [
    5,
  ]]]);
  assert.equal(totalOf(parts, "x_total"), 133);
  assert.equal(totalOf(parts, "none"), 0);
});

Deno.test("figuresOf keeps what was said when the cells go on", () => {
  const metrics = registry(1, 2, 3);
  const figures = figuresOf(metrics.families());
  metrics.counter("x_total", "X.", { pipeline: "a", place: "p" }).value = 50;
  assert.equal(totalOf([figures], "x_total"), 3);
});
