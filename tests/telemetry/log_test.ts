import assert from "node:assert/strict";
import { OwnLog } from "../../src/telemetry/log.ts";
import { VirtualClock } from "../support/virtual_host.ts";

function logTo(lines: string[], clock = new VirtualClock(), format: "json" | "text" = "json") {
  return new OwnLog({ write: (line) => lines.push(line), clock, format, perMinute: 3 });
}

Deno.test("OwnLog writes one JSON object per line when the format is json", () => {
  const lines: string[] = [];
  logTo(lines).warn("a file is gone", { path: "/x", bytes: 5, time: "fake", nothing: undefined });
  assert.deepEqual(lines.map((line) => JSON.parse(line)), [{
    time: "2023-11-14T22:13:20.000Z",
    level: "warn",
    message: "a file is gone",
    path: "/x",
    bytes: 5,
  }]);
  assert.ok(lines[0].endsWith("}\n"));
});

Deno.test("OwnLog leaves out lines when they are below its level", () => {
  const lines: string[] = [];
  const log = logTo(lines);
  log.debug("fine");
  log.error("bad");
  assert.equal(lines.length, 1);
});

Deno.test("OwnLog counts what it held back when a message storms", () => {
  const lines: string[] = [];
  const clock = new VirtualClock();
  const log = logTo(lines, clock);
  for (let i = 0; i < 10; i++) log.warn("storm", { i });
  log.warn("another");
  assert.equal(lines.length, 4);
  clock.advance(60_000);
  log.warn("storm", { i: 10 });
  assert.equal(JSON.parse(lines[4]).held_back, 7);
  log.warn("storm", { i: 11 });
  assert.equal(JSON.parse(lines[5]).held_back, undefined);
});

Deno.test("OwnLog.flush says what was held back when the message does not come again", () => {
  const lines: string[] = [];
  const clock = new VirtualClock();
  const log = logTo(lines, clock);
  for (let i = 0; i < 5; i++) log.error("storm");
  log.flush();
  assert.equal(lines.length, 3);
  clock.advance(60_000);
  log.flush();
  assert.deepEqual([JSON.parse(lines[3]).level, JSON.parse(lines[3]).held_back], ["error", 2]);
  log.flush(true);
  assert.equal(lines.length, 4);
});

Deno.test("OwnLog.warnOnce is silent when the key was there before", () => {
  const lines: string[] = [];
  const log = logTo(lines);
  for (let i = 0; i < 5; i++) log.warnOnce("a", "once", { i });
  log.warnOnce("b", "once");
  assert.equal(lines.length, 2);
});

Deno.test("OwnLog.hide keeps a secret out of every line when a library quotes it", () => {
  const lines: string[] = [];
  const log = logTo(lines);
  log.hide("pass");
  log.hide("password1");
  log.hide("x");
  log.error("login failed", { reason: "SASL: password1 refused, x pass" });
  assert.equal(JSON.parse(lines[0]).reason, "SASL: *** refused, x ***");
});

Deno.test("OwnLog.hide keeps a secret out of lines that escape its quotes and backslashes", () => {
  for (const format of ["json", "text"] as const) {
    const lines: string[] = [];
    const log = logTo(lines, new VirtualClock(), format);
    log.hide('top"secret\\1');
    log.error("login failed", { reason: 'SASL: top"secret\\1 refused' });
    assert.ok(!/secret/.test(lines[0]), lines[0]);
    assert.match(lines[0], /SASL: \*\*\* refused/);
  }
});

Deno.test("OwnLog leaves out messages that somebody else says", () => {
  const lines: string[] = [];
  const log = new OwnLog({
    write: (line) => lines.push(line),
    clock: new VirtualClock(),
    format: "text",
    saidElsewhere: new Set(["Agent started"]),
  });
  log.info("Agent started");
  log.info("Agent stopped");
  assert.equal(lines.length, 1);
});
