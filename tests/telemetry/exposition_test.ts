import assert from "node:assert/strict";
import { exposeMetrics } from "../../src/telemetry/exposition.ts";
import { MetricRegistry } from "../../src/telemetry/metrics.ts";

Deno.test("exposeMetrics writes the text form with escapes when labels hold anything", async () => {
  const registry = new MetricRegistry();
  registry.counter("lines_total", "Lines read.", { path: 'a"b\\c\nd' }).value = 12;
  registry.gauge("open_files", "Files that are open.").value = -1;
  assert.equal(
    await exposeMetrics(registry.families()),
    [
      "# HELP lines_total Lines read.",
      "# TYPE lines_total counter",
      'lines_total{path="a\\"b\\\\c\\nd"} 12',
      "",
      "# HELP open_files Files that are open.",
      "# TYPE open_files gauge",
      "open_files -1",
      "",
    ].join("\n"),
  );
});

Deno.test("exposeMetrics answers when a source gives nonsense", async () => {
  const registry = new MetricRegistry();
  registry.observe("bad_total", "Bad.", () => NaN);
  registry.observe("worse_total", "Worse.", () => -5);
  registry.observe("gauge", "Gauge.", () => NaN);
  const text = await exposeMetrics(registry.families());
  assert.deepEqual(text.match(/^[a-z].*$/gm), ["bad_total 0", "worse_total 0", "gauge 0"]);
});
