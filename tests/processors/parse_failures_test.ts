import assert from "node:assert/strict";
import type { PluginContext } from "../../src/core/plugin.ts";
import { ParseFailures } from "../../src/processors/parse_failures.ts";
import { MetricRegistry } from "../../src/telemetry/metrics.ts";
import { MemoryLog } from "../support/memory_log.ts";

function setUp(warn: { unparsed: boolean; withoutKey: boolean }) {
  const log = new MemoryLog();
  const metrics = new MetricRegistry();
  const context = { pipeline: "p", id: "processor_x#0", log, metrics } as unknown as PluginContext;
  const failures = new ParseFailures(context, "content", "Records are odd", warn);
  const labels = { pipeline: "p", processor: "processor_x#0" };
  const value = (name: string) => metrics.counter(`denotail_processor_${name}_total`, "", labels).value;
  return { log, failures, counts: () => [value("unparsed"), value("missing_key")] };
}

Deno.test("ParseFailures counts always, and warns once per batch of what it was asked to warn of", () => {
  const { log, failures, counts } = setUp({ unparsed: true, withoutKey: false });
  failures.add(3, 2);
  failures.add(1, 0);
  assert.deepEqual(counts(), [4, 2]);
  assert.deepEqual(log.messages("warn"), ["Records are odd", "Records are odd"]);
});

Deno.test("ParseFailures says nothing of a batch without failures", () => {
  const { log, failures, counts } = setUp({ unparsed: true, withoutKey: true });
  failures.add(0, 0);
  assert.deepEqual([counts(), log.messages("warn")], [[0, 0], []]);
  failures.add(0, 1);
  assert.deepEqual(log.messages("warn"), ["Records have no field with the source key"]);
});
