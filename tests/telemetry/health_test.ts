import assert from "node:assert/strict";
import { type LiveFacts, liveness, readiness, type ReadyFacts } from "../../src/telemetry/health.ts";
import { TailWorld, TestOutput } from "../support/tail_world.ts";

const READY: ReadyFacts = {
  pipelinesLoaded: true,
  nothingUsable: false,
  containersListed: true,
  checkpointError: "",
  waiting: [],
};
const LIVE: LiveFacts = { loopStalledMs: 0, waitingFiles: [] };

Deno.test("readiness is good when all conditions hold, and names each one that does not", () => {
  assert.deepEqual(readiness(READY), { ok: true, reasons: [], notes: [] });
  const broken: [Partial<ReadyFacts>, RegExp][] = [
    [{ pipelinesLoaded: false }, /pipelines are not loaded/],
    [
      { nothingUsable: true },
      /the config folder cannot be read, or every file in the config folder has errors/,
    ],
    [{ containersListed: false }, /first list/],
    [{ checkpointError: "disk full" }, /checkpoint cannot be written: disk full/],
  ];
  for (const [facts, reason] of broken) {
    const health = readiness({ ...READY, ...facts });
    assert.equal(health.ok, false);
    assert.equal(health.reasons.length, 1);
    assert.match(health.reasons[0], reason);
  }
});

Deno.test("readiness is good when a pipeline waits for a dead cluster, and names what it waits for", () => {
  const waiting = ["the pipeline 'a' reads nothing yet, it is waiting for the resume points of topic 'r'"];
  assert.deepEqual(readiness({ ...READY, waiting }), { ok: true, reasons: [], notes: waiting });
});

Deno.test("liveness fails when the event loop stood still for 10 s", () => {
  assert.equal(liveness({ ...LIVE, loopStalledMs: 9_999 }).ok, true);
  const health = liveness({ ...LIVE, loopStalledMs: 10_000 });
  assert.deepEqual(health, { ok: false, reasons: ["the event loop stood still for 10 s"] });
});

Deno.test("liveness fails when a file with data and room made no progress for 60 s", () => {
  const file = { path: "/var/log/a.log", idleMs: 59_999 };
  assert.equal(liveness({ ...LIVE, waitingFiles: [file] }).ok, true);
  const files = Array.from({ length: 8 }, (_, i) => ({ path: `/var/log/${i}`, idleMs: 61_000 }));
  const health = liveness({ ...LIVE, waitingFiles: [file, ...files] });
  assert.equal(health.reasons.length, 6);
  assert.equal(health.reasons[0], "'/var/log/0' has data and room but made no progress for 61 s");
  assert.equal(health.reasons[5], "3 more files made no progress");
});

Deno.test("liveness fails for a file of the tail that cannot be read for 60 s, and for no other", () => {
  const world = new TailWorld();
  const output = new TestOutput();
  const path = "/var/log/app.log";
  const now = () =>
    liveness({ loopStalledMs: 0, waitingFiles: world.tail.waitingFiles(world.clock.monotonicMs()) });
  world.files.write(path, "one\n");
  world.follow(path, [output]);
  world.clock.advance(3_600_000);
  world.files.failing.add(path);
  world.files.append(path, "two\n");
  world.clock.advance(59_000);
  assert.deepEqual(now(), { ok: true, reasons: [] }, "an hour of silence before does not count");
  world.clock.advance(2_000);
  assert.deepEqual(now().reasons.length, 1);
  assert.match(now().reasons[0], /^'\/var\/log\/app\.log' has data and room but made no progress for 6\d s$/);
  world.files.failing.clear();
  world.clock.advance(2_000);
  assert.deepEqual(now(), { ok: true, reasons: [] });
  assert.deepEqual(output.got, ["one", "two"]);
  output.roomBytes = 0;
  world.files.append(path, "three\n");
  world.clock.advance(600_000);
  assert.deepEqual(now(), { ok: true, reasons: [] }, "a broker that is down is no reason to be restarted");
  assert.equal(world.tail.backlogBytes(), 6);
});
