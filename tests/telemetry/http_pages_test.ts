import assert from "node:assert/strict";
import { httpPages } from "../../src/telemetry/http_pages.ts";
import { MetricRegistry } from "../../src/telemetry/metrics.ts";

const registry = new MetricRegistry();
registry.counter("lines_total", "Lines.").value = 3;

const READY = {
  pipelinesLoaded: true,
  nothingUsable: false,
  containersListed: true,
  checkpointError: "",
  waiting: [],
};
const LIVE = { loopStalledMs: 0, waitingFiles: [] };

Deno.test("httpPages answers each page when all is well", async () => {
  const pages = httpPages(registry, () => READY, () => LIVE);
  assert.equal((await pages("GET", "/healthz")).status, 200);
  assert.equal((await pages("GET", "/readyz")).status, 200);
  const metrics = await pages("GET", "/metrics");
  assert.match(metrics.body, /^lines_total 3$/m);
  assert.match(metrics.contentType, /^text\/plain; version=0\.0\.4/);
  assert.equal((await pages("GET", "/other")).status, 404);
  assert.equal((await pages("POST", "/metrics")).status, 405);
});

Deno.test("httpPages says 200 and what is waited for when a pipeline waits for its cluster", async () => {
  const waiting = ["the pipeline 'a' reads nothing yet, it is waiting for the resume points of topic 'r'"];
  const { status, body } = await httpPages(registry, () => ({ ...READY, waiting }), () => LIVE)(
    "GET",
    "/readyz",
  );
  assert.deepEqual([status, body], [200, `ok\n${waiting[0]}\n`]);
});

Deno.test("httpPages says 503 with the reasons when something is wrong", async () => {
  const pages = httpPages(
    registry,
    () => ({ ...READY, pipelinesLoaded: false, checkpointError: "disk full" }),
    () => ({ ...LIVE, loopStalledMs: 20_000 }),
  );
  const ready = await pages("GET", "/readyz");
  assert.equal(ready.status, 503);
  assert.equal(ready.body, "the pipelines are not loaded yet\nthe checkpoint cannot be written: disk full\n");
  const live = await pages("GET", "/healthz");
  assert.deepEqual([live.status, live.body], [503, "the event loop stood still for 20 s\n"]);
});
