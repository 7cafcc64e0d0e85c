import assert from "node:assert/strict";
import { KEPT_MAX, Refusals } from "../../src/tail/refusals.ts";
import { OwnLog } from "../../src/telemetry/log.ts";
import { MetricRegistry } from "../../src/telemetry/metrics.ts";

Deno.test("Refusals counts and says each file once and sums up by reason", () => {
  const lines: string[] = [];
  const clock = { wallMs: () => 0, monotonicMs: () => 0 };
  const metrics = new MetricRegistry();
  const log = new OwnLog({ write: (line) => lines.push(line), clock, format: "json", perMinute: 100 });
  const refusals = new Refusals(log, metrics);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 7; i++) refusals.add("binary", "host", `/var/log/${i}`, "Holds a NUL byte at 0");
    refusals.add("denied", "web", "/root/a.log", "no");
  }
  assert.equal(lines.length, 8);
  assert.equal(metrics.counter("denotail_refused_files_total", "", { reason: "binary" }).value, 7);
  assert.deepEqual([...refusals.byReason], [
    ["binary", { count: 7, paths: [0, 1, 2, 3, 4].map((i) => `/var/log/${i}`) }],
    ["denied", { count: 1, paths: ["web:/root/a.log"] }],
  ]);
});

Deno.test("Refusals names no more files than it remembers, and says so once", () => {
  const lines: string[] = [];
  const clock = { wallMs: () => 0, monotonicMs: () => 0 };
  const log = new OwnLog({ write: (line) => lines.push(line), clock, format: "json", perMinute: 1e6 });
  const refusals = new Refusals(log, new MetricRegistry());
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < KEPT_MAX + 5; i++) refusals.add("binary", "host", `/${i}`, "Holds a NUL byte at 0");
  }
  assert.equal(lines.length, KEPT_MAX + 1);
  assert.match(lines.at(-1)!, /further ones are not named/);
  assert.equal(refusals.byReason.get("binary")!.count, KEPT_MAX);
});
